"""Draw the quality of the samples: contacts by distance, and usable fractions."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def draw_qc(
    decay: Annotated[list[Path], typer.Option(help="contacts.decay.tsv of a sample; repeat for each")],
    qc: Annotated[list[Path], typer.Option(help="quality table of a sample's assay; repeat for each")],
    output: Annotated[Path, typer.Option(help="picture to write; its numbers go to the .tsv beside")],
) -> None:
    """Draw the quality of the samples: contacts by distance, and usable fractions."""
    from chiasma.io.tables import read_tsvs
    from chiasma.plots import qc as figure
    from chiasma.plots.style import save_figure
    from chiasma.schema.tables import DECAY, QC

    curves = read_tsvs(decay, DECAY)
    quality = read_tsvs(qc, QC)
    save_figure(*figure.draw(curves, quality), output)
