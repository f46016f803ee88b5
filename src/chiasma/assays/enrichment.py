"""Local enrichment: how much a pixel of a contact map stands out from what surrounds it, and what chance makes of that.

The backgrounds are HiCCUPS' (Rao et al. 2014). Bands: row i, column d holds the pair of bins (i, i + d).

Axes: n pixels, W bins of a window, I bins of a chromosome, D distance in bins, K backgrounds.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree
from scipy.special import gammainc, gammaln

TINY = 1e-300


def window_grid(bin1: NDArray, bin2: NDArray, half: int) -> tuple[NDArray, NDArray]:
    """Return rows and columns (n, W, W) of the windows of half-width ``half`` around pixels, as bins."""
    offsets = np.arange(-half, half + 1)
    shape = (len(bin1), len(offsets), len(offsets))
    rows = np.broadcast_to(bin1[:, None, None] + offsets[:, None], shape)
    cols = np.broadcast_to(bin2[:, None, None] + offsets, shape)
    return rows, cols


def cut_band(band_ID: NDArray, rows: NDArray, cols: NDArray) -> NDArray[np.float32]:
    """Return the band's values at (rows, cols) in float32, mirrored below the diagonal; 0 off the map or beyond the band."""
    low, distance = np.minimum(rows, cols), np.abs(cols - rows)
    inside = (low >= 0) & (np.maximum(rows, cols) < len(band_ID)) & (distance < band_ID.shape[1])
    return np.where(inside, band_ID[np.where(inside, low, 0), np.where(inside, distance, 0)], 0).astype(np.float32)


def donut_masks(peak: int, width: int) -> NDArray[np.bool_]:
    """Return the backgrounds around a pixel (K=4, W, W): donut, horizontal, vertical, lower left (HiCCUPS, Rao et al. 2014).

    Rows are the first anchor, columns the second; lower left is towards the diagonal: later rows, earlier columns.
    """
    offsets = np.arange(-width, width + 1)
    row, col = offsets[:, None], offsets[None, :]
    outside = (np.abs(row) > peak) | (np.abs(col) > peak)
    donut = outside & (row != 0) & (col != 0)
    horizontal = (np.abs(row) <= 1) & (np.abs(col) > peak)
    vertical = (np.abs(col) <= 1) & (np.abs(row) > peak)
    lower_left = outside & (row > 0) & (col < 0)
    return np.stack([donut, horizontal, vertical, lower_left])


def background_ratios(observed_nWW: NDArray, expected_nWW: NDArray, masks_KWW: NDArray[np.bool_]) -> NDArray:
    """Return observed over expected contacts of each background of each pixel (n, K); 1 where nothing is expected.

    Parameters
    ----------
    observed_nWW, expected_nWW : windows around the pixels, both 0 where a pixel does not count
    """
    masks_KP = masks_KWW.reshape(len(masks_KWW), -1).astype(np.float32)
    observed_nK, expected_nK = (
        values.reshape(len(values), masks_KP.shape[1]) @ masks_KP.T for values in (observed_nWW, expected_nWW)
    )
    return np.divide(observed_nK, expected_nK, out=np.ones_like(observed_nK), where=expected_nK > 0)


def square_sums(band_ID: NDArray, reach: int) -> NDArray[np.float64]:
    """Return the sum over the (2 reach + 1)^2 square around each pixel (I, D); what the band does not hold is 0.

    Below the diagonal the map is mirrored.
    """
    bins, strata = band_ID.shape
    wide = np.zeros((bins + 2 * reach, strata + 4 * reach))  # column c holds distance c - 2 reach
    wide[reach : reach + bins, 2 * reach : 2 * reach + strata] = band_ID
    for below in range(1, min(2 * reach, strata - 1, bins - 1) + 1):
        wide[reach + below : reach + bins, 2 * reach - below] = band_ID[: bins - below, below]
    width = strata + 2 * reach
    across = sum(wide[:, shift : shift + width] for shift in range(2 * reach + 1))  # along the second bin
    down = range(-reach, reach + 1)  # along the first bin: the second one stays, so the distance shrinks
    return sum(across[reach + a : reach + a + bins, reach - a : reach - a + strata] for a in down)


def poisson_surprise(observed: NDArray, expected: NDArray) -> NDArray[np.float64]:
    """Return -log10 of the chance of at least ``observed`` counts when ``expected`` are; observed need not be whole.

    Beyond the reach of double precision the tail is taken as its first term.
    """
    expected = np.maximum(expected, 1e-6)
    tail = np.where(observed > 0, gammainc(np.maximum(observed, 1e-9), expected), 1.0)
    first_term = (expected - observed * np.log(expected) + gammaln(observed + 1)) / np.log(10)
    return np.where(tail > TINY, -np.log10(np.maximum(tail, TINY)), first_term)


def is_significant(surprise_n: NDArray, tests: int, fdr: float) -> NDArray[np.bool_]:
    """Return which of ``tests`` hypotheses are rejected at a false discovery rate (n,) (Benjamini and Hochberg 1995).

    Parameters
    ----------
    surprise_n : -log10 of the p-values that could be small; those of the other tests count as 1
    """
    order = np.argsort(-surprise_n, kind="stable")
    limit = np.log10(max(tests, 1)) - np.log10(fdr) - np.log10(np.arange(1, len(order) + 1))
    passed = np.flatnonzero(surprise_n[order] >= limit)
    rejected = np.zeros(len(order), bool)
    rejected[order[: passed[-1] + 1 if len(passed) else 0]] = True
    return rejected


def is_peak(bin1: NDArray, bin2: NDArray, score: NDArray, radius: int) -> NDArray[np.bool_]:
    """Return which pixels are the best of all within ``radius`` bins in both directions (n,); of equals the first is."""
    best = np.ones(len(score), bool)
    if len(score):
        pairs = cKDTree(np.stack([bin1, bin2], axis=1)).query_pairs(radius + 0.5, p=np.inf, output_type="ndarray")
        first, second = np.sort(pairs, axis=1).T
        best[np.where(score[second] > score[first], first, second)] = False
    return best
