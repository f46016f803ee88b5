"""Two windows on the diagonal compared pixel by pixel: at equal distance (HiCRep), or as observed over expected.

Axes: N bins of a window, S distance in bins, n pixels, M the sums of `chiasma.evaluation.map_moments.SUMS`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter

from chiasma.evaluation.map_moments import block_moments, column_moments, pearson, weighted_mean

Array = NDArray[np.float64]
FEWEST = 3  # pixels of a distance that can be correlated


def stratum_adjusted_correlation(
    contacts: tuple[NDArray, NDArray], valid_NN: NDArray[np.bool_], smooth_bins: int, max_distance_bins: int
) -> float:
    """Return the stratum-adjusted correlation coefficient of two symmetric windows, -1 to 1; nan where nothing varies.

    Each map is divided by its total and averaged over ``smooth_bins`` to each side. Pixels of one distance, less those that
    are 0 in both maps, are correlated, and distances averaged with the weight n (1 + 1 / n) / 12 of n pixels, which is the
    variance of their ranks times n. The main diagonal is left out (Yang et al. 2017, HiCRep; weights as its Python version has
    them). A distance at which a map does not vary has no correlation.

    Parameters
    ----------
    contacts : the two maps (N, N)
    valid_NN : pixels of two bins that are valid in both maps; others count nowhere
    max_distance_bins : largest distance; 0 for all
    """
    first_NS, second_NS, known_NS = (
        strata(each, max_distance_bins)
        for each in (*(smoothed(scaled(each, valid_NN), valid_NN, smooth_bins) for each in contacts), valid_NN)
    )
    counted_NS = known_NS & ((first_NS > 0) | (second_NS > 0))
    sums_SM = column_moments(*(np.where(counted_NS, each, 0) for each in (first_NS, second_NS)), counted_NS)
    swapped_SM = sums_SM[:, [0, 2, 1, 4, 3, 5]]
    value_S = np.where(np.isfinite(pearson(swapped_SM)), pearson(sums_SM), np.nan)
    pixels_S = sums_SM[:, 0]
    return float(weighted_mean(np.where(pixels_S >= FEWEST, value_S, np.nan), (pixels_S + 1) / 12))


def oe_correlation(
    first: tuple[NDArray, NDArray], second: tuple[NDArray, NDArray], valid_NN: NDArray, numbers: tuple[int, float]
) -> float:
    """Return Pearson's correlation of the log of observed over expected off the main diagonal; nan where a map does not vary.

    Parameters
    ----------
    first, second : contacts (N, N) of a map, and those expected there (N, N)
    valid_NN : pixels of two bins that are valid in both maps
    numbers : bins to each side that are averaged over, and the contacts added to observed and expected
    """
    smooth_bins, pseudo = numbers
    counted_NN = np.triu(valid_NN, 1)
    if not counted_NN.any():
        return float("nan")
    logs = [
        np.log((smoothed(own, valid_NN, smooth_bins) + pseudo) / (smoothed(expected, valid_NN, smooth_bins) + pseudo))
        for own, expected in (first, second)
    ]
    values = [each[counted_NN] for each in logs]
    both_ways = [block_moments(*pair, np.zeros(len(pair[0]), np.int64), 1)[0] for pair in (values, values[::-1])]
    found, swapped = (float(pearson(sums_M)) for sums_M in both_ways)
    return found if np.isfinite(swapped) else float("nan")


def scaled(contacts_NN: NDArray, valid_NN: NDArray[np.bool_]) -> Array:
    """Return the contacts (N, N) such that their mean over valid pixels is 1; 0 elsewhere, and in an empty map."""
    held_NN = np.where(valid_NN, contacts_NN, 0).astype(np.float64)
    total = held_NN.sum()
    return held_NN * (valid_NN.sum() / total) if total > 0 else held_NN


def smoothed(values_NN: NDArray, valid_NN: NDArray[np.bool_], reach: int) -> Array:
    """Return the mean (N, N) over the valid pixels within ``reach`` bins on both axes, inside the window; 0 where there is none."""
    held_NN = np.where(valid_NN, values_NN, 0).astype(np.float64)
    if reach == 0:
        return held_NN
    sums_NN, share_NN = (
        uniform_filter(each.astype(np.float64), 2 * reach + 1, mode="constant") for each in (held_NN, valid_NN)
    )
    few = 0.5 / (2 * reach + 1) ** 2  # less than one pixel of the square: rounding
    return np.divide(sums_NN, share_NN, out=np.zeros(held_NN.shape), where=share_NN > few)


def strata(values_NN: NDArray, max_distance_bins: int) -> NDArray:
    """Return the pixels (N, S) of a symmetric map by distance, from 1 on; [i, s] is the pair (i, i + 1 + s), 0 beyond the window."""
    bins = len(values_NN)
    last = min(max_distance_bins or bins - 1, bins - 1)
    second_NS = np.arange(bins)[:, None] + np.arange(1, last + 1)
    inside_NS = second_NS < bins
    return np.where(inside_NS, values_NN[np.arange(bins)[:, None], np.minimum(second_NS, bins - 1)], 0).astype(
        values_NN.dtype
    )
