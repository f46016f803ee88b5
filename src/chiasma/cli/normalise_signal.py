"""Turn a raw track (bigWig, bedGraph, BAM) into means over bins of track_bp, with its quality."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def normalise_signal(
    raw: Annotated[Path, typer.Argument(help=".bw, .bigWig, .bedGraph(.gz) or sorted, indexed .bam")],
    sample: Annotated[str, typer.Option(help="biosample")],
    assay: Annotated[str, typer.Option(help="assay, as in the sample sheet")],
    assembly: Annotated[Path, typer.Option(help="assembly table: chrom, length_bp, aliases")],
    config: Annotated[
        str,
        typer.Option(
            help="file or inline JSON: chromosomes, track_bp, missing, bam_normalisation, effective_genome_bp"
        ),
    ],
    output: Annotated[Path, typer.Option(help="bigWig to write")],
    qc: Annotated[Path, typer.Option(help="quality table to write (TSV)")],
) -> None:
    """Turn a raw track into a bigWig of means over bins of track_bp; missing values follow the assay's policy."""
    from chiasma.assays.signal import SignalConfig, normalise_track
    from chiasma.io.assembly import read_assembly
    from chiasma.io.tables import write_tsv
    from chiasma.schema.rooms import build_config, read_values
    from chiasma.schema.tables import QC

    settings = build_config(SignalConfig, read_values(config), "--config")
    quality = normalise_track(raw, read_assembly(assembly), settings, (sample, assay), output)
    write_tsv(quality, qc, QC)
