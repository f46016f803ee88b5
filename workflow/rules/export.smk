# in   results/{study}/predict/{task}/{model}/seed{seed}/{sample}.mcool
# out  the same map as .hic, when asked for by name


rule export_hic:
    """Write a predicted contact map as .hic, for Juicebox."""
    input:
        code("cli/export_hic.py", "io/predicted_maps.py"),
        map="results/{study}/predict/{task}/{model}/seed{seed}/{sample}.mcool",
    output:
        "results/{study}/predict/{task}/{model}/seed{seed}/{sample}.hic",
    log:
        "results/{study}/logs/export_hic/{task}/{model}/seed{seed}/{sample}.log",
    benchmark:
        "results/{study}/benchmarks/export_hic/{task}/{model}/seed{seed}/{sample}.tsv"
    conda:
        "../../envs/main.yaml"
    resources:
        mem_mb=scaled(4000),
        runtime=scaled(30),
    shell:
        "chiasma export_hic --map {input.map} --output {output} > {log} 2>&1"
