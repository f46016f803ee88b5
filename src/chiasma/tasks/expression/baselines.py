"""The baselines of the expression task: they predict the same windows as a model, stitched by the same lines."""

from __future__ import annotations

from typing import Any

import numpy as np

from chiasma.contracts import Inputs
from chiasma.core.errors import InputError, unknown
from chiasma.tasks.expression import decode
from chiasma.tasks.expression.activity_by_contact import build_activity_by_contact
from chiasma.tasks.expression.config import BASELINES, Config, Mean
from chiasma.tasks.expression.labels import check_target
from chiasma.tasks.expression.ridge import build_ridge
from chiasma.tasks.expression.signal import score_windows, training_bins
from chiasma.tiles.stitching import Profile


def predict(name: str, config: Config, numbers: Any, inputs: Inputs) -> dict[str, dict[str, np.ndarray]]:
    """Return the profile of one sample as ``bw``, as `decode.predict` does, by baseline ``name`` with its ``numbers``.

    InputError names the baselines that exist when ``name`` is none of them.
    """
    builders = {"mean": build_mean, "ridge": build_ridge, "activity_by_contact": build_activity_by_contact}
    if name not in BASELINES:
        raise InputError(unknown("baseline", name, BASELINES, "profiles"))
    check_target(config, inputs.arrays)
    profile = builders[name](config, numbers, inputs)
    return decode.predict(config, inputs, score_windows(profile, inputs.arrays))


def build_mean(config: Config, numbers: Mean, inputs: Inputs) -> Profile:
    """Return place -> the mean log2(1 + signal) of the training bins in every bin (I,)."""
    arrays = inputs.arrays
    _, signal_n = training_bins(config, inputs, lambda place: np.zeros(arrays.meta.bins(place[1])))
    return lambda place: np.full(arrays.meta.bins(place[1]), signal_n.mean())
