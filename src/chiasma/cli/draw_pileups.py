"""Draw the pile-up (APA) of each model's calls beside that of the true loops."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def draw_pileups(
    pileups: Annotated[list[Path], typer.Option(help="pileups.tsv of a task; repeat for each task")],
    scores: Annotated[list[Path], typer.Option(help="scores.tsv of a task; repeat for each task")],
    output: Annotated[Path, typer.Option(help="picture to write; its numbers go to the .tsv beside")],
    config: Annotated[str, typer.Option(help="JSON or file: baselines, resolution_bp")] = "{}",
) -> None:
    """Draw the pile-up (APA) of each model's calls beside that of the true loops."""
    from chiasma.io.tables import read_tsvs
    from chiasma.plots import pileups as figure
    from chiasma.plots.style import FigureConfig, save_figure
    from chiasma.schema.rooms import build_config, read_values
    from chiasma.schema.tables import PILEUPS, SCORES

    piles = read_tsvs(pileups, PILEUPS)
    marks = read_tsvs(scores, SCORES)
    save_figure(*figure.draw(piles, marks, build_config(FigureConfig, read_values(config), "--config")), output)
