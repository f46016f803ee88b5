"""Change the test examples as an experiment in the computer would, and measure what a fine-tuned model then says."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import numpy as np
import pandas as pd
import typer

from chiasma.contracts import Examples
from chiasma.core.errors import ConfigError
from chiasma.evaluation.metrics import best_threshold, rank
from chiasma.evaluation.perturbation import called_positives
from chiasma.io.tables import write_tsv
from chiasma.schema.rooms import build_config, read_values
from chiasma.schema.tables import PERTURBATIONS
from chiasma.tiles.arrays import TileArrays
from chiasma.tiles.dataset import TileDataset
from chiasma.tiles.perturbation import MODALITIES, attenuate, without
from chiasma.training.batches import Batches, Plan
from chiasma.training.checkpoint import TaskModel, load_task_module
from chiasma.training.finetuning import read_examples, task_encoding
from chiasma.training.inference import infer
from chiasma.training.optimisation import choose_device, mixed_precision

if TYPE_CHECKING:
    from chiasma.contracts import Batch

BATCH = 256
Change = Callable[[Examples], Examples]


@dataclass(frozen=True)
class PerturbationChoice:
    """What is done to the test examples.

    Attributes
    ----------
    attenuation : shares of the tracks' signal taken away at both bins of a pair
    reach_bins : contact bins on either side of them that are changed too
    control_bins : as a control the same is done this far outwards of both bins
    missing : modalities left out, contacts or tracks; a model that reads both infers the missing one
    """

    attenuation: tuple[float, ...]
    reach_bins: int
    control_bins: int
    missing: tuple[str, ...]

    def __post_init__(self) -> None:
        if not all(0 <= level <= 1 for level in self.attenuation):
            raise ValueError(f"attenuation must lie between 0 and 1, found {list(self.attenuation)}")
        if unknown := {*self.missing} - {*MODALITIES}:
            raise ValueError(f"missing may hold {', '.join(MODALITIES)}, found {', '.join(sorted(unknown))}")
        if self.reach_bins < 0 or self.control_bins <= 2 * self.reach_bins:
            raise ValueError(
                f"control_bins {self.control_bins} must be farther than the changed bins reach, 2 x reach_bins {self.reach_bins}"
            )


@dataclass(frozen=True)
class Changed:
    """An encoding whose examples are changed first."""

    encode: Callable[[Examples, np.random.Generator | None], Batch]
    change: Change

    def __call__(self, examples: Examples, rng: np.random.Generator | None) -> Batch:
        """Return the batch of the changed examples."""
        return self.encode(self.change(examples), rng)


def perturb(
    model: Annotated[Path, typer.Option(help="folder of a fine-tuned model, whose path names model and seed")],
    examples: Annotated[Path, typer.Option(help="Parquet file of the task's labelled examples")],
    tiles: Annotated[Path, typer.Option(help="folder of the tileset, which holds arrays/")],
    config: Annotated[str, typer.Option(help="JSON or file: attenuation, reach_bins, control_bins, missing")],
    output: Annotated[Path, typer.Option(help="table to write")],
) -> None:
    """Attenuate tracks at the test pairs, or leave a modality out, and measure ranking and recall against the unchanged."""
    chosen = build_config(PerturbationChoice, read_values(config), "--config")
    trained, arrays = load_task_module(model), TileArrays.open(tiles / "arrays")
    if trained.task.predicts != "calls":
        raise ConfigError(
            f"{model}: predicts {trained.task.predicts}; perturbations are of pairs that are called or not"
        )
    if chosen.control_bins + chosen.reach_bins >= arrays.meta.half_bins:
        raise ConfigError(
            f"--config: control_bins {chosen.control_bins} with reach_bins {chosen.reach_bins} lies outside a window, which "
            f"reaches {arrays.meta.half_bins} bins from its middle; lower one of them"
        )
    frames = read_examples(examples, trained.task.name)
    threshold = called_above(trained, frames["valid"], arrays)
    rows = []
    for kind, level, change in perturbations(chosen, reads=trained.family.reads(trained.family_config)):
        for sample, own in frames["test"].groupby("sample"):
            values = measure(trained, own.reset_index(drop=True), arrays, change, threshold)
            rows += [(sample, kind, level, name, value, len(own)) for name, value in values.items()]
    columns = ["sample", "perturbation", "level", "metric", "value", "n"]
    table = pd.DataFrame(rows, columns=columns).assign(
        task=model.parents[1].name, model=model.parent.name, seed=model.name.removeprefix("seed")
    )
    write_tsv(table, output, PERTURBATIONS)


def perturbations(chosen: PerturbationChoice, reads: frozenset[str]) -> Iterator[tuple[str, float, Change]]:
    """Yield name, level and change of each perturbation of what a model reads; the first is none."""
    yield "none", 0.0, dict
    if "tracks" in reads:
        for level in chosen.attenuation:
            yield "attenuated", level, partial(attenuate, level=level, reach_bins=chosen.reach_bins)
            control = partial(attenuate, level=level, reach_bins=chosen.reach_bins, shift_bins=chosen.control_bins)
            yield "attenuated_beside", level, control
    if len(reads) > 1:
        for modality in chosen.missing:
            yield f"without_{modality}", 1.0, partial(without, modality=modality)


def called_above(trained: TaskModel, frame: pd.DataFrame, arrays: TileArrays) -> float:
    """Return the score of best F1 on the validation pairs, which is what counts as called here; nan without any."""
    if frame["label"].nunique() < 2:
        return math.nan
    return best_threshold(rank(frame["label"].to_numpy(), predicted(trained, frame, arrays, dict)), None)


def measure(
    trained: TaskModel, frame: pd.DataFrame, arrays: TileArrays, change: Change, threshold: float
) -> Mapping[str, float]:
    """Return the task's metrics, the share of positives called, and the mean log-odds of positives."""
    scores_n, labels_n = predicted(trained, frame, arrays, change), frame["label"].to_numpy()
    return {**trained.task.metrics(scores_n, labels_n), **called_positives(scores_n, labels_n, threshold)}


def predicted(trained: TaskModel, frame: pd.DataFrame, arrays: TileArrays, change: Change) -> np.ndarray:
    """Return the model's scores (n,) of the rows of ``frame`` as changed."""
    device = choose_device()
    batches = Batches(TileDataset(frame, arrays), frame, Changed(task_encoding(trained), change), Plan(BATCH))
    trained.module.to(device)
    with mixed_precision(trained.config["training"]["precision"], device):
        found = infer(lambda batch: {"score": trained.task.score(trained.module(batch))}, batches, device, "perturbing")
    return found["score"]
