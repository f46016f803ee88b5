"""The yardsticks: the input at matched depth, and the input smoothed as wide as its depth asks for."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from planted_depths import CONFIG, TILE, chromosome_arrays, write

from chiasma.core.errors import InputError
from chiasma.tasks.enhancement import baselines
from chiasma.tasks.enhancement.config import BASELINES, Gaussian


def error(band_ID: np.ndarray, arrays) -> float:
    """Return the mean square error of log contacts of chr3 against the deep map."""
    width = band_ID.shape[1]
    known_ID = (arrays.valid_band("shallow", "chr3") & arrays.valid_band("deep", "chr3"))[:, :width]
    deep_ID = np.asarray(arrays.contacts("deep", "chr3"), float)[:, :width]
    return float(np.mean((np.log1p(band_ID[known_ID]) - np.log1p(deep_ID[known_ID])) ** 2))


def test_smoothing_beats_the_input_where_counts_are_few(inputs, arrays):
    found = {name: baselines.predict(name, CONFIG, BASELINES[name](), inputs)["mcool"]["chr3"][0] for name in BASELINES}
    assert error(found["gaussian"], arrays) < 0.5 * error(found["raw"], arrays)


def test_the_width_is_chosen_on_validation_windows_and_not_on_test(tmp_path, inputs):
    made = chromosome_arrays()
    made["deep", "chr3"] = made["shallow", "chr3"]
    other = replace(inputs, arrays=write(tmp_path, made))
    widths = [baselines.best_sigma(CONFIG, Gaussian(), each) for each in (inputs, other)]
    assert widths[0] == widths[1]
    assert min(Gaussian().sigmas) < widths[0] < max(Gaussian().sigmas), "neither end of the grid"


def test_a_sample_without_a_deeper_map_is_smoothed_too(inputs):
    assert baselines.best_sigma(CONFIG, Gaussian(sigmas=(1.0, 2.0, 3.0)), replace(inputs, sample="alone")) == 2.0


@pytest.mark.parametrize("sigma", [0.5, 2.0, 5.0])
def test_what_is_as_expected_stays_so_to_the_edges_and_beside_masked_bins(sigma):
    offset = np.abs(np.arange(TILE) - np.arange(TILE)[:, None])
    expected = (100 / (offset + 1.0))[None]
    valid = np.ones((1, TILE, TILE), bool)
    valid[:, 4] = valid[:, :, 4] = False
    window = {
        "contacts": np.where(valid, expected, 0),
        "expected": expected,
        "valid": valid,
        "depth": np.array([4.0]),
        "distance_bins": [0],
    }
    assert baselines.smoothed(window, CONFIG, sigma) == pytest.approx(0, abs=1e-5)


def test_smoothing_keeps_the_sum_of_a_lone_pixel_spread():
    expected = np.ones((1, TILE, TILE))
    contacts = np.zeros((1, TILE, TILE))
    contacts[0, 8, 8] = 50
    window = {
        "contacts": contacts,
        "expected": expected,
        "valid": expected > 0,
        "depth": np.array([1.0]),
        "distance_bins": [0],
    }
    r = baselines.smoothed(window, CONFIG, 1.0)[0]
    deep = np.expm1(r + np.log1p(1.0))
    assert deep.sum() == pytest.approx(50, rel=0.01)
    assert deep[8, 8] == pytest.approx(50 / (2 * np.pi), rel=0.05)


def test_an_unknown_baseline_names_the_nearest(inputs):
    with pytest.raises(InputError, match="did you mean 'gaussian'"):
        baselines.predict("gausian", CONFIG, None, inputs)
