"""Make loops of peaks: every two of a chromosome within the distances asked for, with their quality."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def pair_peaks(
    peaks: Annotated[Path, typer.Argument(help="normalised peaks, .bed")],
    sample: Annotated[str, typer.Option(help="biosample")],
    assay: Annotated[str, typer.Option(help="assay that the pairs become, a key of the study's pairs")],
    config: Annotated[str, typer.Option(help="file or inline JSON: min_distance_bp, max_distance_bp")],
    output: Annotated[Path, typer.Option(help="BEDPE to write")],
    qc: Annotated[Path, typer.Option(help="quality table to write (TSV)")],
) -> None:
    """Turn peaks into loops: every two of a chromosome whose middles are min_distance_bp to max_distance_bp apart."""
    from chiasma.assays.loops import PairsConfig, pair_peak_file
    from chiasma.io.tables import write_tsv
    from chiasma.schema.rooms import build_config, read_values
    from chiasma.schema.tables import QC

    settings = build_config(PairsConfig, read_values(config), "--config")
    quality = pair_peak_file(peaks, settings, (sample, assay), output)
    write_tsv(quality, qc, QC)
