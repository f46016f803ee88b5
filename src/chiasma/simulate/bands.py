"""Work on a band of a contact map: ``band[i, d]`` is the pair of bins (i, i + d), for all d below the band's width."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import convolve1d


def smooth(band: NDArray[np.float32], sigma_bins: float) -> NDArray[np.float32]:
    """Return the band smoothed by a Gaussian in two dimensions: along j at each i, then along i at each j.

    The band is mirrored at the diagonal and at its far border; beyond the chromosome's ends it counts as 0.
    """
    reach = int(np.ceil(3 * sigma_bins))
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma_bins) ** 2)
    kernel = (kernel / kernel.sum()).astype(band.dtype)
    along_j = convolve1d(band, kernel, axis=1, mode="mirror")
    return by_first(convolve1d(by_second(along_j), kernel, axis=1, mode="mirror"))


def by_second(band: NDArray) -> NDArray:
    """Return the band ordered by the pair's second bin: result[j, d] is the pair (j - d, j); 0 before the chromosome's start."""
    n_bins, width = band.shape
    padded = np.zeros((n_bins + width, width), band.dtype)
    padded[width:] = band
    row, column = padded.strides
    return np.lib.stride_tricks.as_strided(padded[width:], (n_bins, width), (row, column - row), writeable=False).copy()


def by_first(band: NDArray) -> NDArray:
    """Undo `by_second`: result[i, d] is the pair (i, i + d); 0 beyond the chromosome's end."""
    return by_second(band[::-1])[::-1]


def clear_beyond_end(band: NDArray) -> None:
    """Set pairs whose second bin lies beyond the chromosome's end to 0, in place."""
    n_bins, width = band.shape
    for row in range(max(0, n_bins - width + 1), n_bins):
        band[row, n_bins - row :] = 0


def partner(values: NDArray, width: int) -> NDArray:
    """Return the value of the pair's second bin, a view (n_bins, width) of a padded copy; 0 beyond the end."""
    return np.lib.stride_tricks.sliding_window_view(np.concatenate([values, np.zeros(width - 1, values.dtype)]), width)


def from_matrix(matrix: NDArray) -> NDArray:
    """Return the whole upper triangle of a square matrix as a band as wide as the chromosome; 0 beyond the end."""
    n_bins = len(matrix)
    padded = np.zeros((n_bins, 2 * n_bins), matrix.dtype)
    padded[:, :n_bins] = matrix
    row, column = padded.strides
    return np.lib.stride_tricks.as_strided(padded, (n_bins, n_bins), (row + column, column), writeable=False).copy()


def windows(band: NDArray, bin1: NDArray, bin2: NDArray, reach: int) -> NDArray:
    """Return the band around pairs, (n, 2 reach + 1, 2 reach + 1): rows are first bins, columns second bins.

    Pairs outside the band, below the diagonal or beyond the chromosome are nan.
    """
    n_bins, width = band.shape
    offset = np.arange(-reach, reach + 1)
    row = bin1[:, None, None] + offset[:, None]
    column = bin2[:, None, None] + offset
    distance = column - row
    known = (row >= 0) & (column < n_bins) & (distance >= 0) & (distance < width)
    return np.where(known, band[np.where(known, row, 0), np.where(known, distance, 0)], np.nan)
