"""Draw what the parts of a model are worth: each variant beside the model it departs from."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def draw_ablation(
    scores: Annotated[Path, typer.Option(help="scores.tsv of the task, with the variants' differences")],
    output: Annotated[Path, typer.Option(help="picture to write; the table goes to the .tsv beside")],
    config: Annotated[str, typer.Option(help="JSON or file: reference, groups, resolution_bp")],
) -> None:
    """Draw what the parts of a model are worth: each variant beside the model it departs from."""
    from chiasma.io.tables import read_tsv
    from chiasma.plots import ablation as figure
    from chiasma.plots.style import save_figure
    from chiasma.schema.rooms import build_config, read_values
    from chiasma.schema.tables import SCORES

    chosen = build_config(figure.AblationConfig, read_values(config), "--config")
    save_figure(*figure.draw(read_tsv(scores, SCORES), chosen), output)
