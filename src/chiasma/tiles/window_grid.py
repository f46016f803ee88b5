"""Windows tiled over the map, on and off the diagonal: the examples of tasks that learn pixels rather than pairs.

Axes: n windows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from chiasma.core.log import progress
from chiasma.schema.tables import EXAMPLES
from chiasma.tiles.arrays import ArraysMeta, TileArrays
from chiasma.tiles.index import check_reach, check_tiles, check_trainable

KEYS = ["sample", "chrom", "bin1", "bin2"]
SPANS = ["start1", "end1", "start2", "end2"]
PIECE = 64  # windows in memory at a time
Place = tuple[str, str]  # sample, chromosome


@dataclass(frozen=True)
class WindowGrid:
    """Where windows lie: as it stands, on the diagonal.

    Attributes
    ----------
    stride_bins : step between windows along the diagonal
    min_nonzero_fraction : windows with fewer non-zero pixels are dropped, with the reason
    distance_step_bins : step between the distances of windows, from 0 on
    max_distance_bins : largest distance of a window's bins
    """

    stride_bins: int
    min_nonzero_fraction: float
    distance_step_bins: int = 1
    max_distance_bins: int = 0


def grid_examples(grid: WindowGrid, arrays: TileArrays, splits: pd.DataFrame, samples: Sequence[str]) -> pd.DataFrame:
    """Return the windows of samples as an EXAMPLES table, in genomic order, each with label 1.

    Parameters
    ----------
    arrays : the tileset the windows are cut from
    splits : SPLITS table

    Raises
    ------
    InputError
        When windows reach beyond the stored band, or none is left to train on.
    """
    check_reach(arrays, grid.max_distance_bins)
    examples = tiled_windows(grid, arrays, splits, samples, list(arrays.meta.chromosomes))
    check_trainable(examples, "splits, distances and min_nonzero_fraction")
    return in_genomic_order(examples)


def tiled_windows(
    grid: WindowGrid, arrays: TileArrays, splits: pd.DataFrame, samples: Sequence[str], chromosomes: Sequence[str]
) -> pd.DataFrame:
    """Return the windows of samples at the same places, filtered as a tileset's tiles are, by sample, chromosome and bins.

    Columns are those of EXAMPLES, each label 1, and `SPANS`: the bases of both sides, half-open.
    """
    frames = []
    for sample, chrom in progress([(one, chrom) for one in samples for chrom in chromosomes], "windows"):
        drawn = draw_windows(grid, arrays.meta, chrom)
        if len(drawn):
            drawn = drawn.assign(sample=sample, chrom=chrom, source="tiling", label=1)
            frames.append(check_tiles(arrays, splits, drawn, grid.min_nonzero_fraction))
    columns = [*EXAMPLES.names, *SPANS]
    return pd.concat(frames, ignore_index=True)[columns] if frames else pd.DataFrame(columns=columns)


def in_genomic_order(examples: pd.DataFrame) -> pd.DataFrame:
    """Return examples as an EXAMPLES table, by sample, chromosome and bins."""
    return examples.sort_values(KEYS, kind="stable")[EXAMPLES.names].reset_index(drop=True)


def evenly_spread(windows: pd.DataFrame, count: int) -> pd.DataFrame:
    """Return at most ``count`` windows, evenly spread over the rows; 0 for all."""
    if not 0 < count < len(windows):
        return windows
    return windows.iloc[np.linspace(0, len(windows) - 1, count).round().astype(int)]


def in_pieces(windows: pd.DataFrame) -> Iterator[tuple[np.ndarray, Place, np.ndarray, np.ndarray]]:
    """Yield the row numbers of up to `PIECE` windows of one (sample, chromosome), that place, and their bins bin1 and bin2."""
    bin1, bin2 = (windows[name].to_numpy(np.int64) for name in ("bin1", "bin2"))
    for (sample, chrom), rows in windows.groupby(["sample", "chrom"], sort=True).indices.items():
        for start in range(0, len(rows), PIECE):
            at = rows[start : start + PIECE]
            yield at, (str(sample), str(chrom)), bin1[at], bin2[at]


def draw_windows(grid: WindowGrid, meta: ArraysMeta, chrom: str) -> pd.DataFrame:
    """Return the bins bin1 and bin2 that windows of one chromosome are centred on; the first touches its start."""
    bins = meta.bins(chrom)
    bin1 = np.arange(meta.half_bins, bins, grid.stride_bins)
    distances = np.arange(0, grid.max_distance_bins + 1, grid.distance_step_bins)
    pairs = np.stack([np.repeat(bin1, len(distances)), np.add.outer(bin1, distances).ravel()], axis=1)
    pairs = pairs[pairs[:, 1] < bins]
    return pd.DataFrame({"bin1": pairs[:, 0], "bin2": pairs[:, 1]})
