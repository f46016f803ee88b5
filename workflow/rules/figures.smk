# in   quality tables, splits, histories and embeddings of the stages before
# out  results/{study}/figures/splits|qc|history|embedding.svg beside .tsv, the numbers that are drawn

ON_ONE_TASK = {"perturbations": STUDY.run.perturb, "ablation": STUDY.run.ablation, "probe": STUDY.run.probe}
EXPERIMENTS = {  # figures of experiments, and the tasks they show
    "few_shot": [*STUDY.run.few_shot],
    **{name: [part.task] if part else [] for name, part in ON_ONE_TASK.items()},
}


rule draw_splits:
    """Draw which part of each chromosome is train, valid, test or a gap."""
    input:
        code("cli/draw_splits.py", "plots"),
        splits=SPLIT_TABLES,
    output:
        svg=report(
            "results/{study}/figures/splits.svg",
            caption="../report/splits.rst",
            category="Data",
            labels={"figure": "splits"},
        ),
        tsv="results/{study}/figures/splits.tsv",
    log:
        "results/{study}/logs/draw_splits/draw_splits.log",
    benchmark:
        "results/{study}/benchmarks/draw_splits/draw_splits.tsv"
    conda:
        "../../envs/main.yaml"
    resources:
        mem_mb=scaled(2000),
        runtime=scaled(20),
    params:
        splits=lambda wildcards, input: options("--splits", input.splits),
    shell:
        "chiasma draw_splits {params.splits} " "--output {output.svg} > {log} 2>&1"


rule draw_qc:
    """Draw the decay of contacts with distance and the quality numbers of each sample."""
    input:
        code("cli/draw_qc.py", "plots"),
        decay=[f"{R}/normalised/{row.sample}/contacts.decay.tsv" for row in STUDY.samples if row.kind == "contacts"],
        qc=quality(),
    output:
        svg=report(
            "results/{study}/figures/qc.svg",
            caption="../report/qc.rst",
            category="Data",
            labels={"figure": "qc"},
        ),
        tsv="results/{study}/figures/qc.tsv",
    log:
        "results/{study}/logs/draw_qc/draw_qc.log",
    benchmark:
        "results/{study}/benchmarks/draw_qc/draw_qc.tsv"
    conda:
        "../../envs/main.yaml"
    resources:
        mem_mb=scaled(2000),
        runtime=scaled(20),
    params:
        decay=lambda wildcards, input: options("--decay", input.decay),
        qc=lambda wildcards, input: options("--qc", input.qc),
    shell:
        "chiasma draw_qc {params.decay} {params.qc} " "--output {output.svg} > {log} 2>&1"


rule draw_history:
    """Draw the losses of each training over its steps, with their chance levels."""
    input:
        code("cli/draw_history.py", "plots"),
        history=[f"{folder}/history.tsv" for folder in runs()],
    output:
        svg=report(
            "results/{study}/figures/history.svg",
            caption="../report/history.rst",
            category="Training",
            labels={"figure": "history"},
        ),
        tsv="results/{study}/figures/history.tsv",
    log:
        "results/{study}/logs/draw_history/draw_history.log",
    benchmark:
        "results/{study}/benchmarks/draw_history/draw_history.tsv"
    conda:
        "../../envs/main.yaml"
    resources:
        mem_mb=scaled(2000),
        runtime=scaled(20),
    params:
        history=lambda wildcards, input: options("--history", input.history),
    shell:
        "chiasma draw_history {params.history} " "--output {output.svg} > {log} 2>&1"


if embedded():

    rule draw_embedding:
        """Draw the windows where the pre-trained encoder places them."""
        input:
            code("cli/draw_embedding.py", "plots"),
            embeddings=embeddings(),
            truth=list(truth_files(mapped_task()).values()),
            arrays=f"{mapped_tiles()}/arrays",
        output:
            svg=report(
                "results/{study}/figures/embedding.svg",
                caption="../report/embedding.rst",
                category="Training",
                labels={"figure": "embedding"},
            ),
            tsv="results/{study}/figures/embedding.tsv",
        log:
            "results/{study}/logs/draw_embedding/draw_embedding.log",
        benchmark:
            "results/{study}/benchmarks/draw_embedding/draw_embedding.tsv"
        conda:
            "../../envs/main.yaml"
        resources:
            mem_mb=scaled(2000),
            runtime=scaled(20),
        params:
            embeddings=lambda wildcards, input: options("--embeddings", input.embeddings),
            truth=mapped_truth,
            tiles=lambda wildcards, input: str(Path(input.arrays).parent),
        shell:
            "chiasma draw_embedding {params.embeddings} {params.truth:q} --tiles {params.tiles} "
            "--output {output.svg} > {log} 2>&1"
