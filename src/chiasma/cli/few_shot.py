"""Fine-tune a model on ever larger shares of a task's training examples, and measure each on the test examples."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import pandas as pd
import typer

from chiasma.core.errors import InputError
from chiasma.core.log import log
from chiasma.evaluation.few_shot import draw_share
from chiasma.io.tables import write_tsv
from chiasma.schema.rooms import build_config, group_rows, read_values
from chiasma.schema.tables import FEW_SHOT
from chiasma.tiles.arrays import TileArrays
from chiasma.tiles.dataset import TileDataset
from chiasma.training.batches import Batches, Plan
from chiasma.training.checkpoint import WEIGHTS, TaskModel
from chiasma.training.finetuning import build_finetuning, read_examples, task_encoding, task_learner
from chiasma.training.inference import infer
from chiasma.training.loop import fit, remove_checkpoint
from chiasma.training.optimisation import choose_device, mixed_precision
from chiasma.training.outputs import build_settings, run_identity
from chiasma.training.start import init_files

BATCH = 256


@dataclass(frozen=True)
class FewShotChoice:
    """A model and a task, and how little of the task's training split the model learns from.

    Attributes
    ----------
    model : the model's keys: family, parameters, finetune, ...
    task : room under tasks/
    parameters : the task's own numbers that fine-tuning reads
    fractions : shares of the training examples, each drawn within the larger ones
    min_steps : a small share is gone through several times an epoch, so that a run has at least so many optimiser steps;
        what is counted in epochs (validation, patience) then means as many steps as for a large share
    """

    model: dict[str, Any]
    task: str
    parameters: dict[str, Any]
    fractions: tuple[float, ...]
    min_steps: int

    def __post_init__(self) -> None:
        if not self.fractions or not all(0 < fraction <= 1 for fraction in self.fractions):
            raise ValueError(f"fractions must lie in (0, 1], found {list(self.fractions)}")


def few_shot(
    config: Annotated[str, typer.Option(help="JSON or file: model, task, parameters, fractions, min_steps")],
    examples: Annotated[Path, typer.Option(help="{task}.parquet: the labelled examples")],
    tiles: Annotated[Path, typer.Option(help="folder of the tileset")],
    seed: Annotated[int, typer.Option(help="seed of weights, order, and of the examples drawn")],
    output: Annotated[
        Path, typer.Option(help="{task}/{model}/seed{seed}/shares.tsv to write; unfinished runs are kept beside it")
    ],
    encoder: Annotated[Path | None, typer.Option(help="folder of a pre-trained model; random weights without")] = None,
) -> None:
    """Fine-tune on ever larger shares of the training examples; validation and test examples are the same for all."""
    chosen = build_config(FewShotChoice, read_values(config), "--config")
    arrays, frames = TileArrays.open(tiles / "arrays"), read_examples(examples, chosen.task)
    if frames["test"].empty:
        raise InputError(f"{examples}: no example of the test split is kept; there is nothing to measure on")
    rows = []
    for fraction in sorted(chosen.fractions):
        own = frames | {"train": draw_share(frames["train"], fraction, seed, group_rows(chosen.task))}
        folder = output.parent / f"share{fraction:g}"
        model = _train(chosen, own, (arrays, examples, encoder), seed, folder)
        values = measure(model, own["test"], arrays)
        rows += [(seed, fraction, len(own["train"]), name, value) for name, value in values.items()]
        log.info("%g of the training examples (%d): %s", fraction, len(own["train"]), values)
    columns = ["seed", "fraction", "examples", "metric", "value"]
    table = pd.DataFrame(rows, columns=columns).assign(
        task=output.parents[2].name, model=output.parents[1].name, low=math.nan, high=math.nan
    )
    write_tsv(table, output, FEW_SHOT)
    for fraction in chosen.fractions:
        remove_checkpoint(output.parent / f"share{fraction:g}")


def _train(
    chosen: FewShotChoice,
    frames: dict[str, pd.DataFrame],
    files: tuple[TileArrays, Path, Path | None],
    seed: int,
    folder: Path,
) -> TaskModel:
    """Return the model fine-tuned on the frames' training examples; a run that was interrupted goes on."""
    arrays, examples, encoder = files
    settings = build_settings("finetune", chosen.model, arrays.meta, seed)
    settings |= {"task": chosen.task, "task_parameters": chosen.parameters}
    frames = frames | {"train": repeat(frames["train"], chosen.min_steps, settings["training"])}
    tuning = build_finetuning(settings, frames, arrays, encoder)
    model, batches = tuning.model, tuning.batches
    inputs = [examples, *([encoder / WEIGHTS] if encoder else []), *init_files(settings)]
    identity = run_identity(settings | {"examples": len(frames["train"])}, inputs, arrays.folder)
    learner = task_learner(model, frames, encoder is not None or tuning.start is not None)
    fit(learner, batches["train"], batches["valid"], tuning.numbers, folder, identity, seed, choose_device())
    return model


def repeat(examples: pd.DataFrame, min_steps: int, training: Mapping[str, Any]) -> pd.DataFrame:
    """Return the examples as often below each other as it takes for ``epochs`` of them to have ``min_steps`` batches."""
    needed = math.ceil(min_steps / training["epochs"]) * training["batch_size"]
    return pd.concat([examples] * max(1, math.ceil(needed / len(examples))), ignore_index=True)


def measure(model: TaskModel, frame: pd.DataFrame, arrays: TileArrays) -> dict[str, float]:
    """Return the task's own metrics of a model on the examples of ``frame``."""
    device = choose_device()
    batches = Batches(TileDataset(frame, arrays), frame, task_encoding(model), Plan(BATCH))
    model.module.to(device).eval()
    with mixed_precision(model.config["training"]["precision"], device):
        found = infer(
            lambda batch: {"score": model.task.score(model.module(batch)), "truth": model.task.truth(batch)},
            batches, device, "measuring",
        )  # fmt: skip
    return dict(model.task.metrics(found["score"], found["truth"]))
