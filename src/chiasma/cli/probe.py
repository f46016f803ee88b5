"""Measure what an encoder's tokens say linearly about a task's labels, beside random weights and the raw inputs."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import pandas as pd
import torch
import typer

from chiasma.contracts import Batch, Examples, Reference, load_task
from chiasma.core.errors import ConfigError, InputError
from chiasma.core.log import log
from chiasma.evaluation.probe import (
    INPUTS,
    PRETRAINED,
    UNTRAINED,
    middle_inputs,
    probe_test,
    token_features,
    with_both,
)
from chiasma.io.tables import write_tsv
from chiasma.schema.rooms import build_config, read_values
from chiasma.schema.tables import PROBE
from chiasma.tiles.arrays import TileArrays
from chiasma.tiles.dataset import TileDataset
from chiasma.training.batches import Batches, Plan
from chiasma.training.checkpoint import PretrainedModel, build_untrained, load_pretrained
from chiasma.training.embedding import embed_rows
from chiasma.training.finetuning import count_labels, read_examples
from chiasma.training.inference import infer
from chiasma.training.outputs import check_same_data, data_of

if TYPE_CHECKING:
    import numpy as np

BATCH = 256
UNKNOWN = Reference(math.nan, math.nan)


@dataclass(frozen=True)
class ProbeChoice:
    """Whose labels are read.

    Attributes
    ----------
    task : room under tasks/, of a task that predicts calls
    """

    task: str


def probe(
    config: Annotated[str, typer.Option(help="JSON or file: task")],
    examples: Annotated[Path, typer.Option(help="{task}.parquet: the labelled examples")],
    tiles: Annotated[Path, typer.Option(help="folder of the tileset, which holds arrays/")],
    seed: Annotated[int, typer.Option(help="seed of the random weights that are compared with")],
    encoder: Annotated[Path, typer.Option(help="folder of a pre-trained model")],
    output: Annotated[
        Path, typer.Option(help="table to write, {task}/{model}/seed{seed}/: its path names task and model")
    ],
) -> None:
    """Fit linear probes of labels on frozen tokens, pre-trained and with random weights, and on the raw inputs.

    A probe learns from the training examples; the validation examples choose its penalty, the test examples score it.
    """
    task = load_task(build_config(ProbeChoice, read_values(config), "--config").task)
    if task.predicts != "calls":
        raise ConfigError(
            f"--config: task '{task.name}' predicts {task.predicts}; probes are of labels of calls, 1 or 0"
        )
    arrays, trained = TileArrays.open(tiles / "arrays"), load_pretrained(encoder)
    check_same_data(trained.config, data_of(arrays.meta), f"--tiles {tiles}")
    frames = read_examples(examples, task.name)
    check_labels(frames, examples)
    frame = pd.concat(frames.values(), ignore_index=True)
    labels_n, splits_n = frame["label"].to_numpy(), frame["split"].to_numpy()
    chance, rows = task.references(frames["test"]), []
    for features, modality, values_nF in feature_sets(trained, arrays, frame, seed):
        found = task.metrics(probe_test(values_nF, labels_n, splits_n), labels_n[splits_n == "test"])
        rows += [(features, modality, name, value, chance.get(name, UNKNOWN).chance) for name, value in found.items()]
        log.info("%s, %s (%d features): %s", features, modality, values_nF.shape[1], found)
    table = pd.DataFrame(rows, columns=["features", "modality", "metric", "value", "chance"]).assign(
        task=output.parents[2].name, model=output.parents[1].name, seed=seed, low=math.nan, high=math.nan
    )
    write_tsv(table, output, PROBE)


def check_labels(frames: Mapping[str, pd.DataFrame], examples: Path) -> None:
    """Raise InputError when a split has no example, or none of one label."""
    for split, counts in count_labels(frames).items():
        if len(counts) < 2:
            raise InputError(
                f"{examples}: the kept examples of split {split} by label are {counts or 'none'}; a probe needs both labels in "
                "train to learn from, in valid to choose its penalty by, and in test to be measured on"
            )


def feature_sets(
    trained: PretrainedModel, arrays: TileArrays, frame: pd.DataFrame, seed: int
) -> Iterator[tuple[str, str, np.ndarray]]:
    """Yield features, modality and values (n, F) of the n rows of ``frame``; a set is forgotten before the next is made."""
    untrained = build_untrained(trained.config, seed)
    makers = {
        INPUTS: lambda: read_middles(arrays, frame),  # first: windows may be too narrow, and the networks take longer
        PRETRAINED: lambda: token_features(embed_rows(trained, arrays, frame, "tokens", PRETRAINED)),
        UNTRAINED: lambda: token_features(embed_rows(untrained, arrays, frame, "tokens", UNTRAINED)),
    }
    for features, make in makers.items():
        for modality, values_nF in with_both(make()).items():
            yield features, modality, values_nF


def read_middles(arrays: TileArrays, frame: pd.DataFrame) -> dict[str, np.ndarray]:
    """Return the inputs (n, F) in the middle of the tile of each row, by modality."""
    batches = Batches(TileDataset(frame, arrays), frame, encode_middles, Plan(BATCH))
    return infer(dict, batches, torch.device("cpu"), INPUTS)


def encode_middles(examples: Examples, rng: np.random.Generator | None) -> Batch:
    """Return the inputs in the middle of each tile as a batch."""
    return {name: torch.from_numpy(values) for name, values in middle_inputs(examples).items()}
