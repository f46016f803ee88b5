"""Draw which parts of each chromosome are for training, validation and test."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def draw_splits(
    splits: Annotated[Path, typer.Option(help="splits.tsv")],
    output: Annotated[Path, typer.Option(help="picture to write; its numbers go to the .tsv beside")],
) -> None:
    """Draw which parts of each chromosome are for training, validation and test."""
    from chiasma.io.tables import read_tsv
    from chiasma.plots import splits as figure
    from chiasma.plots.style import save_figure
    from chiasma.schema.tables import SPLITS

    save_figure(*figure.draw(read_tsv(splits, SPLITS)), output)
