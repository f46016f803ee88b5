# in   results/{study}/evaluate/{task}/, results/{study}/predict/{task}/ of tasks that predict profiles
# out  results/{study}/figures/profiles.svg beside .tsv, the numbers that are drawn


rule draw_profiles:
    """Draw predicted against measured signal at genes, and along a region of the test split."""
    input:
        code("cli/draw_profiles.py", "plots"),
        profiles=predicted_files(mapped_task("profiles")),
        genes=f"{R}/evaluate/{mapped_task('profiles')}/genes.tsv",
        scores=f"{R}/evaluate/{mapped_task('profiles')}/scores.tsv",
        arrays=f"{mapped_tiles('profiles')}/arrays",
        splits=splits_table(STUDY.task_genome(mapped_task("profiles"))),
    output:
        svg=report(
            "results/{study}/figures/profiles.svg",
            caption="../report/profiles.rst",
            category="Scores",
            labels={"figure": "profiles"},
        ),
        tsv="results/{study}/figures/profiles.tsv",
    log:
        "results/{study}/logs/draw_profiles/draw_profiles.log",
    benchmark:
        "results/{study}/benchmarks/draw_profiles/draw_profiles.tsv"
    conda:
        "../../envs/main.yaml"
    resources:
        mem_mb=scaled(4000),
        runtime=scaled(20),
    params:
        profiles=lambda wildcards, input: options("--profiles", input.profiles),
        tiles=lambda wildcards, input: str(Path(input.arrays).parent),
        config=lambda wildcards: profile_choices(mapped_task("profiles")),
    shell:
        "chiasma draw_profiles {params.profiles} --genes {input.genes} --scores {input.scores} --tiles {params.tiles} "
        "--splits {input.splits} --config {params.config:q} --output {output.svg} > {log} 2>&1"
