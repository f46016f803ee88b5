# in   results/{study}/predict/{task}/, the truth in results/{study}/normalised/
# out  results/{study}/evaluate/{task}/scores.tsv, provenance.json; beside, calls: curves.tsv, pileups.tsv; maps: strata.tsv;
#      profiles: genes.tsv; similarities: pairs.tsv

EVALUATED = ("curves.tsv", "pileups.tsv", "provenance.json")
MAPS_BESIDE = ("strata.tsv", "provenance.json")
PROFILES_BESIDE = ("genes.tsv", "provenance.json")
SIMILARITIES_BESIDE = ("pairs.tsv", "provenance.json")
SCORE_TABLE = {
    "caption": "../report/scores.rst",
    "category": "Scores",
    "labels": {"task": "{task}", "file": "scores"},
}


rule evaluate:
    """Score every called loop of a task against its truth on the test split, baselines beside models."""
    input:
        code("cli/evaluate.py", "evaluation"),
        task_code,
        predictions=lambda wildcards: predicted_files(wildcards.task),
        truth=lambda wildcards: list(truth_files(wildcards.task).values()),
        arrays=lambda wildcards: f"{task_tiles(wildcards)}/arrays",
        splits=task_splits,
    output:
        scores=report("results/{study}/evaluate/{task}/scores.tsv", **SCORE_TABLE),
        beside=expand("results/{study}/evaluate/{task}/{name}", name=EVALUATED, allow_missing=True),
    log:
        "results/{study}/logs/evaluate/{task}.log",
    benchmark:
        "results/{study}/benchmarks/evaluate/{task}.tsv"
    wildcard_constraints:
        task=any_of(tasks_that_predict("calls")),
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


rule evaluate_maps:
    """Score every predicted contact map of a task against the observed one on the test split."""
    input:
        code("cli/evaluate_maps.py", "evaluation"),
        predictions=lambda wildcards: predicted_files(wildcards.task),
        annotation=lambda wildcards: list(annotation_files(wildcards.task).values()),
        arrays=lambda wildcards: f"{task_tiles(wildcards)}/arrays",
        splits=task_splits,
    output:
        scores=report("results/{study}/evaluate/{task}/scores.tsv", **SCORE_TABLE),
        beside=expand("results/{study}/evaluate/{task}/{name}", name=MAPS_BESIDE, allow_missing=True),
    log:
        "results/{study}/logs/evaluate_maps/{task}.log",
    benchmark:
        "results/{study}/benchmarks/evaluate_maps/{task}.tsv"
    wildcard_constraints:
        task=any_of(tasks_that_predict("maps")),
    conda:
        "../../envs/main.yaml"
    resources:
        mem_mb=scaled(8000),
        runtime=scaled(60),
    params:
        config=evaluate_choices,
        tiles=task_tiles,
        predictions=lambda wildcards: options("--predictions", predicted_folders(wildcards.task)),
        samples=lambda wildcards: options("--sample", STUDY.predicted_samples(wildcards.task)),
        annotation=lambda wildcards: options("--annotation", named_annotation(wildcards.task)),
    shell:
        "chiasma evaluate_maps {wildcards.task} {params.predictions} {params.samples} {params.annotation:q} "
        "--tiles {params.tiles} --splits {input.splits} --config {params.config:q} "
        "--output $(dirname {output.scores}) > {log} 2>&1"


rule evaluate_profiles:
    """Score every predicted profile of a task against the measured signal on the test split, per bin and per gene."""
    input:
        code("cli/evaluate_profiles.py", "evaluation"),
        predictions=lambda wildcards: predicted_files(wildcards.task),
        truth=lambda wildcards: list(truth_files(wildcards.task).values()),
        arrays=lambda wildcards: f"{task_tiles(wildcards)}/arrays",
        splits=task_splits,
    output:
        scores=report("results/{study}/evaluate/{task}/scores.tsv", **SCORE_TABLE),
        beside=expand("results/{study}/evaluate/{task}/{name}", name=PROFILES_BESIDE, allow_missing=True),
    log:
        "results/{study}/logs/evaluate_profiles/{task}.log",
    benchmark:
        "results/{study}/benchmarks/evaluate_profiles/{task}.tsv"
    wildcard_constraints:
        task=any_of(tasks_that_predict("profiles")),
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
        "chiasma evaluate_profiles {wildcards.task} --folder results/{wildcards.study}/predict/{wildcards.task} {params.predictions} "
        "{params.truth:q} --tiles {params.tiles} --splits {input.splits} --config {params.config:q} "
        "--output $(dirname {output.scores}) > {log} 2>&1"


rule evaluate_similarities:
    """Score the similarities of all samples on the test split: are replicates more alike than other biosamples."""
    input:
        code("cli/evaluate_similarities.py", "evaluation"),
        predictions=lambda wildcards: predicted_files(wildcards.task),
        splits=task_splits,
    output:
        scores=report("results/{study}/evaluate/{task}/scores.tsv", **SCORE_TABLE),
        beside=expand("results/{study}/evaluate/{task}/{name}", name=SIMILARITIES_BESIDE, allow_missing=True),
    log:
        "results/{study}/logs/evaluate_similarities/{task}.log",
    benchmark:
        "results/{study}/benchmarks/evaluate_similarities/{task}.tsv"
    wildcard_constraints:
        task=any_of(tasks_that_predict("similarities")),
    conda:
        "../../envs/main.yaml"
    resources:
        mem_mb=scaled(4000),
        runtime=scaled(60),
    params:
        config=evaluate_choices,
        predictions=lambda wildcards: options("--predictions", predictions(wildcards.task)),
        samples=lambda wildcards: options("--sample", STUDY.predicted_samples(wildcards.task)),
    shell:
        "chiasma evaluate_similarities {wildcards.task} --folder results/{wildcards.study}/predict/{wildcards.task} {params.predictions} "
        "{params.samples} --splits {input.splits} --config {params.config:q} --output $(dirname {output.scores}) > {log} 2>&1"


rule evaluate_tracks:
    """Score every predicted track of a task against the measured signal on the test split, and their mean over tracks."""
    input:
        code("cli/evaluate_tracks.py", "evaluation"),
        predictions=lambda wildcards: predicted_files(wildcards.task),
        arrays=lambda wildcards: f"{task_tiles(wildcards)}/arrays",
        splits=task_splits,
    output:
        scores=report("results/{study}/evaluate/{task}/scores.tsv", **SCORE_TABLE),
        beside="results/{study}/evaluate/{task}/provenance.json",
    log:
        "results/{study}/logs/evaluate_tracks/{task}.log",
    benchmark:
        "results/{study}/benchmarks/evaluate_tracks/{task}.tsv"
    wildcard_constraints:
        task=any_of(tasks_that_predict("tracks")),
    conda:
        "../../envs/main.yaml"
    resources:
        mem_mb=scaled(4000),
        runtime=scaled(60),
    params:
        config=evaluate_choices,
        tiles=task_tiles,
        predictions=lambda wildcards: options("--predictions", predictions(wildcards.task)),
        samples=lambda wildcards: options("--sample", STUDY.predicted_samples(wildcards.task)),
    shell:
        "chiasma evaluate_tracks {wildcards.task} --folder results/{wildcards.study}/predict/{wildcards.task} {params.predictions} "
        "{params.samples} --tiles {params.tiles} --splits {input.splits} --config {params.config:q} "
        "--output $(dirname {output.scores}) > {log} 2>&1"
