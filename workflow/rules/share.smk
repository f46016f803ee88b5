# in   results/{study}/normalised/{source}/, of the biosample that was thinned
# out  results/{study}/normalised/{sample}/{assay}.bw|.bed|.bedpe of a thinned biosample


# a thinned biosample has rows of its own in the study, which the other rules would normalise a second time
ruleorder: share > normalise_signal
ruleorder: share > normalise_peaks
ruleorder: share > normalise_loops
ruleorder: share > normalise_genes
ruleorder: share > normalise_states
ruleorder: share > pair_peaks


rule share:
    """Link a thinned biosample to its source's tracks, peaks, loops, genes or states; its contacts alone are thinned."""
    input:
        code("cli/share.py"),
        file=lambda wildcards: normalised(RUN["thin"][wildcards.sample]["sample"], wildcards.assay),
    output:
        "results/{study}/normalised/{sample}/{assay}.{suffix}",
    log:
        "results/{study}/logs/share/{sample}/{assay}.{suffix}.log",
    benchmark:
        "results/{study}/benchmarks/share/{sample}/{assay}.{suffix}.tsv"
    wildcard_constraints:
        sample=any_of(RUN["thin"]),
        assay=any_of({row.assay: None for row in STUDY.samples if row.kind != "contacts"}),
        suffix=any_of({*SUFFIX.values()} - {SUFFIX["contacts"]}),
    localrule: True
    conda:
        "../../envs/main.yaml"
    resources:
        mem_mb=500,
        runtime=5,
    shell:
        "chiasma share {input.file} --output {output} > {log} 2>&1"
