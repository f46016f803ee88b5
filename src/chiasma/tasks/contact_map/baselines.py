"""The baselines of the contact map task: they predict the same windows as a model, stitched by the same lines."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from chiasma.contracts import Inputs
from chiasma.core.errors import InputError, unknown
from chiasma.tasks.contact_map import decode
from chiasma.tasks.contact_map.config import BASELINES, Config, Decay, Ridge
from chiasma.tasks.contact_map.ridge import PixelFeatures, fit_ridge, score_windows


def predict(name: str, config: Config, numbers: Any, inputs: Inputs) -> dict[str, dict[str, np.ndarray]]:
    """Return the map of one sample as ``mcool``, as `decode.predict` does, by baseline ``name`` with its ``numbers``.

    InputError names the baselines that exist when ``name`` is none of them.
    """
    builders = {"decay": build_decay, "ridge": build_ridge}
    if name not in BASELINES:
        raise InputError(unknown("baseline", name, BASELINES, "maps"))
    return decode.predict(config, inputs, builders[name](config, numbers, inputs))


def build_decay(config: Config, numbers: Decay, inputs: Inputs) -> Callable[[pd.DataFrame], np.ndarray]:
    """Return windows -> r = 0: as many contacts as training regions have at a pixel's distance."""
    bins = inputs.arrays.meta.tile_bins
    return lambda windows: np.zeros((len(windows), bins, bins), np.float32)


def build_ridge(config: Config, numbers: Ridge, inputs: Inputs) -> Callable[[pd.DataFrame], np.ndarray]:
    """Return windows -> r by a ridge regression fitted to the training windows of all samples."""
    features = PixelFeatures(numbers, inputs.arrays)
    weights_F1 = fit_ridge(config, numbers, inputs, features)
    return lambda windows: score_windows(features, weights_F1, windows)
