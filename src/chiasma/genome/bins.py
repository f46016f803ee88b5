"""Bins of a fixed size, counted from the start of each chromosome; the last one ends where the chromosome does."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray


def count_bins(length_bp: int, bin_bp: int) -> int:
    """Return how many bins a chromosome has, a shorter last one included."""
    return -(-length_bp // bin_bp)


def bin_edges(length_bp: int, bin_bp: int) -> NDArray[np.int64]:
    """Return the bins' borders in bp, (n_bins + 1,): bin i is [edges[i], edges[i + 1])."""
    return np.minimum(np.arange(count_bins(length_bp, bin_bp) + 1, dtype=np.int64) * bin_bp, length_bp)


def bin_offsets(lengths: Mapping[str, int], bin_bp: int) -> dict[str, int]:
    """Return chromosome -> number of its first bin when the chromosomes' bins are counted through in order."""
    counts = [count_bins(length, bin_bp) for length in lengths.values()]
    return dict(zip(lengths, np.cumsum([0, *counts]).tolist(), strict=False))
