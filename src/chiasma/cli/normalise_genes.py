"""Bring a gene annotation to where transcription starts, by the assembly's chromosome names, with its quality."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def normalise_genes(
    raw: Annotated[Path, typer.Argument(help=".bed, .gtf, .gff3 or .gff, also .gz")],
    sample: Annotated[str, typer.Option(help="biosample")],
    assay: Annotated[str, typer.Option(help="assay, as in the sample sheet")],
    assembly: Annotated[Path, typer.Option(help="assembly table: chrom, length_bp, aliases")],
    config: Annotated[str, typer.Option(help="file or inline JSON: chromosomes")],
    output: Annotated[Path, typer.Option(help="BED to write")],
    qc: Annotated[Path, typer.Option(help="quality table to write (TSV)")],
) -> None:
    """Turn a gene annotation into the study's starts of transcription: the assembly's names, one base each, sorted."""
    from chiasma.assays.genes import GenesConfig, normalise_gene_file
    from chiasma.io.assembly import read_assembly
    from chiasma.io.tables import write_tsv
    from chiasma.schema.rooms import build_config, read_values
    from chiasma.schema.tables import QC

    settings = build_config(GenesConfig, read_values(config), "--config")
    quality = normalise_gene_file(raw, read_assembly(assembly), settings, (sample, assay), output)
    write_tsv(quality, qc, QC)
