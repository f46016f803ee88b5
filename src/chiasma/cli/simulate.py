"""Write a simulated study with known truth: sequence, Hi-C, tracks, peaks, genes, loops, in true formats."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from chiasma.schema.rooms import build_config, read_values
from chiasma.simulate.config import Config
from chiasma.simulate.writer import write_study


def simulate(
    config: Annotated[
        str, typer.Option(help="the study's numbers under 'simulate': inline JSON, or a YAML or JSON file")
    ],
    output: Annotated[Path, typer.Option(help="directory to write into")],
) -> None:
    """Write a simulated study; its truth lies in OUTPUT/truth."""
    write_study(build_config(Config, read_values(config), "simulate"), output)
