"""Correlations within windows on the diagonal of a contact map.

Axes: I bins of a piece, S distance in bins, K coarse bins, W windows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from chiasma.evaluation.map_fields import window_step
from chiasma.evaluation.map_moments import SUMS, mid_ranks, pearson

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Windows:
    """The correlations of each window (W,), nan where the truth does not vary, and the block of its first bin."""

    block_W: NDArray[np.int64]
    pearson_W: Array
    spearman_W: Array

    @classmethod
    def joined(cls, parts: Sequence[Windows]) -> Windows:
        """Return the windows of several pieces together."""
        names = ("block_W", "pearson_W", "spearman_W")
        return cls(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


def window_correlations(
    truth_IS: NDArray, predicted_IS: NDArray, counted_IS: NDArray, block_I: NDArray, width: int
) -> Windows:
    """Correlate the pixels of each window of ``width`` bins that lies in the piece, every half width.

    A window holds the pairs of its bins that the band reaches; it is left out where less than half of them count.
    """
    band = min(width, truth_IS.shape[1])
    inside_WS = np.arange(width)[:, None] + np.arange(band) < width
    blocks, sums, rank_sums = [], [], []
    for start in range(0, len(truth_IS) - width + 1, window_step(width)):
        rows = slice(start, start + width)
        counted = counted_IS[rows, :band] & inside_WS
        if 2 * counted.sum() >= inside_WS.sum():
            truth_n, predicted_n = (each[rows, :band][counted].astype(float) for each in (truth_IS, predicted_IS))
            blocks.append(block_I[start])
            sums.append(_sums(truth_n, predicted_n))
            rank_sums.append(_sums(mid_ranks(truth_n), mid_ranks(predicted_n)))
    values, ranks = (pearson(np.reshape(each, (-1, len(SUMS)))) for each in (sums, rank_sums))
    return Windows(np.array(blocks, np.int64), values, ranks)


def _sums(truth_n: Array, predicted_n: Array) -> list[float]:
    """Return the sums of `map_moments.SUMS`."""
    products = (truth_n @ truth_n, predicted_n @ predicted_n, truth_n @ predicted_n)
    return [len(truth_n), truth_n.sum(), predicted_n.sum(), *products]


def profile_correlations(truth_WK: Array, predicted_WK: Array) -> Array:
    """Return |Pearson's correlation| of each two profiles over the bins known in both (W,); nan where the truth does not vary."""
    known = np.isfinite(truth_WK) & np.isfinite(predicted_WK)
    truth, predicted = (np.where(known, each, 0) for each in (truth_WK, predicted_WK))
    columns = (known, truth, predicted, truth**2, predicted**2, truth * predicted)
    return np.abs(pearson(np.stack([column.sum(axis=1) for column in columns], axis=-1).astype(float)))
