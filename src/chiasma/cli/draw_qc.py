"""Draw the quality of the samples: contacts by distance, and usable fractions."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import pandas as pd
import typer


def draw_qc(
    decay: Annotated[list[Path], typer.Option(help="contacts.decay.tsv of a sample; repeat for each")],
    qc: Annotated[list[Path], typer.Option(help="quality table of a sample's assay; repeat for each")],
    output: Annotated[Path, typer.Option(help="picture to write; its numbers go to the .tsv beside")],
) -> None:
    """Draw the quality of the samples: contacts by distance, and usable fractions."""
    from chiasma.io.tables import read_tsv
    from chiasma.plots import qc as figure
    from chiasma.plots.style import save_figure
    from chiasma.schema.tables import DECAY, QC

    curves = pd.concat([read_tsv(path, DECAY) for path in decay], ignore_index=True)
    quality = pd.concat([read_tsv(path, QC) for path in qc], ignore_index=True)
    save_figure(*figure.draw(curves, quality), output)
