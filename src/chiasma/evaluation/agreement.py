"""How well predicted values follow measured ones, under the weights that bootstrap draws give to genomic blocks.

Axes: n places, B blocks, D draws, G groups of equal values. ``weight_DB`` says how often each draw takes each block; a place
weighs in a draw what its block does. A correlation is 0 where the prediction does not vary, as it then explains nothing, and
nan where what is measured does not vary.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

Array = NDArray[np.float64]
CHUNK = 4_000_000  # places times draws held at once
ROUNDING = 1e-12, 1e-28  # of the sum of squares, and of the squared mean: a variance not above is none


@dataclass(frozen=True)
class Moments:
    """Weighted sums over places in each draw, each (D,).

    Attributes
    ----------
    weight_D : weights
    predicted_D, observed_D : squares about the mean
    both_D : products about the means
    error_D : squares of the differences
    """

    weight_D: Array
    predicted_D: Array
    observed_D: Array
    both_D: Array
    error_D: Array

    def __add__(self, other: Moments) -> Moments:
        """Return the sums over two sets of places, each about means of its own."""
        names = self.__dataclass_fields__
        return Moments(**{name: getattr(self, name) + getattr(other, name) for name in names})

    @property
    def r2_D(self) -> Array:
        """Share of the measured variance that the prediction explains: 1 - error / measured; nan where nothing was to explain."""
        return 1 - _ratio(self.error_D, self.observed_D)

    @property
    def r2_swapped_D(self) -> Array:
        """The same with truth and prediction exchanged: 1 - error / predicted; nan where the prediction does not vary."""
        return 1 - _ratio(self.error_D, self.predicted_D)

    @property
    def pearson_D(self) -> Array:
        """Pearson's correlation."""
        return _correlation(self.both_D, self.predicted_D, self.observed_D)

    @property
    def mse_D(self) -> Array:
        """Mean squared error; nan in draws without places."""
        return _ratio(self.error_D, self.weight_D)


def moments(predicted_n: NDArray, observed_n: NDArray, block_n: NDArray[np.int64], weight_DB: Array) -> Moments:
    """Return the sums that R2, Pearson's correlation and the mean squared error are made of.

    Parameters
    ----------
    predicted_n, observed_n : finite values
    block_n : block of each place
    weight_DB : weights not below 0
    """
    predicted_n, observed_n = np.asarray(predicted_n, float), np.asarray(observed_n, float)
    means = [values.mean() if len(values) else 0.0 for values in (predicted_n, observed_n)]
    p, y = predicted_n - means[0], observed_n - means[1]  # sums of squares about 0 would lose digits
    terms = (np.ones(len(p)), p, y, p * p, y * y, p * y, (predicted_n - observed_n) ** 2)
    sums_KB = np.stack([np.bincount(block_n, term, minlength=weight_DB.shape[1]) for term in terms])
    weight, p, y, pp, yy, py, error = sums_KB @ weight_DB.T
    share = _ratio(np.ones_like(weight), weight, empty=0.0)
    spread = [
        _above_rounding(square - total**2 * share, square, weight * mean**2)
        for square, total, mean in ((pp, p, means[0]), (yy, y, means[1]))
    ]
    return Moments(weight, *spread, py - p * y * share, error)


def pearson_and_r2(predicted: NDArray, observed: NDArray) -> tuple[float, float]:
    """Return Pearson's correlation and the explained share of variance over what is measured, all of it one block.

    Parameters
    ----------
    predicted, observed : of one shape; nan where nothing was measured
    """
    known = np.isfinite(observed)
    one_block = np.zeros(int(known.sum()), np.int64)
    found = moments(predicted[known], observed[known], one_block, np.ones((1, 1)))
    return float(found.pearson_D[0]), float(found.r2_D[0])


def spearman(predicted_n: NDArray, observed_n: NDArray, block_n: NDArray[np.int64], weight_DB: Array) -> Array:
    """Return Spearman's correlation in each draw (D,): a draw ranks its own places anew, equal values at their middle rank.

    Parameters are those of `moments`.
    """
    groups = [np.unique(values, return_inverse=True)[1] for values in (predicted_n, observed_n)]
    step = max(1, CHUNK // max(len(block_n), 1))
    parts = [_rank_correlation(groups, block_n, weight_DB[at : at + step]) for at in range(0, len(weight_DB), step)]
    return np.concatenate(parts)


def _rank_correlation(groups: list[NDArray], block_n: NDArray[np.int64], weight_DB: Array) -> Array:
    centred, spread = [], []
    for group_n in groups:
        shape = (weight_DB.shape[1], int(group_n.max(initial=-1)) + 1)
        weight_DG = weight_DB @ csr_array((np.ones(len(group_n)), (block_n, group_n)), shape=shape)
        rank_DG = np.cumsum(weight_DG, axis=1) - weight_DG / 2
        rank_DG -= weight_DG.sum(axis=1, keepdims=True) / 2  # the weighted mean of middle ranks
        spread.append((weight_DG * rank_DG**2).sum(axis=1))
        centred.append(rank_DG[:, group_n])
    both_D = np.einsum("dn,dn,dn->d", weight_DB[:, block_n], *centred)
    return _correlation(both_D, *spread)


def _above_rounding(spread_D: Array, square_D: Array, mean_square_D: Array) -> Array:
    """Return sums of squares about the mean, exactly 0 where they are no more than rounding errors."""
    return np.where(spread_D <= ROUNDING[0] * square_D + ROUNDING[1] * mean_square_D, 0.0, spread_D)


def _correlation(both_D: Array, predicted_D: Array, observed_D: Array) -> Array:
    known = _ratio(both_D, np.sqrt(predicted_D * observed_D), empty=0.0)
    return np.where(observed_D > 0, np.clip(known, -1, 1), np.nan)


def _ratio(top: Array, bottom: Array, empty: float = np.nan) -> Array:
    """Return top / bottom, ``empty`` where the bottom is 0."""
    return np.divide(top, bottom, out=np.full(top.shape, empty), where=bottom > 0)
