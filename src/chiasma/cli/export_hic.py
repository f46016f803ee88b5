"""Write a predicted contact map as .hic, for Juicebox and other readers of that format."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from chiasma.core.log import log
from chiasma.io.predicted_maps import export_map


def export_hic(
    map: Annotated[Path, typer.Option(help=".mcool of predicted contacts")],
    output: Annotated[Path, typer.Option(help=".hic to write")],
) -> None:
    """Write a predicted contact map as .hic: the finest bins of the .mcool, and its coarser ones summed from them."""
    log.info("%s: %d pixels", output, export_map(map, output))
