"""Sort and merge peaks, without blacklisted regions, with their quality."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def normalise_peaks(
    raw: Annotated[Path, typer.Argument(help=".bed, .narrowPeak or .broadPeak, also .gz")],
    sample: Annotated[str, typer.Option(help="biosample")],
    assay: Annotated[str, typer.Option(help="assay, as in the sample sheet")],
    assembly: Annotated[Path, typer.Option(help="assembly table: chrom, length_bp, aliases")],
    config: Annotated[str, typer.Option(help="file or inline JSON: chromosomes, blacklist")],
    output: Annotated[Path, typer.Option(help="BED to write")],
    qc: Annotated[Path, typer.Option(help="quality table to write (TSV)")],
) -> None:
    """Turn raw peaks into the study's: the assembly's names, sorted, merged, without blacklisted regions."""
    from chiasma.assays.accessibility import PeaksConfig, normalise_peak_file
    from chiasma.io.assembly import read_assembly
    from chiasma.io.tables import write_tsv
    from chiasma.schema.rooms import build_config, read_values
    from chiasma.schema.tables import QC

    settings = build_config(PeaksConfig, read_values(config), "--config")
    quality = normalise_peak_file(raw, read_assembly(assembly), settings, (sample, assay), output)
    write_tsv(quality, qc, QC)
