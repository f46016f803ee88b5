"""Make a tileset: the arrays of contacts and tracks, and the index of the tiles cut from them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from chiasma.io.assembly import read_assembly
from chiasma.io.tables import read_tsv, write_parquet
from chiasma.schema.rooms import build_config, read_values
from chiasma.schema.tables import SPLITS, TILES
from chiasma.tiles.index import TilesetConfig, build_index, report_index
from chiasma.tiles.store import build_arrays


def tile(
    normalised: Annotated[Path, typer.Option(help="folder of {sample}/contacts.cool and {sample}/{assay}.bw")],
    samples: Annotated[str, typer.Option(help="biosamples, separated by commas")],
    assembly: Annotated[Path, typer.Option(help="TSV of the assembly's chromosomes")],
    splits: Annotated[Path, typer.Option(help="splits.tsv")],
    config: Annotated[
        str, typer.Option(help="JSON or file: the tileset's keys with chromosomes, resolution_bp, track_bp, missing")
    ],
    output: Annotated[Path, typer.Option(help="folder of the tileset: index.parquet and arrays/ are written")],
) -> None:
    """Make a tileset: the arrays of contacts and tracks, and the index of the tiles cut from them."""
    chosen = build_config(TilesetConfig, read_values(config), "tile --config")
    regions = read_tsv(splits, SPLITS)
    names = [name.strip() for name in samples.split(",") if name.strip()]
    arrays = build_arrays(output / "arrays", normalised, names, read_assembly(assembly), chosen, regions)
    index = build_index(arrays, regions, chosen)
    write_parquet(index, output / "index.parquet", TILES)
    report_index(index)
