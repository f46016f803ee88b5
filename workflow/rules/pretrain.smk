# in   results/{study}/tiles/{tileset}/, splits and audit
# out  results/{study}/pretrain/{model}/seed{seed}/ weights.safetensors, config.json, history.tsv, provenance.json
#      (checkpoint/ and tensorboard/ beside them are nobody's output, so that a failed job keeps them)

TRAINED = ("weights.safetensors", "config.json", "history.tsv", "provenance.json")


rule pretrain:
    """Pre-train a model's encoder on the training split; resumes from its last checkpoint after an interruption."""
    input:
        index=lambda wildcards: [f"{folder}/index.parquet" for folder in pretrain_tiles(wildcards)],
        arrays=lambda wildcards: [f"{folder}/arrays" for folder in pretrain_tiles(wildcards)],
        init=lambda wildcards: init_files(wildcards, "pretrain"),
        # no training before the audit; a new audit of the same tiles trains nothing again
        leaks=ancient(pretrain_audits),
    output:
        expand("results/{study}/pretrain/{model}/seed{seed}/{name}", name=TRAINED, allow_missing=True),
    log:
        "results/{study}/logs/pretrain/{model}/seed{seed}.log",
    benchmark:
        "results/{study}/benchmarks/pretrain/{model}/seed{seed}.tsv"
    conda:
        "../../envs/main.yaml"
    resources:
        gpu=1,
        mem_mb=scaled(8000),
        runtime=scaled(720),
    params:
        config=lambda wildcards: inline(numbers_of(wildcards.model, "pretrain")),
        tiles=lambda wildcards: " --tiles ".join(pretrain_tiles(wildcards)),
        transductive="--transductive" if STUDY.run.transductive else "",
    shell:
        "chiasma pretrain --config {params.config:q} --tiles {params.tiles} --seed {wildcards.seed} {params.transductive} "
        "--output results/{wildcards.study}/pretrain/{wildcards.model}/seed{wildcards.seed} > {log} 2>&1"
