# in   everything small: scores, figures, leak audit, quality, provenance
# out  results/{study}/summary.html, tasks/{task}.html, report.html


rule summarise:
    """Write one self-contained page: scores with intervals, figures, leak audit, provenance, run times, sample quality."""
    input:
        code("cli/summarise.py", "plots"),
        scores=scored("scores"),
        provenance=[f"{folder}/provenance.json" for folder in runs()],
        leaks=LEAK_TABLES,
        qc=quality(),
        figures=drawn(),
    output:
        report(
            "results/{study}/summary.html",
            caption="../report/summary.rst",
            category="Summary",
            labels={"file": "summary"},
        ),
    log:
        "results/{study}/logs/summarise/summarise.log",
    benchmark:
        "results/{study}/benchmarks/summarise/summarise.tsv"
    conda:
        "../../envs/main.yaml"
    resources:
        mem_mb=scaled(2000),
        runtime=scaled(20),
    params:
        scores=options("--scores", scored("scores")),
        runs=options("--run", runs()),
        leaks=options("--leaks", LEAK_TABLES),
        qc=options("--qc", quality()),
        figures=options("--figure", drawn()),
        config=inline(summary_choices() | summary_links()),
    shell:
        "chiasma summarise {params.scores} {params.runs} {params.leaks} {params.qc} {params.figures} "
        "--benchmarks results/{wildcards.study}/benchmarks --config {params.config:q} --output {output} > {log} 2>&1"


rule summarise_task:
    """Write one self-contained page on a task: verdicts, scores with intervals, figures, training."""
    input:
        code("cli/summarise_task.py", "plots"),
        scores="results/{study}/evaluate/{task}/scores.tsv",
        runs=lambda wildcards: [f"{folder}/history.tsv" for folder in task_runs(wildcards.task)],
        figures=lambda wildcards: task_figures(wildcards.task),
    output:
        report(
            "results/{study}/tasks/{task}.html",
            caption="../report/summary.rst",
            category="Summary",
            labels={"file": "{task}"},
        ),
    log:
        "results/{study}/logs/summarise_task/{task}.log",
    benchmark:
        "results/{study}/benchmarks/summarise_task/{task}.tsv"
    conda:
        "../../envs/main.yaml"
    resources:
        mem_mb=scaled(2000),
        runtime=scaled(20),
    params:
        runs=lambda wildcards: options("--run", task_runs(wildcards.task)),
        figures=lambda wildcards: options("--figure", task_figures(wildcards.task)),
        config=inline(summary_choices()),
    shell:
        "chiasma summarise_task {wildcards.task} --scores {input.scores} {params.runs} {params.figures} "
        "--config {params.config:q} --output {output} > {log} 2>&1"


rule report:
    """Bind everything published into one page that opens offline, by Snakemake's own report."""
    input:
        published(),
        [f"{R}/tasks/{task}.html" for task in STUDY.tasks],
        summary="results/{study}/summary.html",
    output:
        "results/{study}/report.html",
    log:
        "results/{study}/logs/report/report.log",
    benchmark:
        "results/{study}/benchmarks/report/report.tsv"
    localrule: True
    conda:
        "../../envs/main.yaml"
    resources:
        mem_mb=2000,
        runtime=20,
    params:
        config=inline(config),
    shell:
        # a second Snakemake that reads the records of the first; it runs nothing and so needs no lock
        "folder=$(dirname {log}); printf '%s' {params.config:q} > $folder/config.json; "
        "snakemake --profile none --workflow-profile none --nolock --cores 1 --configfile $folder/config.json "
        "--report {output} -- {input} > {log} 2>&1"
