"""The baselines of enhancement: the input itself, and the input smoothed; stitched by the same lines as a model's windows.

Axes: N bins of a window, n windows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from chiasma.contracts import Inputs
from chiasma.core.errors import InputError, unknown
from chiasma.core.log import log
from chiasma.tasks.enhancement import decode
from chiasma.tasks.enhancement.config import BASELINES, Config, Gaussian, Raw
from chiasma.tasks.enhancement.target import encode
from chiasma.tiles.stitching import Score
from chiasma.tiles.window_grid import evenly_spread, in_pieces


def predict(name: str, config: Config, numbers: Any, inputs: Inputs) -> dict[str, dict[str, tuple[np.ndarray, ...]]]:
    """Return the map of one sample as ``mcool``, as `decode.predict` does, by baseline ``name`` with its ``numbers``.

    InputError names the baselines that exist when ``name`` is none of them.
    """
    builders = {"raw": build_raw, "gaussian": build_gaussian}
    if name not in BASELINES:
        raise InputError(unknown("baseline", name, BASELINES, "enhanced maps"))
    return decode.predict(config, inputs, builders[name](config, numbers, inputs))


def build_raw(config: Config, numbers: Raw, inputs: Inputs) -> Score:
    """Return windows -> r of the shallow map itself."""
    return lambda windows: scored(
        inputs, windows, lambda examples: encode(examples, replace(config, sigmas=()))["scales"][..., 0]
    )


def build_gaussian(config: Config, numbers: Gaussian, inputs: Inputs) -> Score:
    """Return windows -> r of the smoothed shallow map, as wide as validation windows of the sample have it best."""
    sigma = best_sigma(config, numbers, inputs)
    return lambda windows: scored(inputs, windows, partial(smoothed, config=config, sigma=sigma))


def scored(inputs: Inputs, windows: pd.DataFrame, score: Callable[..., np.ndarray]) -> np.ndarray:
    """Return r (n, N, N) float32 of windows of the sample, in their order, by examples -> r."""
    bins = inputs.arrays.meta.tile_bins
    r_nNN = np.empty((len(windows), bins, bins), np.float32)
    for at, place, bin1, bin2 in in_pieces(windows):
        r_nNN[at] = score(inputs.arrays.windows(*place, bin1, bin2, strips=False))
    return r_nNN


def smoothed(examples: Mapping[str, np.ndarray], config: Config, sigma: float) -> np.ndarray:
    """Return r (n, N, N) float32 of windows whose observed over expected is smoothed by a Gaussian of ``sigma`` bins."""
    return encode(examples, replace(config, sigmas=(sigma,)))["scales"][..., 1]


def best_sigma(config: Config, numbers: Gaussian, inputs: Inputs) -> float:
    """Return the width with the least mean square error of r in the validation windows of the sample, or the middle one of
    ``sigmas`` where the sample has no such window or no deeper map."""
    rows = inputs.examples
    own = rows[rows["kept"] & (rows["split"] == "valid") & (rows["sample"] == inputs.sample)]
    if own.empty or inputs.sample not in inputs.arrays.meta.deeper:
        log.warning("gaussian: no validation window of '%s' to choose a width with", inputs.sample)
        return sorted(numbers.sigmas)[len(numbers.sigmas) // 2]
    own = evenly_spread(own, numbers.max_examples)
    target_nNN = scored(inputs, own, lambda examples: encode(examples, config)["target"])
    errors = {}
    for sigma in numbers.sigmas:
        found_nNN = scored(inputs, own, partial(smoothed, config=config, sigma=sigma))
        errors[sigma] = float(np.nanmean((found_nNN - target_nNN) ** 2))
    log.info("gaussian: validation error by width: %s", errors)
    return min(errors, key=lambda sigma: errors[sigma])
