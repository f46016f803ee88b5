"""Bring chromatin states to the assembly's chromosome names, sorted, stretches of one state joined, with their quality."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def normalise_states(
    raw: Annotated[Path, typer.Argument(help=".bed with the state in the fourth column, also .gz")],
    sample: Annotated[str, typer.Option(help="biosample")],
    assay: Annotated[str, typer.Option(help="assay, as in the sample sheet")],
    assembly: Annotated[Path, typer.Option(help="assembly table: chrom, length_bp, aliases")],
    config: Annotated[str, typer.Option(help="file or inline JSON: chromosomes")],
    output: Annotated[Path, typer.Option(help="BED to write")],
    qc: Annotated[Path, typer.Option(help="quality table to write (TSV)")],
) -> None:
    """Turn an annotation of chromatin states into the study's: the assembly's names, sorted, one state at a place."""
    from chiasma.assays.states import StatesConfig, normalise_state_file
    from chiasma.io.assembly import read_assembly
    from chiasma.io.tables import write_tsv
    from chiasma.schema.rooms import build_config, read_values
    from chiasma.schema.tables import QC

    settings = build_config(StatesConfig, read_values(config), "--config")
    quality = normalise_state_file(raw, read_assembly(assembly), settings, (sample, assay), output)
    write_tsv(quality, qc, QC)
