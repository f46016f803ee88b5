"""Predict one sample with a fine-tuned model: calls, a map, a profile or similarities, as its task has it."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from chiasma.contracts import Inputs
from chiasma.core.errors import ConfigError
from chiasma.io.predictions import write_prediction
from chiasma.io.tables import read_parquet, read_tsv
from chiasma.schema.rooms import build_config, read_values, room_module
from chiasma.schema.tables import EXAMPLES, SPLITS
from chiasma.tiles.arrays import TileArrays
from chiasma.tiles.dataset import TileDataset
from chiasma.training.batches import Batches, Encoding, Plan
from chiasma.training.checkpoint import TaskModel, load_task_module
from chiasma.training.inference import infer
from chiasma.training.loci import pair_loci
from chiasma.training.optimisation import choose_device, mixed_precision

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    import torch

BATCH = {"cpu": 16, "cuda": 256}  # windows at a time, at most; a processor is quicker with what its cache holds
WINDOW_PIXELS = 64**2  # of windows of more, fewer are taken, so that a batch has no more pixels than with these
SAME = ("tracks", "shape", "resolution_bp", "track_bp")  # what the tileset shares with the one the model was trained on


def predict(
    model: Annotated[Path, typer.Option(help="folder of a fine-tuned model")],
    task_config: Annotated[str, typer.Option(help="JSON or file: the task's own numbers")],
    examples: Annotated[Path, typer.Option(help="Parquet file of the task's labelled examples")],
    tiles: Annotated[Path, typer.Option(help="folder of the tileset, which holds arrays/")],
    splits: Annotated[Path, typer.Option(help="TSV of the study's splits")],
    sample: Annotated[str, typer.Option(help="biosample")],
    output: Annotated[
        Path, typer.Option(help="folder to write {sample}.* into: .parquet and .bedpe, .mcool, .bw, .tsv, or .tracks/")
    ],
) -> None:
    """Predict valid and test of one sample with a fine-tuned model: calls, a map, a profile, similarities or tracks, as its task has it."""
    trained, arrays = load_task_module(model), TileArrays.open(tiles / "arrays")
    check_same_tiles(trained, arrays, tiles)
    numbers = build_config(trained.task.config, read_values(task_config), "--task-config")
    trained = with_calling(trained, numbers)
    inputs = Inputs(arrays, read_tsv(splits, SPLITS), read_parquet(examples, EXAMPLES), sample)
    device = choose_device()
    trained.module.to(device)
    room = room_module("tasks", trained.task.name, "decode")
    predicted = room.predict(numbers, inputs, lambda frame: score_frame(trained, arrays, frame, device))
    write_prediction(predicted, output, sample, (arrays.meta.chromosomes, arrays.meta.resolution_bp))


def check_same_tiles(trained: TaskModel, arrays: TileArrays, tiles: Path) -> None:
    """Raise ConfigError when the tileset is not like the one the model was trained on."""
    meta = arrays.meta
    found = {
        "tracks": list(meta.tracks),
        "shape": meta.shape,
        "resolution_bp": meta.resolution_bp,
        "track_bp": meta.track_bp,
    }
    for key in SAME:
        if found[key] != trained.config[key]:
            raise ConfigError(
                f"--tiles {tiles}: has {key} {found[key]}, the model was trained with {trained.config[key]}"
            )


def with_calling(trained: TaskModel, numbers: Any) -> TaskModel:
    """Return the model with those of the task's ``numbers`` that fine-tuning does not read, so that encoding and decoding agree.

    Its own are the defaults, whatever the study says; all others stay as trained.
    """
    room = room_module("tasks", trained.task.name, "config")
    calling = {name: getattr(numbers, name) for name in room.CALLING}
    return trained._replace(config=trained.config | {"task_parameters": trained.config["task_parameters"] | calling})


def batch_size(device: str, window: tuple[int, int]) -> int:
    """Return how many windows of so many rows and columns are predicted at a time on a kind of device, at least one.

    On cuda a batch has at most 2**20 pixels: 20 windows of 224 bins, of which a network of 0.19 GB a window takes 4 GB.
    """
    return max(1, min(BATCH[device], BATCH[device] * WINDOW_PIXELS // math.prod(window)))


def score_frame(trained: TaskModel, arrays: TileArrays, frame: pd.DataFrame, device: torch.device) -> np.ndarray:
    """Return what the model predicts (n, ...) for each row of ``frame``, in its order."""
    encoding = Encoding(trained.family, trained.family_config, trained.task, trained.task_config)
    plan = Plan(batch_size(device.type, arrays.meta.window))
    with mixed_precision(trained.config["training"]["precision"], device):
        if trained.family.shares(trained.family_config):
            batches = pair_loci(trained.module.representation, frame, arrays, encoding, plan)
        else:
            batches = Batches(TileDataset(frame, arrays), frame, encoding, plan)
        scores = infer(
            lambda batch: {"score": trained.task.score(trained.module(batch))}, batches, device, "predicting"
        )
    return scores["score"]
