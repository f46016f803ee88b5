"""Draw how well predicted maps agree with the observed one at each distance."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def draw_strata(
    strata: Annotated[Path, typer.Option(help="strata.tsv of a task")],
    output: Annotated[Path, typer.Option(help="picture to write; its numbers go to the .tsv beside")],
    config: Annotated[str, typer.Option(help="JSON or file: baselines, resolution_bp")] = "{}",
) -> None:
    """Draw the correlation with the observed map, and the mean contacts, at each distance."""
    from chiasma.io.tables import read_tsv
    from chiasma.plots import maps as figure
    from chiasma.plots.style import FigureConfig, save_figure
    from chiasma.schema.rooms import build_config, read_values
    from chiasma.schema.tables import STRATA

    frame = read_tsv(strata, STRATA)
    save_figure(*figure.draw_strata(frame, build_config(FigureConfig, read_values(config), "--config")), output)
