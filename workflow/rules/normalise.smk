# in   the raw file of one sample's assay, the assembly's chromosome table
# out  results/{study}/normalised/{sample}/contacts.cool|genes.bed|states.bed|{assay}.bw|.bed|.bedpe beside {assay}.qc.tsv

# A study's `pairs` are loops made of normalised peaks; every other assay has a raw file.
READERS = ("assays", "io", "genome")


rule normalise_contacts:
    """Bring one Hi-C file to the study's resolution, balanced, with its quality numbers."""
    input:
        code("cli/normalise_contacts.py", *READERS),
        raw=raw,
        assembly=sample_assembly,
    output:
        contacts="results/{study}/normalised/{sample}/contacts.cool",
        qc="results/{study}/normalised/{sample}/contacts.qc.tsv",
        decay="results/{study}/normalised/{sample}/contacts.decay.tsv",
    log:
        "results/{study}/logs/normalise_contacts/{sample}.log",
    benchmark:
        "results/{study}/benchmarks/normalise_contacts/{sample}.tsv"
    conda:
        "../../envs/main.yaml"
    resources:
        mem_mb=scaled(4000),
        runtime=scaled(60),
    params:
        config=contact_choices,
    shell:
        "chiasma normalise_contacts {input.raw:q} --sample {wildcards.sample} --assembly {input.assembly} "
        "--config {params.config:q} --output {output.contacts} --qc {output.qc} --decay {output.decay} > {log} 2>&1"


rule normalise_signal:
    """Average one signal file over bins of track_bp."""
    input:
        code("cli/normalise_signal.py", *READERS),
        raw=raw,
        assembly=sample_assembly,
    output:
        signal="results/{study}/normalised/{sample}/{assay}.bw",
        qc="results/{study}/normalised/{sample}/{assay}.qc.tsv",
    log:
        "results/{study}/logs/normalise_signal/{sample}/{assay}.log",
    benchmark:
        "results/{study}/benchmarks/normalise_signal/{sample}/{assay}.tsv"
    wildcard_constraints:
        assay=any_of(STUDY.assays_of_kind("signal")),
    conda:
        "../../envs/main.yaml"
    resources:
        mem_mb=scaled(2000),
        runtime=scaled(30),
    params:
        config=signal_choices,
    shell:
        "chiasma normalise_signal {input.raw:q} --sample {wildcards.sample} --assay {wildcards.assay} --assembly {input.assembly} "
        "--config {params.config:q} --output {output.signal} --qc {output.qc} > {log} 2>&1"


rule normalise_peaks:
    """Sort and merge one peak file, less the blacklisted regions."""
    input:
        code("cli/normalise_peaks.py", *READERS),
        raw=raw,
        assembly=sample_assembly,
    output:
        peaks="results/{study}/normalised/{sample}/{assay}.bed",
        qc="results/{study}/normalised/{sample}/{assay}.qc.tsv",
    log:
        "results/{study}/logs/normalise_peaks/{sample}/{assay}.log",
    benchmark:
        "results/{study}/benchmarks/normalise_peaks/{sample}/{assay}.tsv"
    wildcard_constraints:
        assay=any_of(STUDY.assays_of_kind("peaks")),
    conda:
        "../../envs/main.yaml"
    resources:
        mem_mb=scaled(1000),
        runtime=scaled(20),
    params:
        config=lambda wildcards: inline(sample_keys(wildcards, "chromosomes", "blacklist")),
    shell:
        "chiasma normalise_peaks {input.raw:q} --sample {wildcards.sample} --assay {wildcards.assay} --assembly {input.assembly} "
        "--config {params.config:q} --output {output.peaks} --qc {output.qc} > {log} 2>&1"


rule normalise_loops:
    """Bring one loop file to the assembly's chromosome names, sorted, each pair once."""
    input:
        code("cli/normalise_loops.py", *READERS),
        raw=raw,
        assembly=sample_assembly,
    output:
        loops="results/{study}/normalised/{sample}/{assay}.bedpe",
        qc="results/{study}/normalised/{sample}/{assay}.qc.tsv",
    log:
        "results/{study}/logs/normalise_loops/{sample}/{assay}.log",
    benchmark:
        "results/{study}/benchmarks/normalise_loops/{sample}/{assay}.tsv"
    wildcard_constraints:
        assay=any_of(STUDY.assays_of_kind("loops")),
    conda:
        "../../envs/main.yaml"
    resources:
        mem_mb=scaled(1000),
        runtime=scaled(20),
    params:
        config=lambda wildcards: inline(sample_keys(wildcards, "chromosomes")),
    shell:
        "chiasma normalise_loops {input.raw:q} --sample {wildcards.sample} --assay {wildcards.assay} --assembly {input.assembly} "
        "--config {params.config:q} --output {output.loops} --qc {output.qc} > {log} 2>&1"


rule normalise_genes:
    """Bring one gene annotation to where transcription starts, by the assembly's chromosome names, sorted."""
    input:
        code("cli/normalise_genes.py", *READERS),
        raw=raw,
        assembly=sample_assembly,
    output:
        genes="results/{study}/normalised/{sample}/{assay}.bed",
        qc="results/{study}/normalised/{sample}/{assay}.qc.tsv",
    log:
        "results/{study}/logs/normalise_genes/{sample}/{assay}.log",
    benchmark:
        "results/{study}/benchmarks/normalise_genes/{sample}/{assay}.tsv"
    wildcard_constraints:
        assay=any_of(STUDY.assays_of_kind("genes")),
    conda:
        "../../envs/main.yaml"
    resources:
        mem_mb=scaled(1000),
        runtime=scaled(20),
    params:
        config=lambda wildcards: inline(sample_keys(wildcards, "chromosomes")),
    shell:
        "chiasma normalise_genes {input.raw:q} --sample {wildcards.sample} --assay {wildcards.assay} --assembly {input.assembly} "
        "--config {params.config:q} --output {output.genes} --qc {output.qc} > {log} 2>&1"


rule normalise_states:
    """Bring one annotation of chromatin states to the assembly's chromosome names, sorted, stretches of one state joined."""
    input:
        code("cli/normalise_states.py", *READERS),
        raw=raw,
        assembly=sample_assembly,
    output:
        states="results/{study}/normalised/{sample}/{assay}.bed",
        qc="results/{study}/normalised/{sample}/{assay}.qc.tsv",
    log:
        "results/{study}/logs/normalise_states/{sample}/{assay}.log",
    benchmark:
        "results/{study}/benchmarks/normalise_states/{sample}/{assay}.tsv"
    wildcard_constraints:
        assay=any_of(STUDY.assays_of_kind("states")),
    conda:
        "../../envs/main.yaml"
    resources:
        mem_mb=scaled(1000),
        runtime=scaled(20),
    params:
        config=lambda wildcards: inline(sample_keys(wildcards, "chromosomes")),
    shell:
        "chiasma normalise_states {input.raw:q} --sample {wildcards.sample} --assay {wildcards.assay} --assembly {input.assembly} "
        "--config {params.config:q} --output {output.states} --qc {output.qc} > {log} 2>&1"


rule pair_peaks:
    """Make loops of one sample's peaks: every two of a chromosome within the distances of the study."""
    input:
        code("cli/pair_peaks.py", "assays/loops.py", "io/bed.py", "io/bedpe.py"),
        peaks=lambda wildcards: normalised(wildcards.sample, RUN["pairs"][wildcards.assay]["peaks"]),
    output:
        loops="results/{study}/normalised/{sample}/{assay}.bedpe",
        qc="results/{study}/normalised/{sample}/{assay}.qc.tsv",
    log:
        "results/{study}/logs/pair_peaks/{sample}/{assay}.log",
    benchmark:
        "results/{study}/benchmarks/pair_peaks/{sample}/{assay}.tsv"
    wildcard_constraints:
        assay=any_of(RUN["pairs"]),
    conda:
        "../../envs/main.yaml"
    resources:
        mem_mb=scaled(1000),
        runtime=scaled(20),
    params:
        config=lambda wildcards: inline(
            {key: value for key, value in RUN["pairs"][wildcards.assay].items() if key != "peaks"}
        ),
    shell:
        "chiasma pair_peaks {input.peaks} --sample {wildcards.sample} --assay {wildcards.assay} "
        "--config {params.config:q} --output {output.loops} --qc {output.qc} > {log} 2>&1"
