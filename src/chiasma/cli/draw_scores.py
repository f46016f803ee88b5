"""Draw every score with its 95 % interval, models beside baselines."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def draw_scores(
    scores: Annotated[list[Path], typer.Option(help="scores.tsv of a task; repeat for each task")],
    output: Annotated[Path, typer.Option(help="picture to write; its numbers go to the .tsv beside")],
    config: Annotated[str, typer.Option(help="JSON or file: baselines, resolution_bp")] = "{}",
) -> None:
    """Draw every score with its 95 % interval, models beside baselines."""
    from chiasma.io.tables import read_tsvs
    from chiasma.plots import scores as figure
    from chiasma.plots.style import FigureConfig, save_figure
    from chiasma.schema.rooms import build_config, read_values
    from chiasma.schema.tables import SCORES

    frame = read_tsvs(scores, SCORES)
    save_figure(*figure.draw(frame, build_config(FigureConfig, read_values(config), "--config")), output)
