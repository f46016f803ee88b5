# in   results/{study}/normalised/
# out  results/{study}/tiles/splits.tsv, {tileset}/index.parquet, {tileset}/arrays/, {tileset}/{task}.parquet, leaks.tsv


rule split:
    """Assign each base of the study to train, valid, test or a gap, once for pre-training and all tasks."""
    input:
        code("cli/split.py", "tiles/splits.py", "genome"),
        assembly=str(STUDY.assembly_table),
    output:
        "results/{study}/tiles/splits.tsv",
    log:
        "results/{study}/logs/split/split.log",
    benchmark:
        "results/{study}/benchmarks/split/split.tsv"
    conda:
        "../../envs/main.yaml"
    resources:
        mem_mb=scaled(1000),
        runtime=scaled(10),
    params:
        config=inline(keys("chromosomes", "resolution_bp", "splits")),
    shell:
        "chiasma split --assembly {input.assembly} --config {params.config:q} --output {output} > {log} 2>&1"


rule tile:
    """Index the windows of a tileset and store its arrays once per sample and chromosome."""
    input:
        code("cli/tile.py", "tiles", "assays", "io", "genome"),
        normalised=normalised_of,
        assembly=str(STUDY.assembly_table),
        splits="results/{study}/tiles/splits.tsv",
    output:
        index="results/{study}/tiles/{tileset}/index.parquet",
        arrays=directory("results/{study}/tiles/{tileset}/arrays"),
    log:
        "results/{study}/logs/tile/{tileset}.log",
    benchmark:
        "results/{study}/benchmarks/tile/{tileset}.tsv"
    conda:
        "../../envs/main.yaml"
    resources:
        mem_mb=scaled(8000),
        runtime=scaled(120),
    params:
        config=tile_choices,
        samples=lambda wildcards: ",".join(STUDY.tileset_samples(wildcards.tileset)),
    shell:
        "chiasma tile --normalised results/{wildcards.study}/normalised --samples {params.samples} --assembly {input.assembly} "
        "--splits {input.splits} --config {params.config:q} --output results/{wildcards.study}/tiles/{wildcards.tileset} > {log} 2>&1"


rule label:
    """Draw a task's labelled examples, positives and matched negatives, within each split."""
    input:
        lambda wildcards: code("cli/label.py", f"tasks/{STUDY.tasks[wildcards.task].task}/labels.py", "tiles"),
        labels=lambda wildcards: list(label_files(wildcards).values()),
        arrays="results/{study}/tiles/{tileset}/arrays",
        splits="results/{study}/tiles/splits.tsv",
    output:
        "results/{study}/tiles/{tileset}/{task}.parquet",
    log:
        "results/{study}/logs/label/{tileset}/{task}.log",
    benchmark:
        "results/{study}/benchmarks/label/{tileset}/{task}.tsv"
    conda:
        "../../envs/main.yaml"
    resources:
        mem_mb=scaled(4000),
        runtime=scaled(30),
    params:
        config=label_choices,
        room=lambda wildcards: STUDY.tasks[wildcards.task].task,
        labels=lambda wildcards: options(
            "--labels", [f"{sample}={path}" for sample, path in label_files(wildcards).items()]
        ),
    shell:
        "chiasma label {params.room} --tiles results/{wildcards.study}/tiles/{wildcards.tileset} --splits {input.splits} "
        "{params.labels:q} --config {params.config:q} --output {output} > {log} 2>&1"


rule audit:
    """Look for bases that examples of two splits share; a leak stops the study unless it is declared transductive."""
    input:
        code("cli/audit.py", "evaluation/leak_audit.py"),
        splits="results/{study}/tiles/splits.tsv",
        tables=list(example_tables().values()),
    output:
        report(
            "results/{study}/tiles/leaks.tsv",
            caption="../report/leaks.rst",
            category="Trust",
            labels={"file": "leak audit"},
        ),
    log:
        "results/{study}/logs/audit/audit.log",
    benchmark:
        "results/{study}/benchmarks/audit/audit.tsv"
    conda:
        "../../envs/main.yaml"
    resources:
        mem_mb=scaled(2000),
        runtime=scaled(20),
    params:
        tables=options("--table", [f"{name}={path}" for name, path in example_tables().items()]),
        transductive="--transductive" if STUDY.run.transductive else "",
    shell:
        "chiasma audit --splits {input.splits} --tiles results/{wildcards.study}/tiles {params.tables:q} {params.transductive} "
        "--output {output} > {log} 2>&1"
