"""Draw scores against the share of training examples, with and without pre-training."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def draw_few_shot(
    scores: Annotated[Path, typer.Option(help="table of `chiasma evaluate_few_shot`")],
    output: Annotated[Path, typer.Option(help="picture to write; its numbers go to the .tsv beside")],
    config: Annotated[str, typer.Option(help="JSON or file: baselines, resolution_bp")] = "{}",
) -> None:
    """Draw scores against the share of training examples, with and without pre-training."""
    from chiasma.io.tables import read_tsv
    from chiasma.plots import few_shot as figure
    from chiasma.plots.style import FigureConfig, save_figure
    from chiasma.schema.rooms import build_config, read_values
    from chiasma.schema.tables import FEW_SHOT

    save_figure(
        *figure.draw(read_tsv(scores, FEW_SHOT), build_config(FigureConfig, read_values(config), "--config")), output
    )
