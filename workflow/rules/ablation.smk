# in   results/{study}/evaluate/{task}/scores.tsv
# out  results/{study}/figures/ablation.svg beside .tsv, the table


rule draw_ablation:
    """Draw what the parts of a model are worth: each variant beside the model it departs from."""
    input:
        code("cli/draw_ablation.py", "plots"),
        scores=f"{R}/evaluate/{STUDY.run.ablation.task}/scores.tsv",
    output:
        svg=report(
            "results/{study}/figures/ablation.svg",
            caption="../report/ablation.rst",
            category="Scores",
            labels={"figure": "ablation"},
        ),
        tsv=report(
            "results/{study}/figures/ablation.tsv",
            caption="../report/ablation.rst",
            category="Scores",
            labels={"file": "ablation"},
        ),
    log:
        "results/{study}/logs/draw_ablation/draw_ablation.log",
    benchmark:
        "results/{study}/benchmarks/draw_ablation/draw_ablation.tsv"
    conda:
        "../../envs/main.yaml"
    resources:
        mem_mb=scaled(2000),
        runtime=scaled(20),
    params:
        config=inline(shown_bp() | STUDY.run.ablation.model_dump(include={"reference", "groups"})),
    shell:
        "chiasma draw_ablation --scores {input.scores} --config {params.config:q} --output {output.svg} > {log} 2>&1"
