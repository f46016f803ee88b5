"""Draw what models still say when tracks are weakened or a modality is missing."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def draw_perturbations(
    table: Annotated[list[Path], typer.Option(help="table of `chiasma perturb`; repeat for each model and seed")],
    output: Annotated[Path, typer.Option(help="picture to write; its numbers go to the .tsv beside")],
    config: Annotated[str, typer.Option(help="JSON or file: baselines")] = "{}",
) -> None:
    """Draw what models still say when tracks are weakened or a modality is missing."""
    from chiasma.evaluation.perturbation import over_seeds
    from chiasma.io.tables import read_tsvs
    from chiasma.plots import perturbations as figure
    from chiasma.plots.style import FigureConfig, save_figure
    from chiasma.schema.rooms import build_config, read_values
    from chiasma.schema.tables import PERTURBATIONS

    found = read_tsvs(table, PERTURBATIONS)
    save_figure(*figure.draw(over_seeds(found), build_config(FigureConfig, read_values(config), "--config")), output)
