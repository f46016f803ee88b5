"""Square windows on the diagonal of any width that the stored band holds, wider than a tile, for measuring and not for training.

Axes: D distance in bins, N bins of a window, n windows.
"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from chiasma.core.errors import InputError
from chiasma.tiles.arrays import ArraysMeta, TileArrays
from chiasma.tiles.cutting import cut_band, cut_expected, cut_valid


def longest_training_region(splits: pd.DataFrame, meta: ArraysMeta) -> tuple[str, int, int]:
    """Return chromosome, first bin and one past the last whole bin of the longest training region of a SPLITS table.

    InputError when no chromosome of the tileset has any.
    """
    regions = splits[(splits["split"] == "train") & splits["chrom"].isin([*meta.chromosomes])]
    if regions.empty:
        raise InputError(f"no training region on {', '.join(meta.chromosomes)}; the splits are of other chromosomes")
    row = regions.loc[(regions["end"] - regions["start"]).idxmax()]
    first, end = -(-row["start"] // meta.resolution_bp), row["end"] // meta.resolution_bp
    return str(row["chrom"]), int(first), int(end)


def widest_window(asked_bins: int, patch: int, *room_bins: int) -> int:
    """Return the width nearest below ``asked_bins`` that fits in every room, is even and holds whole patches.

    InputError when not even the narrowest such window fits.
    """
    step = math.lcm(patch, 2)
    width = min(asked_bins, *room_bins) // step * step
    if not width:
        raise InputError(f"no window of patches of {patch} bins fits: there is room for {min(room_bins)} bins")
    return width


def even_starts(first: int, end: int, width: int, count: int) -> NDArray[np.int64]:
    """Return the first bins of at most ``count`` windows spread evenly over [first, end), none twice (n,)."""
    return np.unique(np.linspace(first, end - width, count).round().astype(np.int64))


def diagonal_windows(
    arrays: TileArrays, sample: str, chrom: str, starts_n: NDArray[np.int64], width: int
) -> dict[str, np.ndarray]:
    """Cut the windows on the diagonal whose rows and columns are [start, start + width).

    Parameters
    ----------
    starts_n : bins (n,)
    width : bins of a side, even and no more than the stored band has distances

    Returns
    -------
    dict
        As `TileArrays.windows` without strips: ``contacts`` (n, N, N) float32, ``expected`` (n, N, N) float32, ``valid``
        (n, N, N) bool, ``distance_bins`` (n,) int64, all 0. Windows without any contact are left out.

    Raises
    ------
    InputError
        When the width is odd or more than the band holds, when a window leaves the chromosome, or when none has contacts.
    """
    bins = arrays.meta.bins(chrom)
    if width % 2 or width > arrays.meta.band_bins:
        raise InputError(f"a window of {width} bins: expected an even number of at most {arrays.meta.band_bins} bins")
    if starts_n.min() < 0 or starts_n.max() + width > bins:
        raise InputError(f"a window of {width} bins leaves {chrom}, which has {bins}; starts are {starts_n.tolist()}")
    middle_n, shape = starts_n + width // 2, (width, width)
    contacts_nNN = cut_band(arrays.contacts(sample, chrom), middle_n, middle_n, shape)
    valid_nN = cut_valid(arrays.valid(sample, chrom), middle_n, width)
    windows = {
        "contacts": contacts_nNN,
        "expected": cut_expected(arrays.expected(sample, chrom), np.zeros_like(middle_n), shape),
        "valid": valid_nN[:, :, None] & valid_nN[:, None, :],
        "distance_bins": np.zeros_like(middle_n),
    }
    seen_n = contacts_nNN.any(axis=(1, 2))
    if not seen_n.any():
        raise InputError(f"{sample}, {chrom}: no window of {width} bins on the diagonal has contacts")
    return {name: values[seen_n] for name, values in windows.items()}
