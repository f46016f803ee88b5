# in   results/{study}/tiles/{tileset}/{task}.parquet and arrays/, the encoder of results/{study}/pretrain/
# out  results/{study}/finetune/{task}/{model}/seed{seed}/ weights.safetensors, config.json, history.tsv, provenance.json


rule finetune:
    """Fit a model with a task's head to the task's labels; resumes from its last checkpoint after an interruption."""
    input:
        weights=lambda wildcards: [f"{folder}/weights.safetensors" for folder in encoder(wildcards)],
        init=lambda wildcards: init_files(wildcards, "finetune"),
        examples=lambda wildcards: f"{task_tiles(wildcards)}/{wildcards.task}.parquet",
        arrays=lambda wildcards: f"{task_tiles(wildcards)}/arrays",
        # no training before the audit; a new audit of the same tiles trains nothing again
        leaks=ancient(task_audit),
    output:
        expand("results/{study}/finetune/{task}/{model}/seed{seed}/{name}", name=TRAINED, allow_missing=True),
    log:
        "results/{study}/logs/finetune/{task}/{model}/seed{seed}.log",
    benchmark:
        "results/{study}/benchmarks/finetune/{task}/{model}/seed{seed}.tsv"
    conda:
        "../../envs/main.yaml"
    resources:
        gpu=1,
        mem_mb=scaled(8000),
        runtime=scaled(360),
    params:
        config=lambda wildcards: inline(finetune_numbers(wildcards)),
        room=lambda wildcards: STUDY.tasks[wildcards.task].task,
        task=lambda wildcards: inline(STUDY.tasks[wildcards.task].numbers("finetune")),
        revision=lambda wildcards: STUDY.tasks[wildcards.task].revision,
        tiles=task_tiles,
        encoder=lambda wildcards: options("--encoder", encoder(wildcards)),
    shell:
        "chiasma finetune {params.room} --config {params.config:q} --task-config {params.task:q} --examples {input.examples} "
        "--tiles {params.tiles} --seed {wildcards.seed} {params.encoder} "
        "--output results/{wildcards.study}/finetune/{wildcards.task}/{wildcards.model}/seed{wildcards.seed} > {log} 2>&1"
