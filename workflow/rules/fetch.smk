# out  resources/raw/{dataset}/{file}


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
