"""Coarse pixels of a band of contacts, far from the diagonal, and how alike their rows are: what compartments are told from.

Axes: I bins, S distance in bins, K and J coarse bins, L rows to correlate with. A band's [i, s] is the pair of bins (i, i + s).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import coo_array, csr_array

Array = NDArray[np.float64]
Rows = tuple[Array | csr_array, Array | csr_array]  # 1.0 where a column is known, and its value, 0 where it is not
SHARED = 5  # coarse bins that two rows must both know to be correlated
VARIES = 1e-10  # a smaller variance is rounding


def coarse_log_ratio(
    observed_IS: NDArray,
    expected_IS: ArrayLike,
    counted_IS: NDArray[np.bool_],
    *,
    factor: int,
    coarse_bins: int,
    near: int,
    pseudo: float,
) -> tuple[csr_array, csr_array]:
    """Return which coarse pixels are known (K, K), as 1, and their log((observed + pseudo) / (expected + pseudo)), both symmetric.

    Parameters
    ----------
    observed_IS, expected_IS : what is added up in a coarse pixel; the expected may be one value for each distance, or for all
    counted_IS : which pixels count; a coarse pixel with none is unknown
    factor : bins of a coarse bin
    coarse_bins : K; pixels beyond are dropped
    near : coarse distances, from 0, that are left out: domains and loops, not compartments; at least 1
    pseudo : added to both sums
    """
    row_n, distance_n = np.nonzero(counted_IS)
    first_n, second_n = row_n // factor, (row_n + distance_n) // factor
    far_n = (second_n >= first_n + near) & (second_n < coarse_bins)
    width = (counted_IS.shape[1] - 1) // factor + 2  # coarse distances that the band reaches
    place_n, size = (first_n * width + second_n - first_n)[far_n], coarse_bins * width
    held = np.flatnonzero(np.bincount(place_n, minlength=size))
    bands = (np.broadcast_to(each, counted_IS.shape)[row_n, distance_n] for each in (observed_IS, expected_IS))
    observed, expected = (np.bincount(place_n, each[far_n], size)[held] for each in bands)
    first, second = held // width, held // width + held % width
    places = (np.append(first, second), np.append(second, first))
    values = (np.ones(len(held)), np.log((observed + pseudo) / (expected + pseudo)))
    known_KK, ratio_KK = (
        coo_array((np.append(own, own), places), shape=(coarse_bins, coarse_bins)).tocsr() for own in values
    )
    return known_KK, ratio_KK


def row_correlation(rows: Rows, others: Rows) -> Array:
    """Return Pearson's correlation of each row with each other row over the columns known in both (K, L).

    It is nan where they share fewer than `SHARED` columns, or one does not vary over those.

    Parameters
    ----------
    rows, others : known (K, J) and values (K, J), known (L, J) and values (L, J); dense or sparse
    """
    (known_KJ, value_KJ), (known_LJ, value_LJ) = rows, others
    number = known_KJ @ known_LJ.T
    safe = np.maximum(number, 1)
    mean, other_mean = value_KJ @ known_LJ.T / safe, (value_LJ @ known_KJ.T).T / safe  # over the columns shared
    variance = value_KJ**2 @ known_LJ.T / safe - mean**2
    other_variance = (value_LJ**2 @ known_KJ.T).T / safe - other_mean**2
    covariance = value_KJ @ value_LJ.T / safe - mean * other_mean
    varies = (number >= SHARED) & (variance > VARIES) & (other_variance > VARIES)
    return np.where(varies, covariance / np.sqrt(np.where(varies, variance * other_variance, 1)), np.nan)
