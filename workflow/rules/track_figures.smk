# in   results/{study}/evaluate/{task}/, results/{study}/predict/{task}/ of tasks that predict tracks
# out  results/{study}/figures/tracks.svg beside .tsv, the numbers that are drawn


rule draw_tracks:
    """Draw each measured track along a test region, and below it the predictions of the best model and baseline."""
    input:
        code("cli/draw_tracks.py", "plots"),
        tracks=predicted_files(mapped_task("tracks")),
        scores=f"{R}/evaluate/{mapped_task('tracks')}/scores.tsv",
        arrays=f"{mapped_tiles('tracks')}/arrays",
        splits=splits_table(STUDY.task_genome(mapped_task("tracks"))),
    output:
        svg=report(
            "results/{study}/figures/tracks.svg",
            caption="../report/tracks.rst",
            category="Scores",
            labels={"figure": "tracks"},
        ),
        tsv="results/{study}/figures/tracks.tsv",
    log:
        "results/{study}/logs/draw_tracks/draw_tracks.log",
    benchmark:
        "results/{study}/benchmarks/draw_tracks/draw_tracks.tsv"
    conda:
        "../../envs/main.yaml"
    resources:
        mem_mb=scaled(4000),
        runtime=scaled(20),
    params:
        tracks=lambda wildcards, input: options("--tracks", input.tracks),
        tiles=lambda wildcards, input: str(Path(input.arrays).parent),
        config=lambda wildcards: track_choices(mapped_task("tracks")),
    shell:
        "chiasma draw_tracks {params.tracks} --scores {input.scores} --tiles {params.tiles} --splits {input.splits} "
        "--config {params.config:q} --output {output.svg} > {log} 2>&1"
