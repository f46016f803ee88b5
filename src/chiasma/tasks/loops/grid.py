"""Scattered pixels as a map: neighbours, smoothing, steepest ascent. Pixels are sorted by bin1, then bin2.

Axes: n pixels.
"""

from __future__ import annotations

from itertools import product
from math import comb

import numpy as np

FAR = 1 << 20  # more bins than a chromosome has


def neighbours(bin1: np.ndarray, bin2: np.ndarray, offset: tuple[int, int]) -> np.ndarray:
    """Return for each pixel (n,) the place of the pixel ``offset`` bins away, -1 where there is none; pixels are sorted."""
    keys = bin1 * FAR + bin2
    wanted = keys + offset[0] * FAR + offset[1]
    at = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return np.where(keys[at] == wanted, at, -1)


def smooth_scores(bin1: np.ndarray, bin2: np.ndarray, score: np.ndarray, reach: int) -> np.ndarray:
    """Return scores (n,) averaged with binomial weights over ``reach`` bins around; a pixel that is absent counts as 0."""
    weights = np.array([comb(2 * reach, k) for k in range(2 * reach + 1)]) / 4.0**reach
    padded, smoothed = np.append(score, 0.0), np.zeros(len(score))
    for row, col in product(range(-reach, reach + 1), repeat=2):
        smoothed += weights[row + reach] * weights[col + reach] * padded[neighbours(bin1, bin2, (row, col))]
    return smoothed


def climb(bin1: np.ndarray, bin2: np.ndarray, score: np.ndarray, radius: int) -> np.ndarray:
    """Return for each pixel (n,) the peak that steepest ascent leads to; a peak is the best pixel within ``radius`` bins.

    Of equal scores the first in order is the better, so the result does not depend on chance.
    """
    rank = np.empty(len(score), np.int64)
    rank[np.lexsort((np.arange(len(score)), -score))] = np.arange(len(score))
    padded, best = np.append(rank, len(rank)), np.arange(len(score))
    for offset in product(range(-radius, radius + 1), repeat=2):
        near = neighbours(bin1, bin2, offset)
        better = padded[near] < rank[best]
        best[better] = near[better]
    while not np.array_equal(best[best], best):
        best = best[best]
    return best
