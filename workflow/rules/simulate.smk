# out  resources/raw/{study}/…   (only in a simulated study)

if STUDY.run.simulate is not None:

    rule simulate:
        """Write the study's raw files in their true formats, with the truth behind them."""
        input:
            code("cli/simulate.py", "simulate"),
        output:
            [str(Path("resources/raw/{study}", *path.parts[3:])) for path in sorted(simulated_paths(STUDY.run))],
        log:
            "results/{study}/logs/simulate/simulate.log",
        benchmark:
            "results/{study}/benchmarks/simulate/simulate.tsv"
        conda:
            "../../envs/main.yaml"
        resources:
            mem_mb=scaled(4000),
            runtime=scaled(60),
        params:
            config=inline(RUN["simulate"]),
        shell:
            "chiasma simulate --config {params.config:q} --output resources/raw/{wildcards.study} > {log} 2>&1"
