"""Correlations and errors from sums, so that a bootstrap draw is a weighted sum of blocks and no second look at pixels.

Axes: n pixels (or bins, or windows), B blocks, D draws, S distance in bins, M the six sums in the order of `SUMS`.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray
from scipy.fft import irfft, rfft

Array = NDArray[np.float64]
SUMS = ("count", "truth", "predicted", "truth squared", "predicted squared", "truth times predicted")
COLUMNS = 16  # distances transformed at a time
VARIES = 1e-10  # a variance below this fraction of the mean square (plus 1) is rounding


def block_moments(truth_n: NDArray, predicted_n: NDArray, block_n: NDArray, blocks: int) -> Array:
    """Return the sums of each block (B, M)."""
    truth_n, predicted_n = np.asarray(truth_n, float), np.asarray(predicted_n, float)
    columns = (None, truth_n, predicted_n, truth_n**2, predicted_n**2, truth_n * predicted_n)
    return np.stack([np.bincount(block_n, column, blocks).astype(float) for column in columns], axis=-1)


def band_moments(truth_IS: NDArray, predicted_IS: NDArray, counted_IS: NDArray, block_I: NDArray, blocks: int) -> Array:
    """Return the sums of each block and distance (B, S, M); both bands are 0 where a pixel does not count."""
    out = np.zeros((blocks, truth_IS.shape[1], len(SUMS)))
    borders = np.flatnonzero(np.diff(block_I, prepend=-1, append=-1))
    for start, end in zip(borders[:-1], borders[1:], strict=True):
        truth, predicted = (np.asarray(band[start:end], float) for band in (truth_IS, predicted_IS))
        out[block_I[start]] += column_moments(truth, predicted, counted_IS[start:end])
    return out


def column_moments(truth_IS: Array, predicted_IS: Array, counted_IS: NDArray) -> Array:
    """Return the sums over all rows at each distance (S, M); both bands are 0 where a pixel does not count."""
    return np.stack(
        [
            counted_IS.sum(axis=0).astype(float),
            truth_IS.sum(axis=0),
            predicted_IS.sum(axis=0),
            np.einsum("is,is->s", truth_IS, truth_IS),
            np.einsum("is,is->s", predicted_IS, predicted_IS),
            np.einsum("is,is->s", truth_IS, predicted_IS),
        ],
        axis=-1,
    )


def shifted_moments(truth_IS: NDArray, predicted_IS: NDArray, counted_IS: NDArray, shifts: NDArray) -> Array:
    """Return the sums at each distance (n, S, M) with the truth's rows moved on by each of ``shifts``, the last to the front.

    A pixel counts where it does both before and after. Cross-correlation by Fourier transform gives all shifts at once.
    """
    out = np.zeros((len(shifts), truth_IS.shape[1], len(SUMS)))
    for start in range(0, truth_IS.shape[1], COLUMNS):
        own = slice(start, start + COLUMNS)
        count, truth, predicted = (band[:, own].T.astype(float) for band in (counted_IS, truth_IS, predicted_IS))
        first = [rfft(each).conj() for each in (count, truth, truth**2)]
        second = [rfft(each) for each in (count, predicted, predicted**2)]
        pairs = ((0, 0), (1, 0), (0, 1), (2, 0), (0, 2), (1, 1))  # in the order of SUMS
        for place, (moved, kept) in enumerate(pairs):
            out[:, own, place] = irfft(first[moved] * second[kept], len(truth_IS))[:, shifts % len(truth_IS)].T
    out[..., 0] = np.rint(out[..., 0])
    return out


def draw_sums(weight_DB: Array, sums_B: Array) -> Array:
    """Return the sums of each draw (D, ...) from those of each block (B, ...)."""
    return np.tensordot(weight_DB, sums_B, axes=1)


def pearson(sums_M: Array) -> Array:
    """Return Pearson's correlation (...) from sums (..., M).

    A prediction that does not vary explains nothing and has 0; where the truth does not vary, or nothing is, it is nan.
    """
    count = np.maximum(sums_M[..., 0], 1)
    mean_t, mean_p = sums_M[..., 1] / count, sums_M[..., 2] / count
    variance_t, variance_p = sums_M[..., 3] / count - mean_t**2, sums_M[..., 4] / count - mean_p**2
    covariance = sums_M[..., 5] / count - mean_t * mean_p
    known = (sums_M[..., 0] > 0) & (variance_t > VARIES * (1 + mean_t**2))
    varies = known & (variance_p > VARIES * (1 + mean_p**2))
    scale = np.sqrt(np.where(varies, variance_t * variance_p, 1))
    return np.where(known, np.clip(np.where(varies, covariance / scale, 0), -1, 1), np.nan)


def squared_error(sums_M: Array) -> Array:
    """Return the sum of squared differences (...) from sums (..., M)."""
    return np.maximum(sums_M[..., 3] - 2 * sums_M[..., 5] + sums_M[..., 4], 0)


def mean_squared_error(sums_M: Array) -> Array:
    """Return the mean squared difference (...); nan where nothing is."""
    return ratio(squared_error(sums_M), sums_M[..., 0])


def r2(sums_M: Array) -> Array:
    """Return the fraction of the truth's variance that is explained (...): 1 - SSE / SST of the truth."""
    return _explained(sums_M, 1, 3)


def r2_swapped(sums_M: Array) -> Array:
    """Return 1 - SSE / SST of the prediction (...): truth and prediction exchanged, as some released code computes it.

    It punishes a prediction that varies less than the truth, as one that minimises squared error does.
    """
    return _explained(sums_M, 2, 4)


def _explained(sums_M: Array, first: int, second: int) -> Array:
    count = np.maximum(sums_M[..., 0], 1)
    total = sums_M[..., second] - sums_M[..., first] ** 2 / count
    varies = total / count > VARIES * (1 + (sums_M[..., first] / count) ** 2)
    return 1 - ratio(squared_error(sums_M), np.where(varies, total, 0))


def weighted_mean(values_DS: Array, weight_DS: Array) -> Array:
    """Return the weighted mean over the last axis (D,), unknown values left out; nan where no weight is left."""
    known = np.isfinite(values_DS)
    weight = np.where(known, weight_DS, 0)
    return ratio((weight * np.where(known, values_DS, 0)).sum(axis=-1), weight.sum(axis=-1))


def ratio(top: Array, bottom: Array) -> Array:
    """Return top / bottom, nan where the bottom is 0."""
    top, bottom = np.broadcast_arrays(top, bottom)
    return np.divide(top, bottom, out=np.full(top.shape, np.nan), where=bottom != 0)


def mid_ranks(values_n: NDArray) -> Array:
    """Return the ranks (n,), those of equal value their mean, shifted and scaled to lie evenly between -1/2 and 1/2."""
    order = np.argsort(values_n)
    ordered = values_n[order]
    first = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1]))
    length = np.diff(np.append(first, len(ordered)))
    rank = np.empty(len(ordered))
    rank[order] = np.repeat(first + (length - 1) / 2, length)
    return (rank - (len(rank) - 1) / 2) / len(rank)


def rank_variance(columns: Iterable[NDArray]) -> Array:
    """Return the variance of ranks / n of each column of values, its ranks of ties averaged; 0 for fewer than two."""
    return np.array([_rank_variance(np.sort(column)) for column in columns])


def _rank_variance(ordered_n: NDArray) -> float:
    """Return sum of (rank - mean)^2 / ((n - 1) n^2); each run of t ties lowers the sum by (t^3 - t) / 12."""
    n = len(ordered_n)
    if n < 2:
        return 0.0
    first = np.flatnonzero(np.append(True, ordered_n[1:] != ordered_n[:-1]))
    ties = np.diff(np.append(first, n)).astype(float)
    return float((n**3 - n - (ties**3 - ties).sum()) / 12 / (n - 1) / n**2)
