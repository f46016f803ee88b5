"""From predicted windows to profiles of whole regions: overlapping windows are averaged, their borders counting less.

Axes: I bins of a chromosome, N bins of a window, n windows.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import chain

import numpy as np
import pandas as pd

from chiasma.contracts import Inputs
from chiasma.core.errors import InputError
from chiasma.tasks.expression.config import Config
from chiasma.tasks.expression.labels import check_target
from chiasma.tiles.arrays import TileArrays
from chiasma.tiles.stitching import predicted_regions, stitched_profiles, windows_of_runs

Score = Callable[[pd.DataFrame], np.ndarray]  # rows sample, chrom, bin1, bin2 -> log2(1 + signal) (n, 2N)


def predict(config: Config, inputs: Inputs, score: Score) -> dict[str, dict[str, np.ndarray]]:
    """Return the profile of one sample as ``bw``: chromosome -> predicted log2(1 + signal) (I,) float32.

    It is nan where nothing is predicted: outside the valid and test regions, and where no window has all tracks. Whether the
    sample's own target was measured does not matter.

    Parameters
    ----------
    score : windows on the diagonal -> log2(1 + signal) (n, 2N), both halves alike

    Raises
    ------
    ConfigError
        When the target is not where the configuration says.
    InputError
        When the sample is unknown, or no window fits in the regions.
    """
    arrays = inputs.arrays
    check_target(config, arrays)
    arrays.check_sample(inputs.sample)
    windows = predicted_windows(arrays, inputs.splits, inputs.sample)
    if windows.empty:
        raise InputError(
            f"sample '{inputs.sample}': no window of {arrays.meta.tile_bins} bins with all tracks fits in a valid or test region; "
            "widen the splits"
        )
    values_nN = np.asarray(score(windows))[:, : arrays.meta.tile_bins]
    return {"bw": stitched_profiles(arrays, windows, values_nN)}


# ------------------------------------------------------------------------------------------------ which windows


def predicted_windows(arrays: TileArrays, splits: pd.DataFrame, sample: str) -> pd.DataFrame:
    """Return the windows of one sample to predict, on the diagonal: sample, chrom, bin1, bin2, in genomic order."""
    runs: dict[str, list[tuple[int, int]]] = {}
    for chrom in arrays.meta.chromosomes:
        known_I = tracks_known(arrays, (sample, chrom))
        regions = chain(*predicted_regions(arrays, splits, chrom))
        runs[chrom] = [run for region in regions for run in whole_runs(known_I, *region)]
    return windows_of_runs(arrays, sample, runs)


def tracks_known(arrays: TileArrays, place: tuple[str, str]) -> np.ndarray:
    """Return whether each bin (I,) has a value of every track in every track bin."""
    return np.isfinite(arrays.tracks(*place)).reshape(arrays.meta.bins(place[1]), -1).all(axis=1)


def whole_runs(known_I: np.ndarray, first: int, end: int) -> list[tuple[int, int]]:
    """Return the longest runs [start, end) of known bins within bins [first, end)."""
    change = np.flatnonzero(np.diff(np.concatenate([[False], known_I[first:end], [False]]).astype(np.int8)))
    return [(first + int(start), first + int(stop)) for start, stop in change.reshape(-1, 2)]
