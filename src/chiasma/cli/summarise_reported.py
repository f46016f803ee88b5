"""Write one self-contained page on losses that were reported elsewhere: what they say, why, and what is done here instead."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from chiasma.core.atomic import write_text
from chiasma.io.reported import read_reported
from chiasma.io.tables import read_tsvs
from chiasma.plots.reported_page import Findings, ReportedConfig, build
from chiasma.schema import tables
from chiasma.schema.rooms import build_config, has_module, read_values, room_module


def summarise_reported(
    reported: Annotated[Path, typer.Option(help="table of the reported losses")],
    landmarks: Annotated[list[Path], typer.Option(help="landmarks.tsv of a model; repeat")],
    output: Annotated[Path, typer.Option(help="page to write")],
    scores: Annotated[list[Path] | None, typer.Option(help="scores.tsv of a task that predicts maps; repeat")] = None,
    figure: Annotated[list[Path] | None, typer.Option(help="SVG to show; repeat")] = None,
    config: Annotated[
        str,
        typer.Option(
            help="JSON or file: study, title, model, family (of that model), window_bins, patch, resolution_bp, baselines, trainings, validation, test"
        ),
    ] = "{}",
) -> None:
    """Write one self-contained page on losses that were reported elsewhere."""
    table, facts = read_reported(reported)
    values = read_values(config)
    words = words_of(values.pop("family", ""))
    found = Findings(
        table,
        facts,
        read_tsvs(landmarks, tables.LANDMARKS),
        read_tsvs(scores or [], tables.SCORES),
        figure or [],
    )
    write_text(output, build(found, build_config(ReportedConfig, words | values, "--config")))


def words_of(family: str) -> dict[str, Any]:
    """Return what a family calls the parts of its loss and their landmarks; empty where it says nothing."""
    if not family or not has_module("families", family, "landmark_words"):
        return {}
    room = room_module("families", family, "landmark_words")
    names = ("meanings", "predictions", "corrected", "caution")
    return {name: getattr(room, name.upper()) for name in names}
