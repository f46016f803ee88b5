"""From predicted windows to profiles of whole regions: overlapping windows are averaged, their borders counting less.

Axes: I bins of a chromosome, N bins of a window, K targets, n windows.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import chain

import numpy as np
import pandas as pd

from chiasma.contracts import Inputs
from chiasma.core.errors import InputError
from chiasma.tasks.epigenome.config import Config
from chiasma.tasks.epigenome.labels import check_targets
from chiasma.tiles.arrays import TileArrays
from chiasma.tiles.stitching import predicted_regions, stitched_profiles, windows_of_runs

Score = Callable[[pd.DataFrame], np.ndarray]  # rows sample, chrom, bin1, bin2 -> log2(1 + signal) (n, N, K)


def predict(config: Config, inputs: Inputs, score: Score) -> dict[str, dict[str, dict[str, np.ndarray]]]:
    """Return the profiles of one sample as ``tracks``: target -> chromosome -> predicted log2(1 + signal) (I,) float32.

    They are nan where nothing is predicted: outside the valid and test regions, and in bins that the map masks. Whether the
    sample's own targets were measured does not matter.

    Parameters
    ----------
    score : windows on the diagonal -> log2(1 + signal) (n, N, K)

    Raises
    ------
    ConfigError
        When the targets are not where the configuration says.
    InputError
        When the sample is unknown, or no window fits in the regions.
    """
    arrays = inputs.arrays
    check_targets(config, arrays)
    arrays.check_sample(inputs.sample)
    windows = predicted_windows(arrays, inputs.splits, inputs.sample)
    if windows.empty:
        raise InputError(
            f"sample '{inputs.sample}': no window of {arrays.meta.tile_bins} bins fits in a valid or test region; widen the splits"
        )
    values_nNK = np.asarray(score(windows))
    found = {}
    for target, values_nN in zip(config.targets, np.moveaxis(values_nNK, -1, 0), strict=True):
        profiles = stitched_profiles(arrays, windows, values_nN)
        found[target] = {
            chrom: np.where(arrays.valid(inputs.sample, chrom), profile_I, np.float32("nan"))
            for chrom, profile_I in profiles.items()
        }
    return {"tracks": found}


def predicted_windows(arrays: TileArrays, splits: pd.DataFrame, sample: str) -> pd.DataFrame:
    """Return the windows to predict, on the diagonal: sample, chrom, bin1, bin2, in genomic order; neighbours overlap by half."""
    regions = {chrom: [*chain(*predicted_regions(arrays, splits, chrom))] for chrom in arrays.meta.chromosomes}
    return windows_of_runs(arrays, sample, regions)
