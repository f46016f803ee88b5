# in   results/{study}/pretrain/{model}/seed{seed}/, tiles
# out  results/{study}/probe/{task}/{model}/seed{seed}/probe.tsv, figures/probe.svg beside .tsv, the means and differences


rule probe:
    """Measure what an encoder's tokens say linearly about a task's labels: pre-trained, with random weights, and its inputs."""
    input:
        code("cli/probe.py", "evaluation/probe.py"),
        weights="results/{study}/pretrain/{model}/seed{seed}/weights.safetensors",
        examples=lambda wildcards: f"{task_tiles(wildcards)}/{wildcards.task}.parquet",
        arrays=lambda wildcards: f"{task_tiles(wildcards)}/arrays",
    output:
        "results/{study}/probe/{task}/{model}/seed{seed}/probe.tsv",
    log:
        "results/{study}/logs/probe/{task}/{model}/seed{seed}.log",
    benchmark:
        "results/{study}/benchmarks/probe/{task}/{model}/seed{seed}.tsv"
    conda:
        "../../envs/main.yaml"
    resources:
        gpu=1,
        mem_mb=scaled(8000),
        runtime=scaled(60),
    params:
        config=lambda wildcards: inline({"task": STUDY.tasks[wildcards.task].task}),
        tiles=task_tiles,
    shell:
        "chiasma probe --config {params.config:q} --examples {input.examples} --tiles {params.tiles} --seed {wildcards.seed} "
        "--encoder $(dirname {input.weights}) --output {output} > {log} 2>&1"


rule draw_probe:
    """Draw what tokens say linearly about a task's labels, beside random weights and the raw inputs."""
    input:
        code("cli/draw_probe.py", "evaluation/probe.py", "plots"),
        tables=probed(),
    output:
        svg=report(
            "results/{study}/figures/probe.svg",
            caption="../report/probe.rst",
            category="Scores",
            labels={"figure": "probe"},
        ),
        tsv="results/{study}/figures/probe.tsv",
    log:
        "results/{study}/logs/draw_probe/draw_probe.log",
    benchmark:
        "results/{study}/benchmarks/draw_probe/draw_probe.tsv"
    conda:
        "../../envs/main.yaml"
    resources:
        mem_mb=scaled(2000),
        runtime=scaled(20),
    params:
        tables=lambda wildcards, input: options("--table", input.tables),
        config=inline(shown_bp()),
    shell:
        "chiasma draw_probe {params.tables} --config {params.config:q} --output {output.svg} > {log} 2>&1"
