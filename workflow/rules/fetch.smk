# out  resources/raw/{dataset}/{file}


def stated_sum(wildcards):
    """The sum that the dataset table states; none where a first download recorded it, so that stating it fetches nothing again."""
    dataset = STUDY.datasets[wildcards.dataset]
    record = Path(f"{dataset.path}.sha256")
    recorded = record.read_text().split()[:1] if record.exists() else []
    return None if recorded == [dataset.sha256] else dataset.sha256


rule fetch:
    """Obtain one raw file of the dataset table and verify its SHA-256."""
    output:
        "resources/raw/{dataset}/{file}",
    log:
        f"{R}/logs/fetch/{{dataset}}/{{file}}.log",
    benchmark:
        f"{R}/benchmarks/fetch/{{dataset}}/{{file}}.tsv"
    retries: 2
    localrule: True
    conda:
        "../../envs/main.yaml"
    resources:
        mem_mb=1000,
        runtime=240,
        # no parameter: where the bytes come from does not change them
        mirror=RUN["mirror"] or "",
    params:
        sha256=stated_sum,
    shell:
        "chiasma fetch {wildcards.dataset} --output {output} --mirror={resources.mirror:q} > {log} 2>&1"
