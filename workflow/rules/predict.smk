# in   results/{study}/finetune/{task}/{model}/seed{seed}/ (or a baseline's numbers), tiles
# out  results/{study}/predict/{task}/{model}/seed{seed}/{sample}.parquet, .bedpe; {task}/mustache/{sample}.tsv, a program's own table

# A task predicts calls, maps, profiles, similarities or tracks; the rules named after the kinds are `predict` and `predict_baseline` with other outputs.
CALLS = {
    "caption": "../report/calls.rst",
    "category": "Calls",
    "subcategory": "{task}",
    "labels": {"model": "{model}", "seed": "{seed}", "sample": "{sample}"},
}


rule predict:
    """Predict valid and test of one sample with a fine-tuned model; here the task predicts calls, below the other kinds."""
    input:
        code("cli/predict.py"),
        task_code,
        weights="results/{study}/finetune/{task}/{model}/seed{seed}/weights.safetensors",
        examples=lambda wildcards: f"{task_tiles(wildcards)}/{wildcards.task}.parquet",
        arrays=lambda wildcards: f"{task_tiles(wildcards)}/arrays",
        splits=task_splits,
    output:
        pixels="results/{study}/predict/{task}/{model}/seed{seed}/{sample}.parquet",
        calls=report("results/{study}/predict/{task}/{model}/seed{seed}/{sample}.bedpe", **CALLS),
    log:
        "results/{study}/logs/predict/{task}/{model}/seed{seed}/{sample}.log",
    benchmark:
        "results/{study}/benchmarks/predict/{task}/{model}/seed{seed}/{sample}.tsv"
    wildcard_constraints:
        task=any_of(tasks_that_predict("calls")),
    conda:
        "../../envs/main.yaml"
    resources:
        gpu=1,
        mem_mb=scaled(8000),
        runtime=scaled(120),
    params:
        tiles=task_tiles,
        task=lambda wildcards: inline(STUDY.tasks[wildcards.task].numbers("predict")),
    shell:
        "chiasma predict --model $(dirname {input.weights}) --task-config {params.task:q} --examples {input.examples} --tiles {params.tiles} "
        "--splits {input.splits} --sample {wildcards.sample} --output results/{wildcards.study}/predict/{wildcards.task}/{wildcards.model}/seed{wildcards.seed} > {log} 2>&1"


use rule predict as predict_maps with:
    output:
        "results/{study}/predict/{task}/{model}/seed{seed}/{sample}.mcool",
    wildcard_constraints:
        task=any_of(tasks_that_predict("maps")),


use rule predict as predict_profiles with:
    output:
        "results/{study}/predict/{task}/{model}/seed{seed}/{sample}.bw",
    wildcard_constraints:
        task=any_of(tasks_that_predict("profiles")),


use rule predict as predict_similarities with:
    output:
        "results/{study}/predict/{task}/{model}/seed{seed}/{sample}.tsv",
    wildcard_constraints:
        task=any_of(tasks_that_predict("similarities")),


use rule predict as predict_tracks with:
    output:
        directory("results/{study}/predict/{task}/{model}/seed{seed}/{sample}.tracks"),
    wildcard_constraints:
        task=any_of(tasks_that_predict("tracks")),


rule call_mustache:
    """Run the program Mustache, which needs an environment of its own, on one sample's map."""
    input:
        code("cli/call_mustache.py"),
        contacts="results/{study}/normalised/{sample}/contacts.cool",
    output:
        "results/{study}/predict/{task}/mustache/{sample}.tsv",
    log:
        "results/{study}/logs/call_mustache/{task}/{sample}.log",
    benchmark:
        "results/{study}/benchmarks/call_mustache/{task}/{sample}.tsv"
    conda:
        "../../envs/mustache.yaml"
    resources:
        mem_mb=scaled(8000),
        runtime=scaled(240),
    params:
        config=program_numbers,
    shell:
        "chiasma call_mustache {input.contacts} --task-config {params.config:q} --output {output} > {log} 2>&1"


rule predict_baseline:
    """Predict the same with a classical baseline named in the task's YAML."""
    input:
        code("cli/predict_baseline.py", "nn/ridge.py"),
        task_code,
        contacts=baseline_source,
        examples=lambda wildcards: f"{task_tiles(wildcards)}/{wildcards.task}.parquet",
        arrays=lambda wildcards: f"{task_tiles(wildcards)}/arrays",
        splits=task_splits,
    output:
        pixels="results/{study}/predict/{task}/{model}/seed{seed}/{sample}.parquet",
        calls=report("results/{study}/predict/{task}/{model}/seed{seed}/{sample}.bedpe", **CALLS),
    log:
        "results/{study}/logs/predict_baseline/{task}/{model}/seed{seed}/{sample}.log",
    benchmark:
        "results/{study}/benchmarks/predict_baseline/{task}/{model}/seed{seed}/{sample}.tsv"
    wildcard_constraints:
        model=any_of(BASELINES),
        task=any_of(tasks_that_predict("calls")),
    conda:
        "../../envs/main.yaml"
    resources:
        mem_mb=scaled(8000),
        runtime=scaled(120),
    params:
        tiles=task_tiles,
        config=baseline_numbers,
    shell:
        "chiasma predict_baseline {wildcards.model} --task-config {params.config:q} --examples {input.examples} --tiles {params.tiles} "
        "--splits {input.splits} --contacts {input.contacts} --sample {wildcards.sample} "
        "--output results/{wildcards.study}/predict/{wildcards.task}/{wildcards.model}/seed{wildcards.seed} > {log} 2>&1"


use rule predict_baseline as predict_baseline_maps with:
    output:
        "results/{study}/predict/{task}/{model}/seed{seed}/{sample}.mcool",
    wildcard_constraints:
        model=any_of(BASELINES),
        task=any_of(tasks_that_predict("maps")),


use rule predict_baseline as predict_baseline_profiles with:
    output:
        "results/{study}/predict/{task}/{model}/seed{seed}/{sample}.bw",
    wildcard_constraints:
        model=any_of(BASELINES),
        task=any_of(tasks_that_predict("profiles")),


use rule predict_baseline as predict_baseline_similarities with:
    output:
        "results/{study}/predict/{task}/{model}/seed{seed}/{sample}.tsv",
    wildcard_constraints:
        model=any_of(BASELINES),
        task=any_of(tasks_that_predict("similarities")),


use rule predict_baseline as predict_baseline_tracks with:
    output:
        directory("results/{study}/predict/{task}/{model}/seed{seed}/{sample}.tracks"),
    wildcard_constraints:
        model=any_of(BASELINES),
        task=any_of(tasks_that_predict("tracks")),


rule embed:
    """Embed the test windows of one sample with a pre-trained encoder, for the figure."""
    input:
        code("cli/embed.py"),
        weights="results/{study}/pretrain/{model}/seed{seed}/weights.safetensors",
        index=lambda wildcards: f"{tiles_of(wildcards)}/index.parquet",
        arrays=lambda wildcards: f"{tiles_of(wildcards)}/arrays",
    output:
        "results/{study}/predict/embed/{model}/seed{seed}/{sample}.parquet",
    log:
        "results/{study}/logs/embed/{model}/seed{seed}/{sample}.log",
    benchmark:
        "results/{study}/benchmarks/embed/{model}/seed{seed}/{sample}.tsv"
    conda:
        "../../envs/main.yaml"
    resources:
        gpu=1,
        mem_mb=scaled(8000),
        runtime=scaled(60),
    params:
        tiles=tiles_of,
    shell:
        "chiasma embed --model $(dirname {input.weights}) --tiles {params.tiles} --sample {wildcards.sample} --split test "
        "--output {output} > {log} 2>&1"
