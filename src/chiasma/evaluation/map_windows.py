"""Windows on the diagonal of a contact map, and correlations within them.

Axes: I bins of a piece, S distance in bins, N bins of a window, K coarse bins, W windows.
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
    inside_NS = pairs_inside(width, truth_IS.shape[1])
    band = inside_NS.shape[1]
    start_W = known_windows(counted_IS, width)
    sums, rank_sums = [], []
    for start in start_W:
        rows = slice(start, start + width)
        counted = counted_IS[rows, :band] & inside_NS
        truth_n, predicted_n = (each[rows, :band][counted].astype(float) for each in (truth_IS, predicted_IS))
        sums.append(_sums(truth_n, predicted_n))
        rank_sums.append(_sums(mid_ranks(truth_n), mid_ranks(predicted_n)))
    values, ranks = (pearson(np.reshape(each, (-1, len(SUMS)))) for each in (sums, rank_sums))
    return Windows(block_I[start_W], values, ranks)


def window_starts(bins: int, width: int) -> NDArray[np.int64]:
    """Return the first bin of each window (W,) of ``width`` bins that lies wholly in a piece of ``bins``, every half width."""
    return np.arange(0, bins - width + 1, window_step(width))


def pairs_inside(width: int, strata: int) -> NDArray[np.bool_]:
    """Return which pairs (i, i + s) have both bins in a window (N, S), up to as many distances as it and the band have."""
    return np.arange(width)[:, None] + np.arange(min(width, strata)) < width


def known_windows(counted_IS: NDArray[np.bool_], width: int) -> NDArray[np.int64]:
    """Return the first bin of each window (W,) in which at least half of the pairs that the band reaches count."""
    inside_NS = pairs_inside(width, counted_IS.shape[1])
    start_W = window_starts(len(counted_IS), width)
    held_W = [int((counted_IS[start : start + width, : inside_NS.shape[1]] & inside_NS).sum()) for start in start_W]
    return start_W[2 * np.array(held_W, np.int64) >= inside_NS.sum()]


def square(band_IS: NDArray, start: int, width: int) -> NDArray:
    """Return the symmetric map (N, N) of a window: the diagonal once, both triangles, 0 where the band does not reach."""
    first_n, distance_n = np.nonzero(pairs_inside(width, band_IS.shape[1]))
    out_NN = np.zeros((width, width), band_IS.dtype)
    out_NN[first_n, first_n + distance_n] = band_IS[start + first_n, distance_n]
    out_NN[first_n + distance_n, first_n] = out_NN[first_n, first_n + distance_n]
    return out_NN


def _sums(truth_n: Array, predicted_n: Array) -> list[float]:
    """Return the sums of `map_moments.SUMS`."""
    products = (truth_n @ truth_n, predicted_n @ predicted_n, truth_n @ predicted_n)
    return [len(truth_n), truth_n.sum(), predicted_n.sum(), *products]
