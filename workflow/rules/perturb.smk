# in   results/{study}/finetune/{task}/{model}/seed{seed}/, tiles
# out  results/{study}/perturb/{task}/{model}/seed{seed}/perturbations.tsv, figures/perturbations.svg


rule perturb:
    """Weaken the tracks at the test pairs, or leave a modality out, and measure what a fine-tuned model then says."""
    input:
        code("cli/perturb.py", "tiles/perturbation.py"),
        weights="results/{study}/finetune/{task}/{model}/seed{seed}/weights.safetensors",
        examples=lambda wildcards: f"{task_tiles(wildcards)}/{wildcards.task}.parquet",
        arrays=lambda wildcards: f"{task_tiles(wildcards)}/arrays",
    output:
        "results/{study}/perturb/{task}/{model}/seed{seed}/perturbations.tsv",
    log:
        "results/{study}/logs/perturb/{task}/{model}/seed{seed}.log",
    benchmark:
        "results/{study}/benchmarks/perturb/{task}/{model}/seed{seed}.tsv"
    conda:
        "../../envs/main.yaml"
    resources:
        gpu=1,
        mem_mb=scaled(8000),
        runtime=scaled(60),
    params:
        config=perturb_choices(),
        tiles=task_tiles,
    shell:
        "chiasma perturb --model $(dirname {input.weights}) --examples {input.examples} --tiles {params.tiles} "
        "--config {params.config:q} --output {output} > {log} 2>&1"


rule draw_perturbations:
    """Draw what models still say when tracks are weakened or a modality is missing."""
    input:
        code("cli/draw_perturbations.py", "plots"),
        tables=perturbed(),
    output:
        svg=report(
            "results/{study}/figures/perturbations.svg",
            caption="../report/perturbations.rst",
            category="Scores",
            labels={"figure": "perturbations"},
        ),
        tsv="results/{study}/figures/perturbations.tsv",
    log:
        "results/{study}/logs/draw_perturbations/draw_perturbations.log",
    benchmark:
        "results/{study}/benchmarks/draw_perturbations/draw_perturbations.tsv"
    conda:
        "../../envs/main.yaml"
    resources:
        mem_mb=scaled(2000),
        runtime=scaled(20),
    params:
        tables=lambda wildcards, input: options("--table", input.tables),
        config=MARKED,
    shell:
        "chiasma draw_perturbations {params.tables} --config {params.config:q} --output {output.svg} > {log} 2>&1"
