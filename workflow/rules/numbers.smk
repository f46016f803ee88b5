# Which numbers of the study the rules hand to their commands, stage by stage: each gets no more than it reads.

BASELINES = sorted({name for task in STUDY.tasks.values() for name in task.baselines})
RIVALS = [name for name in STUDY.models if STUDY.is_rival(name)]
COMPARED = BASELINES + RIVALS  # what the study's own models are compared with
FEW_SHOT = STUDY.run.few_shot
MARKED = inline({"baselines": COMPARED} | shown_bp())


def stated_sum(wildcards):
    """The sum that the dataset table states; none where a first download recorded it, so that stating it fetches nothing again."""
    dataset = STUDY.datasets[wildcards.dataset]
    record = Path(f"{dataset.path}.sha256")
    recorded = record.read_text().split()[:1] if record.exists() else []
    return None if recorded == [dataset.sha256] else dataset.sha256


def normalise(*names):
    """The study's choices of these names about normalising."""
    return {name: RUN["normalise"][name] for name in names}


def contact_choices(wildcards):
    """What normalising contacts needs to know; of a thinned map also which reads are kept."""
    thin = RUN["thin"].get(wildcards.sample, {})
    kept = {f"keep_{name}": thin[name] for name in ("fraction", "start", "seed") if thin}
    own = sample_keys(wildcards, "chromosomes", "resolution_bp") | normalise("balance", "ice_mad_max", "trans")
    return inline(own | kept)


def signal_choices(wildcards):
    """What normalising a signal needs to know: the policy of its own assay, and none of the others'."""
    policy = {wildcards.assay: RUN["normalise"]["missing"].get(wildcards.assay, "zero")}
    chosen = sample_keys(wildcards, "chromosomes", "track_bp", "effective_genome_bp") | normalise("bam_normalisation")
    return inline(chosen | {"missing": policy})


def split_choices(wildcards):
    """The numbers of a genome that its splits depend on."""
    return inline(genome_keys(prefixed_genome(wildcards), "chromosomes", "resolution_bp", "splits"))


def tile_choices(wildcards):
    """A tileset's numbers with those of the study that its arrays depend on."""
    chosen = RUN["tilesets"][wildcards.tileset]
    tileset = {key: value for key, value in chosen.items() if key not in ("genome", "samples")}
    assays = [*tileset["tracks"], *(assay for name in tileset["targets"] for assay in name.split("+"))]
    policies = {assay: RUN["normalise"]["missing"].get(assay, "zero") for assay in assays}
    own = genome_keys(tileset_genome(wildcards), "chromosomes", "resolution_bp", "track_bp")
    return inline(own | tileset | {"missing": policies})


def label_choices(wildcards):
    """A task's numbers that labelling reads, and the samples it trains and is scored on."""
    task = STUDY.tasks[wildcards.task]
    samples = {"train_samples": task.train_samples, "test_samples": task.test_samples}
    return inline({"parameters": task.numbers("label")} | {key: value for key, value in samples.items() if value})


def numbers_of(model, stage):
    """A model's numbers that a stage reads; no code is an input here: `revision` says when code changed the numbers."""
    chosen = STUDY.models[model]
    mixed = {"pretrain_tilesets"} if stage == "pretrain" and chosen.pretrain_tilesets else ()
    numbers = chosen.model_dump(mode="json", include={"family", "revision", "parameters", stage, *mixed})
    init = init_of(chosen.model_dump(include={"init", "pretrain"}), stage)
    return numbers | ({"init": init} if init else {})


def init_files(wildcards, stage):
    """The files of the weights that a stage of a model starts from, other than an encoder of the study."""
    path = numbers_of(wildcards.model, stage).get("init")
    return [str(file) for file in weight_files(Path(path), f"model '{wildcards.model}'")] if path else []


def finetune_numbers(wildcards):
    """A model's numbers that fine-tuning reads, those of training as the task sets them."""
    numbers = numbers_of(wildcards.model, "finetune")
    return numbers | {"finetune": {**numbers["finetune"], **STUDY.tasks[wildcards.task].finetune}}


def baseline_numbers(wildcards):
    """A task's numbers, those of one of its baselines, and the seed of one that draws at random."""
    task = STUDY.tasks[wildcards.task]
    numbers = {"parameters": task.parameters, "baseline": task.baselines[wildcards.model]}
    return inline({"task": task.task, "seed": int(wildcards.seed)} | numbers)


def program_numbers(wildcards):
    """The numbers of the program Mustache, and the bin size of the map it runs on."""
    task = STUDY.tasks[wildcards.task]
    return inline({"task": task.task, "baseline": task.baselines["mustache"]} | shown_bp())


def without_pretraining(task):
    """Each model of a task that starts from trained weights, with the model of the same family and numbers that starts from none."""
    models = {name: STUDY.models[name] for name in STUDY.task_models(task)}
    alike = lambda one, other: (one.family, one.parameters) == (other.family, other.parameters)
    return {
        name: other
        for name, model in models.items()
        for other, scratch in models.items()
        if STUDY.is_pretrained(name) and not STUDY.is_pretrained(other) and alike(model, scratch)
    }


def comparisons(task):
    """The pairs of models whose scores are compared: with and without pre-training, variants, each model with each other method."""
    scratch = [list(pair) for pair in without_pretraining(task).items()]
    own = [name for name in STUDY.task_models(task) if name not in RIVALS]
    others = [*STUDY.tasks[task].baselines, *(name for name in STUDY.task_models(task) if name in RIVALS)]
    ablation = STUDY.run.ablation
    parts = [[name, ablation.reference] for name in ablation.models[1:]] if ablation and ablation.task == task else []
    return (
        scratch
        + [pair for pair in parts if pair not in scratch]
        + [[model, other] for model in own for other in others]
    )


def evaluate_choices(wildcards):
    """The task's numbers; where intervals come from, which models are compared, and the distances of the scan."""
    task, numbers = STUDY.tasks[wildcards.task], STUDY.task_config(wildcards.task)
    interval = "seeds" if STUDY.task_genome(wildcards.task) in SIMULATED else "blocks"
    evaluation = {"interval": interval, "compare": comparisons(wildcards.task)} | task.evaluation
    if STUDY.task_room(wildcards.task).PREDICTS == "calls":
        evaluation |= {name: getattr(numbers, name) for name in ("min_distance_bins", "max_distance_bins")}
    return inline({"task": task.task, "parameters": task.parameters, "evaluation": evaluation})


def summary_choices():
    """What the summary says about the study itself."""
    scratch = {name: other for task in STUDY.tasks for name, other in without_pretraining(task).items()}
    return keys("study", "title", "transductive") | shown_bp() | {"baselines": COMPARED, "scratch": scratch}


def summary_links():
    """The pages beside the summary that it leads to."""
    return {"pages": {"What the field's report saw, and why": "reported.html"}} if STUDY.run.reported else {}


def few_shot_choices(wildcards):
    """The model's and the task's numbers that fine-tuning reads, and the shares."""
    task = STUDY.tasks[wildcards.task]
    numbers = {
        "model": finetune_numbers(wildcards),
        "task": task.task,
        "parameters": task.numbers("finetune"),
    }
    chosen = FEW_SHOT[wildcards.task].model_dump(mode="json", include={"fractions", "min_steps"})
    return inline(numbers | chosen)


def few_shot_comparisons():
    """Each model that starts from an encoder, with the one that starts from none."""
    pairs = {
        (name, other): None
        for task, chosen in FEW_SHOT.items()
        for name, other in without_pretraining(task).items()
        if {name, other} <= {*chosen.models}
    }
    return [*pairs]


def perturb_choices():
    """What is done to the test examples."""
    return inline(STUDY.run.perturb.model_dump(mode="json", exclude={"task", "models"}))


def profile_choices(task):
    """What a figure of profiles is told: which target is drawn, and the models drawn in grey."""
    return inline({"target": STUDY.task_config(task).target, "baselines": COMPARED})


def track_choices(task):
    """What a figure of tracks is told: which targets are drawn, and the models drawn in grey."""
    return inline({"targets": STUDY.task_config(task).targets, "baselines": COMPARED})


def landmark_choices(wildcards):
    """What measuring landmarks needs: the model's numbers, the reported window and patch, and the study's first map."""
    sample = STUDY.tileset_samples(STUDY.models[wildcards.model].tileset)[0]
    reported = STUDY.run.reported.model_dump(mode="json", include={"window_bins", "patch"})
    numbers = STUDY.models[wildcards.model].model_dump(mode="json", include={"family", "parameters"})
    return inline(numbers | reported | {"sample": sample})


def reported_choices():
    """What the page on reported losses says about the study: its trainings, and where they are validated and tested."""
    reported = STUDY.run.reported.model_dump(mode="json", include={"model", "window_bins", "patch"})
    reported["family"] = STUDY.models[STUDY.run.reported.model].family
    trainings = {name: STUDY.models[name].pretrain for name in landmark_models(STUDY)}
    splits = RUN["splits"] if RUN["splits"]["by"] == "chromosome" else {}
    places = {"validation": splits.get("valid"), "test": splits.get("test")}
    named = {name: ", ".join(chroms) for name, chroms in places.items() if chroms}
    return keys("study", "title", "resolution_bp") | reported | named | {"baselines": COMPARED, "trainings": trainings}
