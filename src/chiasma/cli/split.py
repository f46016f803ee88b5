"""Choose the train, valid and test regions of a study; they bind pre-training and every task."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from chiasma.core.log import log
from chiasma.io.assembly import read_assembly
from chiasma.io.tables import write_tsv
from chiasma.schema.rooms import build_config, read_values
from chiasma.schema.tables import SPLITS
from chiasma.tiles.splits import build_splits, read_splits_config


@dataclass(frozen=True)
class SplitConfig:
    """The study's keys that splits depend on."""

    chromosomes: tuple[str, ...]
    resolution_bp: int
    splits: dict[str, Any]


def split(
    assembly: Annotated[Path, typer.Option(help="TSV of the assembly's chromosomes")],
    config: Annotated[str, typer.Option(help="JSON or file: chromosomes, resolution_bp, splits")],
    output: Annotated[Path, typer.Option(help="TSV to write: chrom, start, end, split")],
) -> None:
    """Choose the train, valid and test regions of a study; they bind pre-training and every task."""
    chosen = build_config(SplitConfig, read_values(config), "split --config")
    genome = read_assembly(assembly)
    names = [genome.resolve(name, "chromosomes") for name in chosen.chromosomes]
    table = build_splits(
        {name: genome.lengths[name] for name in names},
        chosen.resolution_bp,
        read_splits_config(chosen.splits, "splits"),
    )
    write_tsv(table, output, SPLITS)
    log.info("bases per split: %s", table.assign(bp=table.end - table.start).groupby("split").bp.sum().to_dict())
