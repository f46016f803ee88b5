# out  resources/raw/{study}/…, of a genome beside the study's own resources/raw/{study}/{genome}/… (only of simulated genomes)

for GENOME, NUMBERS in SIMULATED.items():
    NAME = "simulate" if GENOME is None else f"simulate_{GENOME}"

    rule simulate:
        """Write a genome's raw files in their true formats, with the truth behind them."""
        name:
            NAME
        input:
            code("cli/simulate.py", "simulate"),
        output:
            [str(Path("resources/raw/{study}", *path.parts[3:])) for path in sorted(simulated_paths(STUDY.run, GENOME))],
        log:
            f"results/{{study}}/logs/simulate/{GENOME or 'simulate'}.log",
        benchmark:
            f"results/{{study}}/benchmarks/simulate/{GENOME or 'simulate'}.tsv"
        conda:
            "../../envs/main.yaml"
        resources:
            mem_mb=scaled(4000),
            runtime=scaled(60),
        params:
            config=inline(NUMBERS),
            # not in the command itself, which Snakemake formats when the job runs, after the loop has ended
            folder=Path("resources/raw/{study}", GENOME or "").as_posix(),
        shell:
            "chiasma simulate --config {params.config:q} --output {params.folder} > {log} 2>&1"
