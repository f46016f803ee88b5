# in   results/{study}/tiles/{tileset}/{task}.parquet and arrays/, the encoders of results/{study}/pretrain/
# out  results/{study}/few_shot/{task}/{model}/seed{seed}/shares.tsv, results/{study}/evaluate/few_shot.tsv, figures/few_shot.svg


rule few_shot:
    """Fine-tune a model on ever larger shares of a task's training examples, and measure each on the test examples."""
    input:
        weights=lambda wildcards: [f"{folder}/weights.safetensors" for folder in few_shot_encoder(wildcards)],
        init=lambda wildcards: init_files(wildcards, "finetune"),
        examples=lambda wildcards: f"{task_tiles(wildcards)}/{wildcards.task}.parquet",
        arrays=lambda wildcards: f"{task_tiles(wildcards)}/arrays",
        # no training before the audit; a new audit of the same tiles trains nothing again
        leaks=ancient(task_audit),
    output:
        "results/{study}/few_shot/{task}/{model}/seed{seed}/shares.tsv",
    log:
        "results/{study}/logs/few_shot/{task}/{model}/seed{seed}.log",
    benchmark:
        "results/{study}/benchmarks/few_shot/{task}/{model}/seed{seed}.tsv"
    wildcard_constraints:
        seed=any_of({seed for chosen in FEW_SHOT.values() for seed in chosen.seeds}),
    conda:
        "../../envs/main.yaml"
    resources:
        gpu=1,
        mem_mb=scaled(8000),
        runtime=scaled(720),
    params:
        config=few_shot_choices,
        tiles=task_tiles,
        encoder=lambda wildcards: options("--encoder", few_shot_encoder(wildcards)),
    shell:
        "chiasma few_shot --config {params.config:q} --examples {input.examples} --tiles {params.tiles} --seed {wildcards.seed} "
        "{params.encoder} --output {output} > {log} 2>&1"


rule evaluate_few_shot:
    """Bring the few-shot runs together: means with intervals over seeds, and what pre-training adds."""
    input:
        code("cli/evaluate_few_shot.py", "evaluation/few_shot.py"),
        tables=[
            f"{R}/few_shot/{task}/{model}/seed{seed}/shares.tsv"
            for task, chosen in FEW_SHOT.items()
            for model in chosen.models
            for seed in chosen.seeds
        ],
    output:
        report(
            "results/{study}/evaluate/few_shot.tsv",
            caption="../report/few_shot.rst",
            category="Scores",
            labels={"file": "few-shot scores"},
        ),
    log:
        "results/{study}/logs/evaluate_few_shot/evaluate_few_shot.log",
    benchmark:
        "results/{study}/benchmarks/evaluate_few_shot/evaluate_few_shot.tsv"
    conda:
        "../../envs/main.yaml"
    resources:
        mem_mb=scaled(1000),
        runtime=scaled(10),
    params:
        tables=lambda wildcards, input: options("--table", input.tables),
        config=inline({"compare": few_shot_comparisons()}),
    shell:
        "chiasma evaluate_few_shot {params.tables} --config {params.config:q} --output {output} > {log} 2>&1"


rule draw_few_shot:
    """Draw scores against the share of training examples, with and without pre-training."""
    input:
        code("cli/draw_few_shot.py", "plots"),
        scores="results/{study}/evaluate/few_shot.tsv",
    output:
        svg=report(
            "results/{study}/figures/few_shot.svg",
            caption="../report/few_shot.rst",
            category="Scores",
            labels={"figure": "few shot"},
        ),
        tsv="results/{study}/figures/few_shot.tsv",
    log:
        "results/{study}/logs/draw_few_shot/draw_few_shot.log",
    benchmark:
        "results/{study}/benchmarks/draw_few_shot/draw_few_shot.tsv"
    conda:
        "../../envs/main.yaml"
    resources:
        mem_mb=scaled(2000),
        runtime=scaled(20),
    params:
        config=MARKED,
    shell:
        "chiasma draw_few_shot --scores {input.scores} --config {params.config:q} --output {output.svg} > {log} 2>&1"
