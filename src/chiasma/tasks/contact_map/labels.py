"""The windows to train on: tiles of the map on and off the diagonal, filtered as a tileset's tiles are."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from chiasma.tasks.contact_map.config import Config
from chiasma.tiles.arrays import TileArrays
from chiasma.tiles.window_grid import WindowGrid, grid_examples


def build_examples(
    config: Config, arrays: TileArrays, splits: pd.DataFrame, labels: Mapping[str, pd.DataFrame]
) -> pd.DataFrame:
    """Return the windows of all samples as an EXAMPLES table, in genomic order, each with label 1.

    Parameters
    ----------
    config : numbers of the task
    arrays : the tileset the windows are cut from
    splits : SPLITS table
    labels : nothing

    Raises
    ------
    InputError
        When the task reaches beyond the stored band, or no window is left to train on.
    """
    grid = WindowGrid(
        config.stride_bins, config.min_nonzero_fraction, config.distance_step_bins, config.max_distance_bins
    )
    return grid_examples(grid, arrays, splits, arrays.meta.samples)
