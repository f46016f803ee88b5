"""The windows to train on: tiles of every shallow map that has a deeper one, on and off the diagonal."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from chiasma.core.errors import InputError
from chiasma.tasks.enhancement.config import Config
from chiasma.tiles.arrays import TileArrays
from chiasma.tiles.window_grid import WindowGrid, grid_examples


def build_examples(
    config: Config, arrays: TileArrays, splits: pd.DataFrame, labels: Mapping[str, pd.DataFrame]
) -> pd.DataFrame:
    """Return the windows of all shallow samples as an EXAMPLES table, in genomic order, each with label 1.

    Parameters
    ----------
    config : numbers of the task
    arrays : the tileset the windows are cut from
    splits : SPLITS table
    labels : nothing

    Raises
    ------
    InputError
        When no sample has a deeper map, the task reaches beyond the stored band, or no window is left to train on.
    """
    if not arrays.meta.deeper:
        raise InputError(
            f"{arrays.folder}: no sample has a deeper map to learn from; set the tileset's key 'deeper', as in "
            "{shallow: deep}, and tile again"
        )
    grid = WindowGrid(
        config.stride_bins, config.min_nonzero_fraction, config.distance_step_bins, config.max_distance_bins
    )
    return grid_examples(grid, arrays, splits, list(arrays.meta.deeper))
