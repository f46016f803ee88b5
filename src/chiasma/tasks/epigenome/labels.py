"""The windows to train on: tiles of the diagonal where a signal was measured."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from chiasma.core.errors import ConfigError
from chiasma.tasks.epigenome.config import Config
from chiasma.tiles.arrays import TileArrays
from chiasma.tiles.index import check_trainable
from chiasma.tiles.targets import drop_unmeasured, target_places
from chiasma.tiles.window_grid import WindowGrid, in_genomic_order, tiled_windows


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
    ConfigError
        When the targets are not where the configuration says.
    InputError
        When a target has negative signal, or no window is left to train on.
    """
    check_targets(config, arrays)
    grid = WindowGrid(config.stride_bins, config.min_nonzero_fraction)
    windows = tiled_windows(grid, arrays, splits, arrays.meta.samples, list(arrays.meta.chromosomes))
    examples = drop_unmeasured(windows, arrays, config.targets)
    check_trainable(examples, f"splits, min_nonzero_fraction, and that a sample has {' or '.join(config.targets)}")
    return in_genomic_order(examples)


def check_targets(config: Config, arrays: TileArrays) -> None:
    """Raise ConfigError unless the tileset's targets of the configuration's places are those that it names."""
    places = target_places(arrays, config.targets)
    if config.places != places:
        raise ConfigError(
            f"{arrays.folder}: targets of the tileset: {', '.join(config.targets)} are numbers {places} of "
            f"{', '.join(arrays.meta.targets)}, counted from 0, but channels say {config.places}; set channels to {places}"
        )
