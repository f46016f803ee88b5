"""Tiles as they read along the other strand.

Axes: B example, N contact bin of a window, S strip bin of both windows, C channel.
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
    """
    flipped = dict(examples)
    if not flip_B.any():
        return flipped
    bins = examples["contacts"].shape[-1]
    order = np.clip(2 * (bins // 2) - np.arange(bins), 0, bins - 1)
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
