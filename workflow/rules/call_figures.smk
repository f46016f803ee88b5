# in   results/{study}/evaluate/{task}/, results/{study}/predict/{task}/ of tasks that predict calls
# out  results/{study}/figures/curves|pileups|called_region.svg beside .tsv, the numbers that are drawn


rule draw_curves:
    """Draw the ROC and precision-recall curves on the test split."""
    input:
        code("cli/draw_curves.py", "plots"),
        scores=scored("scores", "calls"),
        curves=scored("curves", "calls"),
    output:
        svg=report(
            "results/{study}/figures/curves.svg",
            caption="../report/curves.rst",
            category="Scores",
            labels={"figure": "curves"},
        ),
        tsv="results/{study}/figures/curves.tsv",
    log:
        "results/{study}/logs/draw_curves/draw_curves.log",
    benchmark:
        "results/{study}/benchmarks/draw_curves/draw_curves.tsv"
    conda:
        "../../envs/main.yaml"
    resources:
        mem_mb=scaled(2000),
        runtime=scaled(20),
    params:
        scores=lambda wildcards, input: options("--scores", input.scores),
        curves=lambda wildcards, input: options("--curves", input.curves),
        config=inline({"baselines": COMPARED}),
    shell:
        "chiasma draw_curves {params.curves} {params.scores} --config {params.config:q} "
        "--output {output.svg} > {log} 2>&1"


rule draw_pileups:
    """Draw the mean observed over expected contacts around the calls of each model and around the truth."""
    input:
        code("cli/draw_pileups.py", "plots"),
        scores=scored("scores", "calls"),
        pileups=scored("pileups", "calls"),
    output:
        svg=report(
            "results/{study}/figures/pileups.svg",
            caption="../report/pileups.rst",
            category="Scores",
            labels={"figure": "pileups"},
        ),
        tsv="results/{study}/figures/pileups.tsv",
    log:
        "results/{study}/logs/draw_pileups/draw_pileups.log",
    benchmark:
        "results/{study}/benchmarks/draw_pileups/draw_pileups.tsv"
    conda:
        "../../envs/main.yaml"
    resources:
        mem_mb=scaled(2000),
        runtime=scaled(20),
    params:
        scores=lambda wildcards, input: options("--scores", input.scores),
        pileups=lambda wildcards, input: options("--pileups", input.pileups),
        config=MARKED,
    shell:
        "chiasma draw_pileups {params.pileups} {params.scores} --config {params.config:q} "
        "--output {output.svg} > {log} 2>&1"


rule draw_called_region:
    """Draw a region of the test split with the called and the true loops."""
    input:
        code("cli/draw_called_region.py", "plots"),
        calls=mapped_calls(),
        truth=list(truth_files(mapped_task()).values()),
        scores=f"{R}/evaluate/{mapped_task()}/scores.tsv",
        arrays=f"{mapped_tiles()}/arrays",
        splits=splits_table(STUDY.task_genome(mapped_task())),
    output:
        svg=report(
            "results/{study}/figures/called_region.svg",
            caption="../report/called_region.rst",
            category="Scores",
            labels={"figure": "called region"},
        ),
        tsv="results/{study}/figures/called_region.tsv",
    log:
        "results/{study}/logs/draw_called_region/draw_called_region.log",
    benchmark:
        "results/{study}/benchmarks/draw_called_region/draw_called_region.tsv"
    conda:
        "../../envs/main.yaml"
    resources:
        mem_mb=scaled(2000),
        runtime=scaled(20),
    params:
        calls=lambda wildcards, input: options("--calls", input.calls),
        truth=mapped_truth,
        tiles=lambda wildcards, input: str(Path(input.arrays).parent),
        config=inline({"baselines": COMPARED}),
    shell:
        "chiasma draw_called_region {params.calls} {params.truth:q} --scores {input.scores} --tiles {params.tiles} "
        "--splits {input.splits} --config {params.config:q} "
        "--output {output.svg} > {log} 2>&1"
