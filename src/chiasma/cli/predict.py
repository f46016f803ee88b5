"""Score labelled pairs and the scan of valid and test with a fine-tuned model, and decode the scan into calls."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chiasma.core.errors import ConfigError
from chiasma.core.log import log
from chiasma.io.bedpe import write_calls
from chiasma.io.tables import read_parquet, read_tsv, write_parquet
from chiasma.schema.rooms import build_config, read_values, room_module
from chiasma.schema.tables import EXAMPLES, PIXELS, SPLITS
from chiasma.tiles.arrays import TileArrays
from chiasma.tiles.dataset import TileDataset
from chiasma.training.batches import Batches, Encoding, Plan
from chiasma.training.checkpoint import TaskModel, load_task_module
from chiasma.training.inference import infer
from chiasma.training.optimisation import choose_device, mixed_precision

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    import torch

BATCH = 256
SAME = ("tracks", "shape", "resolution_bp", "track_bp")  # what the tileset shares with the one the model was trained on


def predict(
    model: Annotated[Path, typer.Option(help="folder of a fine-tuned model")],
    task_config: Annotated[str, typer.Option(help="JSON or file: the task's own numbers")],
    examples: Annotated[Path, typer.Option(help="Parquet file of the task's labelled examples")],
    tiles: Annotated[Path, typer.Option(help="folder of the tileset, which holds arrays/")],
    splits: Annotated[Path, typer.Option(help="TSV of the study's splits")],
    sample: Annotated[str, typer.Option(help="biosample")],
    output: Annotated[
        Path, typer.Option(help="folder to write {sample}.parquet (pixels) and {sample}.bedpe (calls) into")
    ],
) -> None:
    """Score labelled pairs and the scan of valid and test with a fine-tuned model, and decode the scan into calls."""
    trained, arrays = load_task_module(model), TileArrays.open(tiles / "arrays")
    check_same_tiles(trained, arrays, tiles)
    decoding = room_module("tasks", trained.task.name, "decode")
    numbers = build_config(trained.task.config, read_values(task_config), "--task-config")
    pixels = decoding.select_pixels(numbers, arrays, read_tsv(splits, SPLITS), read_parquet(examples, EXAMPLES), sample)
    device = choose_device()
    trained.module.to(device)
    scored = decoding.score_pixels(pixels, lambda frame: score_frame(trained, arrays, frame, device))
    calls = decoding.decode(numbers, scored, arrays.meta)
    write_parquet(scored, output / f"{sample}.parquet", PIXELS)
    write_calls(calls, output / f"{sample}.bedpe")
    log.info("%s: %d pixels scored, %d calls", sample, len(scored), len(calls))


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


def score_frame(trained: TaskModel, arrays: TileArrays, frame: pd.DataFrame, device: torch.device) -> np.ndarray:
    """Return the model's score (n,) of each row of ``frame``, in its order."""
    encoding = Encoding(trained.family.encode, trained.family_config)
    batches = Batches(TileDataset(frame, arrays), frame, encoding, Plan(BATCH))
    with mixed_precision(trained.config["training"]["precision"], device):
        scores = infer(
            lambda batch: {"score": trained.task.score(trained.module(batch))}, batches, device, "scoring pixels"
        )
    return scores["score"]
