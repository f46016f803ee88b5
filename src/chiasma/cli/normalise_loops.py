"""Bring loops to the assembly's chromosome names, anchors in order, each pair once, with their quality."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def normalise_loops(
    raw: Annotated[Path, typer.Argument(help=".bedpe, also .gz")],
    sample: Annotated[str, typer.Option(help="biosample")],
    assay: Annotated[str, typer.Option(help="assay, as in the sample sheet")],
    assembly: Annotated[Path, typer.Option(help="assembly table: chrom, length_bp, aliases")],
    config: Annotated[str, typer.Option(help="file or inline JSON: chromosomes")],
    output: Annotated[Path, typer.Option(help="BEDPE to write")],
    qc: Annotated[Path, typer.Option(help="quality table to write (TSV)")],
) -> None:
    """Turn raw loops into the study's: the assembly's names, within chromosomes, anchors in order, each pair once."""
    from chiasma.assays.loops import LoopsConfig, normalise_loop_file
    from chiasma.io.assembly import read_assembly
    from chiasma.io.tables import write_tsv
    from chiasma.schema.rooms import build_config, read_values
    from chiasma.schema.tables import QC

    settings = build_config(LoopsConfig, read_values(config), "--config")
    quality = normalise_loop_file(raw, read_assembly(assembly), settings, (sample, assay), output)
    write_tsv(quality, qc, QC)
