"""The baselines of the epigenome task: they predict the same windows as a model, stitched by the same lines."""

from __future__ import annotations

from typing import Any

import numpy as np

from chiasma.contracts import Inputs
from chiasma.core.errors import InputError, unknown
from chiasma.tasks.epigenome import decode
from chiasma.tasks.epigenome.config import BASELINES, Config, Mean
from chiasma.tasks.epigenome.labels import check_targets
from chiasma.tasks.epigenome.ridge import build_ridge, products
from chiasma.tiles.stitching import Profile, cut_profiles


def predict(name: str, config: Config, numbers: Any, inputs: Inputs) -> dict[str, dict[str, dict[str, np.ndarray]]]:
    """Return the profiles of one sample as ``tracks``, as `decode.predict` does, by baseline ``name`` with its ``numbers``.

    InputError names the baselines that exist when ``name`` is none of them.
    """
    builders = {"mean": build_mean, "ridge": build_ridge}
    if name not in BASELINES:
        raise InputError(unknown("baseline", name, BASELINES, "tracks"))
    check_targets(config, inputs.arrays)
    profile = builders[name](config, numbers, inputs)
    return decode.predict(config, inputs, cut_profiles(profile, inputs.arrays))


def build_mean(config: Config, numbers: Mean, inputs: Inputs) -> Profile:
    """Return place -> the mean log2(1 + signal) of the training bins in every bin (I, K)."""
    meta = inputs.arrays.meta
    sums_KGG = products(config, inputs, "train", lambda place: np.zeros((meta.bins(place[1]), 0)))
    return lambda place: np.tile(sums_KGG[:, 0, -1] / sums_KGG[:, 0, 0], (meta.bins(place[1]), 1))
