"""Draw which parts of each chromosome are for training, validation and test."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def draw_splits(
    splits: Annotated[Path, typer.Option(help="splits.tsv")],
    assembly: Annotated[Path, typer.Option(help="assembly table")],
    output: Annotated[Path, typer.Option(help="picture to write; its numbers go to the .tsv beside")],
    config: Annotated[str, typer.Option(help="JSON or file: chromosomes")] = "{}",
) -> None:
    """Draw which parts of each chromosome are for training, validation and test."""
    from chiasma.io.assembly import read_assembly
    from chiasma.io.tables import read_tsv
    from chiasma.plots import splits as figure
    from chiasma.plots.style import FigureConfig, save_figure
    from chiasma.schema.rooms import build_config, read_values
    from chiasma.schema.tables import SPLITS

    numbers = build_config(FigureConfig, read_values(config), "--config")
    save_figure(*figure.draw(read_tsv(splits, SPLITS), read_assembly(assembly).lengths, numbers), output)
