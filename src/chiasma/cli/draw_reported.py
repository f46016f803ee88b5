"""Draw losses that were reported elsewhere at their landmarks, and what is left of them beside our own trainings."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def draw_reported(
    reported: Annotated[Path, typer.Option(help="table of the reported losses")],
    landmarks: Annotated[Path, typer.Option(help="landmarks.tsv of the objective that was reported")],
    output: Annotated[Path, typer.Option(help="picture to write; its numbers go to the .tsv beside")],
    run: Annotated[list[Path] | None, typer.Option(help="folder of a pre-training: history.tsv; repeat")] = None,
) -> None:
    """Draw losses that were reported elsewhere at their landmarks, and what is left of them beside our own trainings."""
    from chiasma.io.reported import read_reported
    from chiasma.io.tables import read_tsv
    from chiasma.plots import reported as figure
    from chiasma.plots.style import save_figure
    from chiasma.schema.tables import LANDMARKS

    table, _ = read_reported(reported)
    levels = read_tsv(landmarks, LANDMARKS)
    save_figure(*figure.draw(table, levels, read_shares(table, levels, run or [])), output)


def read_shares(reported: object, landmarks: object, runs: list[Path]) -> object:
    """Return the shares left of a report and of the pre-trainings in these folders, below each other."""
    import pandas as pd

    from chiasma.cli.summarise import read_history
    from chiasma.evaluation.reported import shares_of_history, shares_of_report

    frames = [shares_of_report(reported, landmarks), *(shares_of_history(read_history(folder)) for folder in runs)]
    return pd.concat([frame for frame in frames if len(frame)] or frames[:1], ignore_index=True)
