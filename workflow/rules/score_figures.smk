# in   results/{study}/evaluate/{task}/scores.tsv
# out  results/{study}/figures/scores.svg beside .tsv, the numbers that are drawn


rule draw_scores:
    """Draw each metric of each model beside its baselines, with intervals."""
    input:
        code("cli/draw_scores.py", "plots"),
        scores=scored("scores"),
    output:
        svg=report(
            "results/{study}/figures/scores.svg",
            caption="../report/scores.rst",
            category="Scores",
            labels={"figure": "scores"},
        ),
        tsv="results/{study}/figures/scores.tsv",
    log:
        "results/{study}/logs/draw_scores/draw_scores.log",
    benchmark:
        "results/{study}/benchmarks/draw_scores/draw_scores.tsv"
    conda:
        "../../envs/main.yaml"
    resources:
        mem_mb=scaled(2000),
        runtime=scaled(20),
    params:
        scores=lambda wildcards, input: options("--scores", input.scores),
        config=MARKED,
    shell:
        "chiasma draw_scores {params.scores} --config {params.config:q} " "--output {output.svg} > {log} 2>&1"
