# in   results/{study}/predict/{task}/, the truth in results/{study}/normalised/
# out  results/{study}/evaluate/{task}/scores.tsv, curves.tsv, pileups.tsv, provenance.json

BASELINES = sorted({name for task in STUDY.tasks.values() for name in task.baselines})
EVALUATED = ("curves.tsv", "pileups.tsv", "provenance.json")


def predictions(task):
    """The folders of a task's predictions, models and baselines alike, relative to results/{study}/predict/{task}."""
    return [f"{model}/seed{seed}" for model, seed in STUDY.predictors(task)]


def predicted_files(task):
    """The pixels and calls of every prediction, for the samples that have truth."""
    names = [f"{sample}.{kind}" for sample in dict(STUDY.truth(task)) for kind in ("parquet", "bedpe")]
    return [f"{R}/predict/{task}/{folder}/{name}" for folder in predictions(task) for name in names]


def truth_files(task):
    """The normalised truth of a task, by (sample, assay)."""
    return {(sample, assay): normalised(sample, assay) for sample, assay in STUDY.truth(task)}


def named_truth(task):
    """The truth of a task as the commands take it: sample=path."""
    return [f"{sample}={path}" for (sample, _), path in truth_files(task).items()]


def without_pretraining(task):
    """Each model of a task that starts from an encoder, with the model of the same family and numbers that starts from none."""
    models = {name: STUDY.models[name] for name in STUDY.task_models(task)}
    alike = lambda one, other: (one.family, one.parameters) == (other.family, other.parameters)
    return {
        name: other
        for name, model in models.items()
        for other, scratch in models.items()
        if STUDY.encoder_of(name) and not STUDY.encoder_of(other) and alike(model, scratch)
    }


def comparisons(task):
    """The pairs of models whose scores are compared: with and without pre-training, and each model with each baseline."""
    scratch = [list(pair) for pair in without_pretraining(task).items()]
    return scratch + [
        [model, baseline] for model in STUDY.task_models(task) for baseline in STUDY.tasks[task].baselines
    ]


def evaluate_choices(wildcards):
    """Where intervals come from, which models are compared, and the distances of the scan."""
    numbers = STUDY.task_config(wildcards.task)
    return inline(
        {
            "interval": "blocks" if STUDY.run.simulate is None else "seeds",
            "compare": comparisons(wildcards.task),
            "min_distance_bins": numbers.min_distance_bins,
            "max_distance_bins": numbers.max_distance_bins,
        }
    )


def scored(name):
    """One table of evaluate, for each task."""
    return expand(f"{R}/evaluate/{{task}}/{name}.tsv", task=STUDY.tasks)


rule evaluate:
    """Score every prediction of a task against its truth on the test split, baselines beside models."""
    input:
        code("cli/evaluate.py", "evaluation"),
        predictions=lambda wildcards: predicted_files(wildcards.task),
        truth=lambda wildcards: list(truth_files(wildcards.task).values()),
        arrays=lambda wildcards: f"{task_tiles(wildcards)}/arrays",
        splits="results/{study}/tiles/splits.tsv",
    output:
        scores=report(
            "results/{study}/evaluate/{task}/scores.tsv",
            caption="../report/scores.rst",
            category="Scores",
            labels={"task": "{task}", "file": "scores"},
        ),
        beside=expand("results/{study}/evaluate/{task}/{name}", name=EVALUATED, allow_missing=True),
    log:
        "results/{study}/logs/evaluate/{task}.log",
    benchmark:
        "results/{study}/benchmarks/evaluate/{task}.tsv"
    conda:
        "../../envs/main.yaml"
    resources:
        mem_mb=scaled(4000),
        runtime=scaled(60),
    params:
        config=evaluate_choices,
        tiles=task_tiles,
        predictions=lambda wildcards: options("--predictions", predictions(wildcards.task)),
        truth=lambda wildcards: options("--truth", named_truth(wildcards.task)),
    shell:
        "chiasma evaluate {wildcards.task} --folder results/{wildcards.study}/predict/{wildcards.task} {params.predictions} {params.truth:q} "
        "--tiles {params.tiles} --splits {input.splits} --config {params.config:q} "
        "--output results/{wildcards.study}/evaluate/{wildcards.task} > {log} 2>&1"
