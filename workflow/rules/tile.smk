# in   results/{study}/normalised/
# out  results/{study}/tiles/{genome}splits.tsv, {tileset}/index.parquet, {tileset}/arrays/, {tileset}/{task}.parquet, {genome}leaks.tsv
#      ({genome} is empty for the study's own, and the name with a dot for another)


rule split:
    """Assign each base of a genome to train, valid, test or a gap, once for pre-training and all tasks."""
    input:
        code("cli/split.py", "tiles/splits.py", "genome"),
        assembly=lambda wildcards: str(STUDY.chromosome_table(prefixed_genome(wildcards))),
    output:
        "results/{study}/tiles/{genome}splits.tsv",
    log:
        "results/{study}/logs/split/{genome}split.log",
    benchmark:
        "results/{study}/benchmarks/split/{genome}split.tsv"
    conda:
        "../../envs/main.yaml"
    resources:
        mem_mb=scaled(1000),
        runtime=scaled(10),
    params:
        config=split_choices,
    shell:
        "chiasma split --assembly {input.assembly} --config {params.config:q} --output {output} > {log} 2>&1"


rule tile:
    """Index the windows of a tileset and store its arrays once per sample and chromosome."""
    input:
        code("cli/tile.py", "tiles", "assays", "io", "genome"),
        normalised=normalised_of,
        assembly=tileset_assembly,
        splits=tileset_splits,
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
        splits=tileset_splits,
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
        splits="results/{study}/tiles/{genome}splits.tsv",
        tables=lambda wildcards: list(genome_tables(wildcards).values()),
    output:
        report(
            "results/{study}/tiles/{genome}leaks.tsv",
            caption="../report/leaks.rst",
            category="Trust",
            labels={"file": "{genome}leak audit"},
        ),
    log:
        "results/{study}/logs/audit/{genome}audit.log",
    benchmark:
        "results/{study}/benchmarks/audit/{genome}audit.tsv"
    conda:
        "../../envs/main.yaml"
    resources:
        mem_mb=scaled(2000),
        runtime=scaled(20),
    params:
        tables=lambda wildcards: options(
            "--table", [f"{name}={path}" for name, path in genome_tables(wildcards).items()]
        ),
        transductive="--transductive" if STUDY.run.transductive else "",
    shell:
        "chiasma audit --splits {input.splits} --tiles results/{wildcards.study}/tiles {params.tables:q} {params.transductive} "
        "--output {output} > {log} 2>&1"
