# in   results/{study}/evaluate/{task}/, results/{study}/predict/{task}/ of tasks that predict maps
# out  results/{study}/figures/predicted_maps|strata.{task}.svg beside .tsv, the numbers that are drawn


rule draw_predicted_maps:
    """Draw a region of the test split: the observed map, and below it the best model's and the best baseline's."""
    input:
        code("cli/draw_predicted_maps.py", "plots"),
        maps=lambda wildcards: predicted_files(wildcards.task),
        scores="results/{study}/evaluate/{task}/scores.tsv",
        arrays=lambda wildcards: f"{task_tiles(wildcards)}/arrays",
        splits=task_splits,
    output:
        svg=report(
            "results/{study}/figures/predicted_maps.{task}.svg",
            caption="../report/predicted_maps.rst",
            category="Scores",
            labels={"figure": "predicted maps", "task": "{task}"},
        ),
        tsv="results/{study}/figures/predicted_maps.{task}.tsv",
    log:
        "results/{study}/logs/draw_predicted_maps/{task}.log",
    benchmark:
        "results/{study}/benchmarks/draw_predicted_maps/{task}.tsv"
    conda:
        "../../envs/main.yaml"
    resources:
        mem_mb=scaled(4000),
        runtime=scaled(20),
    params:
        maps=lambda wildcards, input: options("--maps", input.maps),
        tiles=task_tiles,
        truth=lambda wildcards: options("--truth", shown_deeper(wildcards)),
        config=MARKED,
    shell:
        "chiasma draw_predicted_maps {params.maps} --scores {input.scores} --tiles {params.tiles} --splits {input.splits} "
        "{params.truth} --config {params.config:q} --output {output.svg} > {log} 2>&1"


rule draw_strata:
    """Draw how well predicted maps agree with the observed one at each distance."""
    input:
        code("cli/draw_strata.py", "plots"),
        strata="results/{study}/evaluate/{task}/strata.tsv",
    output:
        svg=report(
            "results/{study}/figures/strata.{task}.svg",
            caption="../report/strata.rst",
            category="Scores",
            labels={"figure": "agreement by distance", "task": "{task}"},
        ),
        tsv="results/{study}/figures/strata.{task}.tsv",
    log:
        "results/{study}/logs/draw_strata/{task}.log",
    benchmark:
        "results/{study}/benchmarks/draw_strata/{task}.tsv"
    conda:
        "../../envs/main.yaml"
    resources:
        mem_mb=scaled(2000),
        runtime=scaled(20),
    params:
        config=MARKED,
    shell:
        "chiasma draw_strata --strata {input.strata} --config {params.config:q} --output {output.svg} > {log} 2>&1"
