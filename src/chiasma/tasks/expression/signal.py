"""What baselines read of a tileset: the measured signal, and which bins may be learnt from.

Axes: I bins of a chromosome, N bins of a window, n windows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd

from chiasma.contracts import Inputs
from chiasma.core.errors import InputError
from chiasma.tasks.expression.config import Config
from chiasma.tiles.arrays import TileArrays
from chiasma.tiles.stitching import Place, Profile, cut_profiles
from chiasma.tiles.targets import learning_bins


def measured(config: Config, arrays: TileArrays, place: Place) -> np.ndarray:
    """Return the measured log2(1 + signal) (I,) float64; nan where unknown."""
    return np.log2(1 + arrays.targets(*place)[:, config.channel].astype(np.float64))


def learning_signal(config: Config, inputs: Inputs, split: str) -> Iterator[tuple[Place, np.ndarray, np.ndarray]]:
    """Yield each (sample, chromosome), the measured bins (n,) in kept windows of ``split``, each once, and their log2 signal."""
    for place, bins in learning_bins(inputs.arrays, inputs.examples, split):
        signal_I = measured(config, inputs.arrays, place)
        bins = bins[np.isfinite(signal_I[bins])]
        yield place, bins, signal_I[bins]


def gather(config: Config, inputs: Inputs, split: str, values: Profile) -> tuple[np.ndarray, np.ndarray]:
    """Return ``values`` (n, ...) at the measured bins of ``split`` of all samples, and their log2 signal (n,).

    Parameters
    ----------
    values : place -> array (I, ...)
    """
    found = [(values(place)[bins], signal) for place, bins, signal in learning_signal(config, inputs, split)]
    if not found:
        return np.zeros((0, 0)), np.zeros(0)
    return np.concatenate([own for own, _ in found]), np.concatenate([signal for _, signal in found])


def training_bins(config: Config, inputs: Inputs, values: Profile) -> tuple[np.ndarray, np.ndarray]:
    """Return what `gather` does of the training split; InputError when there is nothing to learn from."""
    x, y_n = gather(config, inputs, "train", values)
    if not len(y_n):
        raise InputError("no measured bin lies in the training windows; label again with other splits or samples")
    return x, y_n


def score_windows(profile: Profile, arrays: TileArrays) -> Callable[[pd.DataFrame], np.ndarray]:
    """Return windows on the diagonal -> log2(1 + signal) (n, 2N), cut from the profile of their chromosome, both halves alike."""
    cut = cut_profiles(profile, arrays)
    return lambda windows: np.tile(cut(windows), 2)
