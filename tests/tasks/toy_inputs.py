"""What a task is given, at toy size: what a family yields for it, random examples, and the batch it makes of them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import torch

from chiasma.contracts import Task
from chiasma.schema.rooms import room_module

COUNT, BINS, PER_BIN, TRACKS, WIDTH = 8, 16, 6, 2, 16
SHAPES = {"pair": (COUNT, 5, WIDTH), "strip": (COUNT, 2 * BINS, WIDTH), "grid": (COUNT, BINS, BINS, WIDTH)}


def toy_features(task: Task, seed: int = 1) -> torch.Tensor:
    """Return what a family yields for the task's need: pair (8, 5, W), strip (8, 2N, W), grid (8, N, N, W)."""
    return torch.randn(SHAPES[task.needs], generator=torch.Generator().manual_seed(seed))


def toy_labels(task: Task) -> np.ndarray:
    """Return labels (8,) int64: those that training the task needs, one after the other."""
    return np.resize(np.array(room_module("tasks", task.name, "config").LABELS, np.int64), COUNT)


def toy_examples(task: Task, seed: int = 0) -> dict[str, np.ndarray]:
    """Return random examples as `chiasma.tiles.dataset` cuts them: Poisson counts about a decay with distance.

    One bin in twenty is not valid, and holds no contacts; one target bin in twenty was not measured.
    """
    rng = np.random.default_rng(seed)
    distance_B = rng.integers(BINS, 4 * BINS, COUNT)
    offset_NN = np.arange(BINS) - np.arange(BINS)[:, None]
    expected_BNN = 60 / (1.0 + np.abs(distance_B[:, None, None] + offset_NN))
    first_BN, second_BN = (rng.random((COUNT, BINS)) > 0.05 for _ in range(2))
    valid_BNN = first_BN[:, :, None] & second_BN[:, None, :]
    targets_BSK = rng.exponential(1, (COUNT, 2 * BINS, 1))
    targets_BSK[rng.random(targets_BSK.shape) < 0.05] = np.nan
    found_BNN = expected_BNN * rng.gamma(2, 0.5, expected_BNN.shape)
    return {
        "contacts": (rng.poisson(found_BNN) * valid_BNN).astype(np.float32),
        "deeper_contacts": (rng.poisson(16 * found_BNN) * valid_BNN).astype(np.float32),
        "deeper_valid": valid_BNN,
        "depth": np.full(COUNT, 16, np.float32),
        "expected": expected_BNN.astype(np.float32),
        "valid": valid_BNN,
        "tracks": rng.exponential(1, (COUNT, 2 * BINS * PER_BIN, TRACKS)).astype(np.float32),
        "distance_bins": distance_B.astype(np.int64),
        "targets": targets_BSK.astype(np.float32),
        "label": toy_labels(task),
    }


def toy_batch(task: Task, examples: dict[str, np.ndarray] | None = None) -> dict[str, torch.Tensor]:
    """Return the task's part of the batch, as `chiasma.training.batches.Encoding` makes it."""
    encoded = task.encode(toy_examples(task) if examples is None else examples, task.config())
    return {name: torch.from_numpy(np.ascontiguousarray(array)) for name, array in encoded.items()}


def toy_frame(task: Task) -> pd.DataFrame:
    """Return the rows of an EXAMPLES table that the examples were cut at."""
    bin1 = 100 + np.arange(COUNT)
    places = {"sample": "a", "chrom": "chr1", "bin1": bin1, "bin2": bin1 + toy_examples(task)["distance_bins"]}
    return pd.DataFrame(
        places | {"source": "toy", "split": "train", "label": toy_labels(task), "kept": True, "reason": ""}
    )
