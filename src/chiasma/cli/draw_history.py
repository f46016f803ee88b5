"""Draw the loss curves of training runs, each part beside its chance level and its floor."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import pandas as pd
import typer


def draw_history(
    history: Annotated[
        list[Path], typer.Option(help="history.tsv in its run's folder, whose path names stage, model and seed; repeat")
    ],
    output: Annotated[Path, typer.Option(help="picture to write; its numbers go to the .tsv beside")],
) -> None:
    """Draw the loss curves of training runs, each part beside its chance level and its floor."""
    from chiasma.plots import history as figure
    from chiasma.plots.style import save_figure

    save_figure(*figure.draw(pd.concat([read_run(path) for path in history], ignore_index=True)), output)


def read_run(path: Path) -> pd.DataFrame:
    """Read one history with the columns ``run`` and ``seed``, taken from its path."""
    from chiasma.io.tables import read_tsv
    from chiasma.schema.identity import read_identity
    from chiasma.schema.tables import HISTORY

    who = read_identity(path)
    run = " · ".join(word for word in (who.stage, who.model, who.task) if word)
    return read_tsv(path, HISTORY).assign(run=run, seed=who.seed)
