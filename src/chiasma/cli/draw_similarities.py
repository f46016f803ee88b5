"""Draw how alike the maps of all samples are by each method, replicates outlined."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def draw_similarities(
    pairs: Annotated[list[Path], typer.Option(help="pairs.tsv of a task; repeat for each task")],
    output: Annotated[Path, typer.Option(help="picture to write; its numbers go to the .tsv beside")],
    config: Annotated[str, typer.Option(help="JSON or file: baselines, resolution_bp")] = "{}",
) -> None:
    """Draw the mean similarity of every two samples by each method, replicates outlined."""
    from chiasma.io.tables import read_tsvs
    from chiasma.plots import similarities as figure
    from chiasma.plots.style import FigureConfig, save_figure
    from chiasma.schema.rooms import build_config, read_values
    from chiasma.schema.tables import PAIRS

    frame = read_tsvs(pairs, PAIRS)
    save_figure(*figure.draw(frame, build_config(FigureConfig, read_values(config), "--config")), output)
