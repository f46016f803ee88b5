"""Tiles as they read along the other strand.

Axes: B example, N contact bin of a window, R K its rows and columns where they differ, S strip bin of both windows, C channel.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

WINDOWS = ("contacts", "expected", "valid", "deeper_contacts", "deeper_valid")
STRIPS = ("tracks", "targets")


def flip_strand(examples: Mapping[str, np.ndarray], flip_B: np.ndarray) -> dict[str, np.ndarray]:
    """Return examples of which those marked in ``flip_B`` are the same pairs read along the other strand.

    Both axes of a window are reversed about the central bin and change places, so the pair's pixel stays where it is and the
    pixels nearer the diagonal stay on their side; strips are reversed bin by bin, base by base, and change places. The one
    bin that the reflection would take from outside the tile repeats its neighbour. The examples given are left as they are.

    The axes of a window of unlike sides cannot change places, so both are reversed alone: the pixels nearer the diagonal change
    side, and the distance its sign. A window between two chromosomes becomes that of the other order.
    """
    flipped = dict(examples)
    if not flip_B.any():
        return flipped
    rows, bins = examples["contacts"].shape[-2:]
    if rows != bins:
        return _flip_rectangles(examples, flip_B)
    order = _mirrored(bins)
    for name in {*WINDOWS} & {*examples}:
        flipped[name] = examples[name].copy()
        flipped[name][flip_B] = examples[name][flip_B][:, order][:, :, order].swapaxes(1, 2)
    for name in STRIPS:
        if name in examples:
            flipped[name] = examples[name].copy()
            flipped[name][flip_B] = _flip_strips(examples[name][flip_B], order)
    return flipped


def _flip_strips(strips_BSC: np.ndarray, order: np.ndarray) -> np.ndarray:
    bins, channels = len(order), strips_BSC.shape[-1]
    if not channels:
        return strips_BSC
    return strips_BSC.reshape(len(strips_BSC), 2, bins, -1, channels)[:, ::-1, order, ::-1].reshape(strips_BSC.shape)


def _mirrored(bins: int) -> np.ndarray:
    """Return the bins of a window's side about its central one, the one from outside replaced by its neighbour."""
    return np.clip(2 * (bins // 2) - np.arange(bins), 0, bins - 1)


def _flip_rectangles(examples: Mapping[str, np.ndarray], flip_B: np.ndarray) -> dict[str, np.ndarray]:
    """Return examples of which those marked have both sides of their windows reversed, and their distance negated."""
    row_R, col_K = (_mirrored(bins) for bins in examples["contacts"].shape[-2:])
    flipped = {name: array.copy() for name, array in examples.items()}
    for name in {*WINDOWS} & {*examples}:
        flipped[name][flip_B] = examples[name][flip_B][:, row_R][:, :, col_K]
    for name in (name for name in STRIPS if name in examples):
        strips_BSC = examples[name][flip_B]
        per_bin = strips_BSC.shape[1] // (len(row_R) + len(col_K))
        ends = np.split(strips_BSC, [len(row_R) * per_bin], axis=1)
        sides = [
            side_BSC.reshape(len(side_BSC), len(order), per_bin, -1)[:, order, ::-1].reshape(side_BSC.shape)
            for side_BSC, order in zip(ends, (row_R, col_K), strict=True)
        ]
        flipped[name][flip_B] = np.concatenate(sides, axis=1)
    flipped["distance_bins"] = np.where(flip_B, -examples["distance_bins"], examples["distance_bins"])
    return flipped
