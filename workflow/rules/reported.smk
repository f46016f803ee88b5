# in   a table of losses that were reported elsewhere, tiles, pre-trainings, scores of predicted maps
# out  results/{study}/landmarks/{model}/landmarks.tsv, figures/reported.svg beside .tsv, reported.html


rule measure_landmarks:
    """Measure what each part of a pre-training loss is for predictions that know nothing or everything."""
    input:
        code("cli/measure_landmarks.py", "evaluation/reported.py", "tiles/diagonal.py"),
        lambda wildcards: code(f"families/{STUDY.models[wildcards.model].family}"),
        arrays=lambda wildcards: f"{tiles_of(wildcards)}/arrays",
        splits=lambda wildcards: splits_table(STUDY.run.tilesets[STUDY.models[wildcards.model].tileset].genome),
    output:
        "results/{study}/landmarks/{model}/landmarks.tsv",
    log:
        "results/{study}/logs/measure_landmarks/{model}.log",
    benchmark:
        "results/{study}/benchmarks/measure_landmarks/{model}.tsv"
    conda:
        "../../envs/main.yaml"
    resources:
        mem_mb=scaled(4000),
        runtime=scaled(20),
    params:
        config=landmark_choices,
        tiles=tiles_of,
    shell:
        "chiasma measure_landmarks --config {params.config:q} --tiles {params.tiles} --splits {input.splits} "
        "--output {output} > {log} 2>&1"


rule draw_reported:
    """Draw reported losses at their landmarks, and what is left of them beside the study's own pre-trainings."""
    input:
        code("cli/draw_reported.py", "evaluation/reported.py", "plots"),
        reported=STUDY.run.reported.losses,
        landmarks=landmark_tables()[0],
        histories=[f"{folder}/history.tsv" for folder in encoders()],
    output:
        svg=report(
            "results/{study}/figures/reported.svg",
            caption="../report/reported.rst",
            category="Training",
            labels={"figure": "reported"},
        ),
        tsv="results/{study}/figures/reported.tsv",
    log:
        "results/{study}/logs/draw_reported/draw_reported.log",
    benchmark:
        "results/{study}/benchmarks/draw_reported/draw_reported.tsv"
    conda:
        "../../envs/main.yaml"
    resources:
        mem_mb=scaled(2000),
        runtime=scaled(20),
    params:
        runs=options("--run", encoders()),
    shell:
        "chiasma draw_reported --reported {input.reported} --landmarks {input.landmarks} {params.runs} "
        "--output {output.svg} > {log} 2>&1"


rule summarise_reported:
    """Write one self-contained page: what reported losses say, why, what is done here instead, and with what result."""
    input:
        code("cli/summarise_reported.py", "evaluation/reported.py", "plots"),
        code(f"families/{STUDY.models[STUDY.run.reported.model].family}/landmark_words.py"),
        reported=STUDY.run.reported.losses,
        landmarks=landmark_tables(),
        scores=scored("scores", "maps"),
        figure="results/{study}/figures/reported.svg",
    output:
        report(
            "results/{study}/reported.html",
            caption="../report/reported.rst",
            category="Summary",
            labels={"file": "what the field's report saw, and why"},
        ),
    log:
        "results/{study}/logs/summarise_reported/summarise_reported.log",
    benchmark:
        "results/{study}/benchmarks/summarise_reported/summarise_reported.tsv"
    conda:
        "../../envs/main.yaml"
    resources:
        mem_mb=scaled(2000),
        runtime=scaled(20),
    params:
        landmarks=options("--landmarks", landmark_tables()),
        scores=options("--scores", scored("scores", "maps")),
        config=inline(reported_choices()),
    shell:
        "chiasma summarise_reported --reported {input.reported} {params.landmarks} {params.scores} --figure {input.figure} "
        "--config {params.config:q} --output {output} > {log} 2>&1"
