"""Turn raw contacts (.hic, .cool, .mcool, text) into the study's balanced map, with its quality."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def normalise_contacts(
    raw: Annotated[Path, typer.Argument(help=".hic, .cool, .mcool or .RAWobserved(.gz)")],
    sample: Annotated[str, typer.Option(help="biosample")],
    assembly: Annotated[Path, typer.Option(help="assembly table: chrom, length_bp, aliases")],
    config: Annotated[str, typer.Option(help="file or inline JSON: chromosomes, resolution_bp, balance, ice_mad_max")],
    output: Annotated[Path, typer.Option(help=".cool to write")],
    qc: Annotated[Path, typer.Option(help="quality table to write (TSV)")],
    decay: Annotated[Path, typer.Option(help="contacts by distance to write (TSV)")],
) -> None:
    """Turn raw contacts into one .cool at the study's resolution, with a multiplicative weight for each bin."""
    from chiasma.assays.contact_maps import normalise_map
    from chiasma.assays.contacts import ContactsConfig
    from chiasma.io.assembly import read_assembly
    from chiasma.io.contact_files import open_contacts
    from chiasma.io.tables import write_tsv
    from chiasma.schema.rooms import build_config, read_values
    from chiasma.schema.tables import DECAY, QC

    settings = build_config(ContactsConfig, read_values(config), "--config")
    genome = read_assembly(assembly)
    source = open_contacts(raw, genome, settings.chromosomes)
    quality, by_distance = normalise_map(source, genome, settings, sample, output)
    write_tsv(quality, qc, QC)
    write_tsv(by_distance, decay, DECAY)
