"""Interval algebra on one chromosome: intervals are arrays of starts and ends in bp, 0-based and half-open."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from chiasma.core.errors import InputError

Intervals = tuple[NDArray[np.int64], NDArray[np.int64]]


def merge(starts: ArrayLike, ends: ArrayLike) -> Intervals:
    """Return the union as sorted, disjoint intervals; touching ones are joined, empty ones vanish."""
    starts, ends = np.asarray(starts, np.int64), np.asarray(ends, np.int64)
    order = np.argsort(starts[starts < ends], kind="stable")
    starts, ends = starts[starts < ends][order], ends[starts < ends][order]
    if not len(starts):
        return starts, ends
    reach = np.maximum.accumulate(ends)
    first = np.concatenate([[True], starts[1:] > reach[:-1]])
    last = np.concatenate([first[1:], [True]])
    return starts[first], reach[last]


def covered_bp(starts: ArrayLike, ends: ArrayLike) -> int:
    """Return the number of bases in at least one interval."""
    starts, ends = merge(starts, ends)
    return int((ends - starts).sum())


def cover_below(starts: ArrayLike, ends: ArrayLike, positions: ArrayLike) -> NDArray[np.int64]:
    """Return at each position the number of covered bases before it, (n_positions,)."""
    starts, ends = merge(starts, ends)
    before = np.concatenate([[0], np.cumsum(ends - starts)])
    place = np.searchsorted(starts, positions, side="right")
    beyond = (
        np.where(place > 0, ends[place - 1] - positions, 0) if len(starts) else np.zeros(np.shape(positions), np.int64)
    )
    return before[place] - np.maximum(beyond, 0)


def overlap_bp(starts: ArrayLike, ends: ArrayLike, other_starts: ArrayLike, other_ends: ArrayLike) -> NDArray[np.int64]:
    """Return for each interval how many of its bases lie in the union of the others, (n,)."""
    below = cover_below(other_starts, other_ends, np.concatenate([np.asarray(starts), np.asarray(ends)]))
    first, last = np.split(below, 2)
    return last - first


def overlaps(starts: ArrayLike, ends: ArrayLike, other_starts: ArrayLike, other_ends: ArrayLike) -> NDArray[np.bool_]:
    """Return for each interval whether it shares a base with any of the others, (n,)."""
    return overlap_bp(starts, ends, other_starts, other_ends) > 0


def sum_over_bins(
    starts: ArrayLike, ends: ArrayLike, values: ArrayLike, edges: ArrayLike, where: str
) -> NDArray[np.float64]:
    """Return the sum over bases of a piecewise constant value in each bin, (n_edges - 1,).

    Parameters
    ----------
    starts, ends, values : (n,) disjoint intervals in any order, and the value of each of their bases
    edges : (n_bins + 1,) borders of the bins, rising
    where : for messages

    Raises
    ------
    InputError
        When two intervals overlap: their bases would have two values.
    """
    starts, ends, values = (np.asarray(array) for array in (starts, ends, values))
    order = np.argsort(starts, kind="stable")
    starts, ends, values = starts[order], ends[order], values[order].astype(np.float64)
    clash = np.flatnonzero(starts[1:] < ends[:-1])
    if len(clash):
        raise InputError(
            f"{where}: intervals [{starts[clash[0]]}, {ends[clash[0]]}) and [{starts[clash[0] + 1]}, {ends[clash[0] + 1]}) overlap"
        )
    return np.diff(_integral(starts, ends, values, np.asarray(edges)))


def _integral(starts: NDArray, ends: NDArray, values: NDArray, positions: NDArray) -> NDArray[np.float64]:
    """Return the sum of the values of all bases before each position; intervals sorted and disjoint."""
    if not len(starts):
        return np.zeros(len(positions))
    before = np.concatenate([[0.0], np.cumsum((ends - starts) * values)])
    place = np.searchsorted(starts, positions, side="right")
    inside = np.maximum(place - 1, 0)
    beyond = np.maximum(ends[inside] - positions, 0) * values[inside]
    return before[place] - np.where(place > 0, beyond, 0)
