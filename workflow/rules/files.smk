# Which files the rules read and publish, stage by stage.


def raw(wildcards):
    """The raw file of the sample's assay."""
    return str(STUDY.raw(wildcards.sample, wildcards.get("assay", "contacts")))


def normalised_of(wildcards):
    """The contacts, tracks and targets of every sample of a tileset; a sample may lack a target."""
    tileset = RUN["tilesets"][wildcards.tileset]
    samples = STUDY.tileset_samples(wildcards.tileset)
    shown = [(sample, assay) for sample in samples for assay in ("contacts", *tileset["tracks"])]
    hidden = [(sample, assay) for sample in samples for name in tileset["targets"] for assay in name.split("+")]
    return [normalised(*one) for one in shown + [one for one in hidden if one[1] in STUDY.assays(one[0], "signal")]]


def label_files(wildcards):
    """The normalised labels of a task, by sample."""
    return {sample: normalised(sample, assay) for sample, assay in STUDY.labels(wildcards.task).items()}


def example_tables():
    """Every table of examples by the name the audit gives it: tilesets, and tasks by their tileset."""
    tilesets = {name: f"{R}/tiles/{name}/index.parquet" for name in STUDY.run.tilesets}
    return tilesets | {name: f"{R}/tiles/{task.tileset}/{name}.parquet" for name, task in STUDY.tasks.items()}


def tiles_of(wildcards):
    """The tileset a model reads."""
    return f"{R}/tiles/{STUDY.models[wildcards.model].tileset}"


def encoder(wildcards):
    """The folder of the encoder that a model starts from, at the same seed; empty for one that starts from random weights."""
    name = STUDY.encoder_of(wildcards.model)
    return [f"{R}/pretrain/{name}/seed{wildcards.seed}"] if name else []


def few_shot_encoder(wildcards):
    """The encoder a few-shot run starts from: the study's seeds are taken in turn when they are fewer than the runs' seeds."""
    name, seeds = STUDY.encoder_of(wildcards.model), STUDY.run.seeds
    place = FEW_SHOT[wildcards.task].seeds.index(int(wildcards.seed)) % len(seeds)
    return [f"{R}/pretrain/{name}/seed{seeds[place]}"] if name else []


def task_tiles(wildcards):
    """The tileset a task's examples are cut from."""
    return f"{R}/tiles/{STUDY.tasks[wildcards.task].tileset}"


def task_code(wildcards):
    """The task's room: cheap beside training, so an edit of it is noticed."""
    return code(f"tasks/{STUDY.tasks[wildcards.task].task}")


def baseline_source(wildcards):
    """What a baseline reads beside the tiles: the sample's map, or the table of loops that a program left."""
    if wildcards.model == "mustache":
        return "results/{study}/predict/{task}/mustache/{sample}.tsv"
    return "results/{study}/normalised/{sample}/contacts.cool"


def predictions(task):
    """The folders of a task's predictions, models and baselines alike, relative to results/{study}/predict/{task}."""
    return [f"{model}/seed{seed}" for model, seed in STUDY.predictors(task)]


def predicted_folders(task):
    """The folders of a task's predictions."""
    return [f"{R}/predict/{task}/{folder}" for folder in predictions(task)]


def predicted_files(task):
    """The files of every prediction, for the samples that have truth."""
    suffixes = PREDICTED[STUDY.task_room(task).PREDICTS]
    names = [f"{sample}.{suffix}" for sample in STUDY.predicted_samples(task) for suffix in suffixes]
    return [f"{folder}/{name}" for folder in predicted_folders(task) for name in names]


def tasks_that_predict(kind):
    """The study's tasks that predict one kind: calls, maps, profiles, similarities or tracks."""
    return [task for task in STUDY.tasks if STUDY.task_room(task).PREDICTS == kind]


def truth_files(task):
    """The normalised truth of a task, by (sample, assay)."""
    return {(sample, assay): normalised(sample, assay) for sample, assay in STUDY.truth(task)}


def named_truth(task):
    """The truth of a task as the commands take it: sample=path."""
    return [f"{sample}={path}" for (sample, _), path in truth_files(task).items()]


def annotation_files(task):
    """What is known of the maps that a task predicts, normalised, by (predicted sample, assay)."""
    return {(sample, assay): normalised(known, assay) for sample, known, assay in annotation(STUDY, task)}


def named_annotation(task):
    """What is known of the maps that a task predicts as the command takes it: sample=path."""
    return [f"{sample}={path}" for (sample, _), path in annotation_files(task).items()]


def scored(name, kind=None):
    """One table of evaluate, for each task, or for those that predict one kind."""
    return expand(f"{R}/evaluate/{{task}}/{name}.tsv", task=tasks_that_predict(kind) if kind else STUDY.tasks)


def perturbed():
    """The tables of all perturbations."""
    chosen = STUDY.run.perturb
    names = [f"{model}/seed{seed}" for model in chosen.models for seed in STUDY.run.seeds]
    return [f"{R}/perturb/{chosen.task}/{name}/perturbations.tsv" for name in names]


def probed():
    """The tables of all probes."""
    chosen = STUDY.run.probe
    names = [f"{model}/seed{seed}" for model in chosen.models for seed in STUDY.run.seeds]
    return [f"{R}/probe/{chosen.task}/{name}/probe.tsv" for name in names]


def encoders():
    """The folders of all pre-trained encoders."""
    return [
        f"{R}/pretrain/{name}/seed{seed}"
        for name, model in STUDY.models.items()
        if model.pretrain
        for seed in STUDY.run.seeds
    ]


def runs():
    """The folders of all trainings."""
    return encoders() + [folder for task in STUDY.tasks for folder in task_runs(task)]


def task_runs(task):
    """The folders of a task's trainings."""
    models = STUDY.task_models(task)
    return [f"{R}/finetune/{task}/{model}/seed{seed}" for model in models for seed in STUDY.run.seeds]


def quality():
    """The quality table of each sample's assay that is no other sample's."""
    rows = [row for row in STUDY.samples if row.kind in SUFFIX and not STUDY.shared_with(row.sample, row.assay)]
    return [f"{R}/normalised/{row.sample}/{row.assay}.qc.tsv" for row in rows]


def mapped_task(kind="calls"):
    """The task whose predictions of one kind a region shows: the study's first."""
    return tasks_that_predict(kind)[0]


def mapped_truth(wildcards):
    """Options that name the truth of the mapped task."""
    return options("--truth", named_truth(mapped_task()))


def mapped_tiles(kind="calls"):
    """The tileset of the mapped task."""
    return f"{R}/tiles/{STUDY.tasks[mapped_task(kind)].tileset}"
