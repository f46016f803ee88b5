"""Write one self-contained page on a task of a study: verdicts, scores with intervals, training, figures."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import pandas as pd
import typer

from chiasma.cli.summarise import gather, interval_kind, read_history
from chiasma.core.atomic import write_text
from chiasma.io.tables import read_tsv
from chiasma.plots.summary import Material, SummaryConfig, build_task
from chiasma.schema import tables
from chiasma.schema.rooms import build_config, read_values


def summarise_task(
    task: Annotated[str, typer.Argument(help="name of the task")],
    scores: Annotated[Path, typer.Option(help="scores.tsv of the task")],
    output: Annotated[Path, typer.Option(help="page to write")],
    run: Annotated[
        list[Path] | None, typer.Option(help="folder of one of its training runs: history.tsv; repeat")
    ] = None,
    figure: Annotated[list[Path] | None, typer.Option(help="SVG to show; repeat")] = None,
    config: Annotated[
        str, typer.Option(help="JSON or file: study, title, transductive, baselines, resolution_bp, scratch")
    ] = "{}",
) -> None:
    """Write one self-contained page on a task of a study."""
    material = Material(
        scores=read_tsv(scores, tables.SCORES),
        history=gather(run or [], read_history, [*tables.HISTORY.names, "run", "stage", "model", "seed"]),
        leaks=pd.DataFrame(columns=tables.LEAKS.names),
        qc=pd.DataFrame(columns=tables.QC.names),
        provenance=[],
        benchmarks=pd.DataFrame(columns=["rule", "s", "max_rss"]),
        figures=figure or [],
        intervals={task: interval_kind(scores)},
    )
    write_text(output, build_task(task, material, build_config(SummaryConfig, read_values(config), "--config")))
