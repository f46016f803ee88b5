# in   results/{study}/evaluate/{task}/pairs.tsv of tasks that predict similarities
# out  results/{study}/figures/similarities.svg beside .tsv, the numbers that are drawn


rule draw_similarities:
    """Draw how alike the maps of every two samples are by each method, replicates outlined."""
    input:
        code("cli/draw_similarities.py", "plots"),
        pairs=scored("pairs", "similarities"),
    output:
        svg=report(
            "results/{study}/figures/similarities.svg",
            caption="../report/similarities.rst",
            category="Scores",
            labels={"figure": "similarities"},
        ),
        tsv="results/{study}/figures/similarities.tsv",
    log:
        "results/{study}/logs/draw_similarities/draw_similarities.log",
    benchmark:
        "results/{study}/benchmarks/draw_similarities/draw_similarities.tsv"
    conda:
        "../../envs/main.yaml"
    resources:
        mem_mb=scaled(2000),
        runtime=scaled(20),
    params:
        pairs=lambda wildcards, input: options("--pairs", input.pairs),
        config=MARKED,
    shell:
        "chiasma draw_similarities {params.pairs} --config {params.config:q} --output {output.svg} > {log} 2>&1"
