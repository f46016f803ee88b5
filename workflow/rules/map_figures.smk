# in   results/{study}/evaluate/{task}/, results/{study}/predict/{task}/ of tasks that predict maps
# out  results/{study}/figures/predicted_maps|strata.svg beside .tsv, the numbers that are drawn


rule draw_predicted_maps:
    """Draw a region of the test split: the observed map, and below it the best model's and the best baseline's."""
    input:
        code("cli/draw_predicted_maps.py", "plots"),
        maps=predicted_files(mapped_task("maps")),
        scores=f"{R}/evaluate/{mapped_task('maps')}/scores.tsv",
        arrays=f"{mapped_tiles('maps')}/arrays",
        splits=splits_table(STUDY.task_genome(mapped_task("maps"))),
    output:
        svg=report(
            "results/{study}/figures/predicted_maps.svg",
            caption="../report/predicted_maps.rst",
            category="Scores",
            labels={"figure": "predicted maps"},
        ),
        tsv="results/{study}/figures/predicted_maps.tsv",
    log:
        "results/{study}/logs/draw_predicted_maps/draw_predicted_maps.log",
    benchmark:
        "results/{study}/benchmarks/draw_predicted_maps/draw_predicted_maps.tsv"
    conda:
        "../../envs/main.yaml"
    resources:
        mem_mb=scaled(4000),
        runtime=scaled(20),
    params:
        maps=lambda wildcards, input: options("--maps", input.maps),
        tiles=lambda wildcards, input: str(Path(input.arrays).parent),
        truth=options("--truth", mapped_deeper()),
        config=MARKED,
    shell:
        "chiasma draw_predicted_maps {params.maps} --scores {input.scores} --tiles {params.tiles} --splits {input.splits} "
        "{params.truth} --config {params.config:q} --output {output.svg} > {log} 2>&1"


rule draw_strata:
    """Draw how well predicted maps agree with the observed one at each distance."""
    input:
        code("cli/draw_strata.py", "plots"),
        strata=scored("strata", "maps"),
    output:
        svg=report(
            "results/{study}/figures/strata.svg",
            caption="../report/strata.rst",
            category="Scores",
            labels={"figure": "agreement by distance"},
        ),
        tsv="results/{study}/figures/strata.tsv",
    log:
        "results/{study}/logs/draw_strata/draw_strata.log",
    benchmark:
        "results/{study}/benchmarks/draw_strata/draw_strata.tsv"
    conda:
        "../../envs/main.yaml"
    resources:
        mem_mb=scaled(2000),
        runtime=scaled(20),
    params:
        strata=lambda wildcards, input: options("--strata", input.strata),
        config=MARKED,
    shell:
        "chiasma draw_strata {params.strata} --config {params.config:q} --output {output.svg} > {log} 2>&1"
