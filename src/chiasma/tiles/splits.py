"""Train, valid and test regions of a study, which bind pre-training and every task."""

from __future__ import annotations

import numpy as np
import pandas as pd

SPLIT_NAMES = ("train", "valid", "test")
NONE = "none"


def _region_of(splits: pd.DataFrame, start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Return the split name of the region that holds each [start, end) wholly, "none" where there is none."""
    regions = splits[splits["split"].isin(SPLIT_NAMES)].sort_values("start")
    if regions.empty:
        return np.full(len(start), NONE, object)
    at = np.searchsorted(regions["start"].to_numpy(), start, side="right") - 1
    inside = (at >= 0) & (end <= regions["end"].to_numpy()[at])
    return np.where(inside, regions["split"].to_numpy(object)[at], NONE)


def split_of(
    splits: pd.DataFrame, chrom: str | np.ndarray, start1: np.ndarray, end1: np.ndarray, start2: np.ndarray, end2: np.ndarray
) -> np.ndarray:
    """Return the split of each tile: both anchors' windows wholly inside regions of one same split, else "none".

    Parameters
    ----------
    splits : SPLITS table
    chrom : one name for all, or one per tile
    start1, end1, start2, end2 : (n,) int, bp, half-open windows of the two anchors

    Returns
    -------
    (n,) object array of train, valid, test, none
    """
    start1, end1, start2, end2 = (np.atleast_1d(np.asarray(value, np.int64)) for value in (start1, end1, start2, end2))
    chroms = np.broadcast_to(np.asarray(chrom, object), start1.shape)
    found = np.full(len(start1), NONE, object)
    for name in pd.unique(chroms):
        at, own = np.flatnonzero(chroms == name), splits[splits["chrom"] == name]
        first, second = _region_of(own, start1[at], end1[at]), _region_of(own, start2[at], end2[at])
        found[at] = np.where(first == second, first, NONE)
    return found
