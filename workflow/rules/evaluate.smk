# in   results/{study}/predict/{task}/, the truth in results/{study}/normalised/
# out  results/{study}/evaluate/{task}/scores.tsv, curves.tsv, pileups.tsv, provenance.json

EVALUATED = ("curves.tsv", "pileups.tsv", "provenance.json")


rule evaluate:
    """Score every prediction of a task against its truth on the test split, baselines beside models."""
    input:
        code("cli/evaluate.py", "evaluation"),
        task_code,
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
