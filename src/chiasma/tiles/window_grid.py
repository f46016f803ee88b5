"""Windows tiled over the map, on and off the diagonal: the examples of tasks that learn pixels rather than pairs.

Axes: n windows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from chiasma.core.log import progress
from chiasma.schema.tables import EXAMPLES
from chiasma.tiles.arrays import ArraysMeta, TileArrays
from chiasma.tiles.index import check_reach, check_tiles, check_trainable

KEYS = ["sample", "chrom", "bin1", "bin2"]


@dataclass(frozen=True)
class WindowGrid:
    """Where windows lie.

    Attributes
    ----------
    stride_bins : step between windows along the diagonal
    distance_step_bins : step between the distances of windows, from 0 on
    max_distance_bins : largest distance of a window's bins
    min_nonzero_fraction : windows with fewer non-zero pixels are dropped, with the reason
    """

    stride_bins: int
    distance_step_bins: int
    max_distance_bins: int
    min_nonzero_fraction: float


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
    frames = []
    for sample, chrom in progress([(one, chrom) for one in samples for chrom in arrays.meta.chromosomes], "windows"):
        drawn = draw_windows(grid, arrays.meta, chrom)
        if len(drawn):
            drawn = drawn.assign(sample=sample, chrom=chrom, source="tiling", label=1)
            frames.append(check_tiles(arrays, splits, drawn, grid.min_nonzero_fraction))
    examples = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=EXAMPLES.names)
    check_trainable(examples, "splits, distances and min_nonzero_fraction")
    return examples.sort_values(KEYS, kind="stable")[EXAMPLES.names].reset_index(drop=True)


def draw_windows(grid: WindowGrid, meta: ArraysMeta, chrom: str) -> pd.DataFrame:
    """Return the bins bin1 and bin2 that windows of one chromosome are centred on; the first touches its start."""
    bins = meta.bins(chrom)
    bin1 = np.arange(meta.half_bins, bins, grid.stride_bins)
    distances = np.arange(0, grid.max_distance_bins + 1, grid.distance_step_bins)
    pairs = np.stack([np.repeat(bin1, len(distances)), np.add.outer(bin1, distances).ravel()], axis=1)
    pairs = pairs[pairs[:, 1] < bins]
    return pd.DataFrame({"bin1": pairs[:, 0], "bin2": pairs[:, 1]})
