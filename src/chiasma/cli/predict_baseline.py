"""Predict one sample with a classical baseline of a task, on the same examples as a model."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import typer

from chiasma.contracts import Inputs
from chiasma.core.errors import ConfigError, unknown
from chiasma.io.predictions import write_prediction
from chiasma.io.tables import read_parquet, read_tsv
from chiasma.schema.rooms import build_config, read_values, room_module
from chiasma.schema.tables import EXAMPLES, SPLITS
from chiasma.tiles.arrays import TileArrays


@dataclass(frozen=True)
class BaselineChoice:
    """A task, its numbers, the numbers of one of its baselines, and the seed of a baseline that draws random numbers."""

    task: str
    parameters: dict[str, Any] = field(default_factory=dict)
    baseline: dict[str, Any] = field(default_factory=dict)
    seed: int = 1


def predict_baseline(
    name: Annotated[str, typer.Argument(help="baseline of the task")],
    task_config: Annotated[str, typer.Option(help="JSON or file: task, parameters, baseline (its own numbers), seed")],
    examples: Annotated[Path, typer.Option(help="Parquet file of the task's labelled examples")],
    tiles: Annotated[Path, typer.Option(help="folder of the tileset, which holds arrays/")],
    splits: Annotated[Path, typer.Option(help="TSV of the study's splits")],
    contacts: Annotated[Path, typer.Option(help="the sample's normalised contacts.cool")],
    sample: Annotated[str, typer.Option(help="biosample")],
    output: Annotated[
        Path, typer.Option(help="folder to write {sample}.* into: .parquet and .bedpe, .mcool, .bw, .tsv, or .tracks/")
    ],
) -> None:
    """Predict one sample with a classical baseline of a task, on the same examples as a model."""
    chosen = build_config(BaselineChoice, read_values(task_config), "--task-config")
    room = room_module("tasks", chosen.task, "config", "--task-config")
    if name not in room.BASELINES:
        raise ConfigError(unknown("baseline", name, room.BASELINES, f"task '{chosen.task}'"))
    config = build_config(room.Config, chosen.parameters, "--task-config: parameters")
    numbers = build_config(room.BASELINES[name], chosen.baseline, f"--task-config: baseline {name}")
    inputs = Inputs(
        TileArrays.open(tiles / "arrays"),
        read_tsv(splits, SPLITS),
        read_parquet(examples, EXAMPLES),
        sample,
        contacts,
        chosen.seed,
    )
    predicted = room_module("tasks", chosen.task, "baselines").predict(name, config, numbers, inputs)
    meta = inputs.arrays.meta
    write_prediction(predicted, output, sample, (meta.chromosomes, meta.resolution_bp))
