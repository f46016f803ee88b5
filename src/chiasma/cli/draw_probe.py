"""Draw what tokens say linearly about a task's labels, beside random weights and the raw inputs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def draw_probe(
    table: Annotated[list[Path], typer.Option(help="table of `chiasma probe`; repeat for each model and seed")],
    output: Annotated[Path, typer.Option(help="picture to write; seeds, means and differences go to the .tsv beside")],
    config: Annotated[str, typer.Option(help="JSON or file: resolution_bp")] = "{}",
) -> None:
    """Draw what tokens say linearly about a task's labels, beside random weights and the raw inputs."""
    from chiasma.evaluation.probe import summarise_probes
    from chiasma.io.tables import read_tsvs
    from chiasma.plots import probe as figure
    from chiasma.plots.style import FigureConfig, save_figure
    from chiasma.schema.rooms import build_config, read_values
    from chiasma.schema.tables import PROBE

    means = summarise_probes(read_tsvs(table, PROBE))
    save_figure(*figure.draw(means, build_config(FigureConfig, read_values(config), "--config")), output)
