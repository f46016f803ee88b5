"""Which windows cover the regions to predict, and how values of overlapping windows are weighed: their borders count less.

Axes: I bins of a chromosome, N bins of a window, n windows.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from chiasma.tiles.arrays import TileArrays

PREDICTED_SPLITS = ("valid", "test")


def predicted_regions(arrays: TileArrays, splits: pd.DataFrame, chrom: str) -> Iterator[list[tuple[int, int]]]:
    """Yield for each predicted split its regions of a chromosome as bins [first, end), in genomic order.

    Parameters
    ----------
    splits : SPLITS table
    """
    for split in PREDICTED_SPLITS:
        own = splits[(splits["chrom"] == chrom) & (splits["split"] == split)].sort_values("start")
        yield [bins_within(arrays, chrom, int(row.start), int(row.end)) for row in own.itertuples()]


def bins_within(arrays: TileArrays, chrom: str, start: int, end: int) -> tuple[int, int]:
    """Return the bins [first, end) that lie wholly in bases [start, end); a chromosome's last bin may be cut short."""
    width = arrays.meta.resolution_bp
    whole = arrays.meta.bins(chrom) if end >= arrays.meta.chromosomes[chrom] else end // width
    return -(-start // width), whole


def centres(first: int, end: int, half: int, stride: int) -> np.ndarray:
    """Return the bins that windows of bins [first, end) are centred on: every ``stride``, the last window flush with the end."""
    last = end - half
    if last < first + half:
        return np.zeros(0, np.int64)
    return np.unique(np.append(np.arange(first + half, last, stride), last))


def tent(bins: int) -> np.ndarray:
    """Return weights (N,) that fall from a window's middle to its borders, and are positive there."""
    return np.minimum(np.arange(1, bins + 1), np.arange(bins, 0, -1)).astype(np.float64)


def weighted_mean(sums: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return sums of weighted values over the sums of their weights, of any one shape, float64; nan where no window has a value."""
    return np.divide(sums, weights, out=np.full(np.shape(sums), np.nan), where=weights > 0)


def stitch(centre_n: np.ndarray, values_nN: np.ndarray, bins: int) -> np.ndarray:
    """Return the weighted mean (I,) float32 of overlapping windows' values; nan where there is none.

    Parameters
    ----------
    centre_n : bins that the windows of one chromosome are centred on
    values_nN : what each predicts; nan counts as not predicted
    bins : I, bins of the chromosome
    """
    width = values_nN.shape[1]
    at_nN = centre_n[:, None] + np.arange(width) - width // 2
    weight_nN = np.where(np.isfinite(values_nN), tent(width), 0)
    sums_I = np.bincount(at_nN.ravel(), (weight_nN * np.nan_to_num(values_nN)).ravel(), minlength=bins)
    weights_I = np.bincount(at_nN.ravel(), weight_nN.ravel(), minlength=bins)
    return weighted_mean(sums_I, weights_I).astype(np.float32)
