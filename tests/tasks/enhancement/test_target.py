"""What is predicted is the deep map over the shallow map's own decay, and it starts from the shallow map at matched depth."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from chiasma.tasks.enhancement.config import Config
from chiasma.tasks.enhancement.target import encode, ratios


def examples(**changed) -> dict[str, np.ndarray]:
    """Return one window of two bins: 3 contacts where 2 are expected, eight times deeper."""
    window = {
        "contacts": np.full((1, 2, 2), 3, np.float32),
        "expected": np.full((1, 2, 2), 2, np.float32),
        "valid": np.ones((1, 2, 2), bool),
        "distance_bins": np.array([5]),
        "deeper_contacts": np.full((1, 2, 2), 20, np.float32),
        "deeper_valid": np.ones((1, 2, 2), bool),
        "depth": np.array([8], np.float32),
    }
    return window | changed


def test_a_pixel_by_hand():
    found = encode(examples(), Config())
    assert found["scales"][..., 0] == pytest.approx(np.log(25 / 17))
    assert found["target"] == pytest.approx(np.log(21 / 17))


def test_a_deep_map_that_is_a_multiple_of_the_shallow_one_is_where_the_prediction_starts():
    found = encode(examples(deeper_contacts=np.full((1, 2, 2), 24, np.float32)), Config())
    assert found["target"] == pytest.approx(found["scales"][..., 0])


def test_what_is_masked_in_the_input_is_as_expected_and_in_the_truth_unknown():
    mask = np.array([[[True, False], [False, True]]])
    found = encode(examples(valid=mask, deeper_valid=~mask), Config())
    raw = found["scales"][..., 0]
    assert (raw[~mask] == 0).all() and (raw[mask] > 0).all()
    assert np.isnan(found["target"][mask]).all() and np.isfinite(found["target"][~mask]).all()


def test_a_map_without_a_deeper_one_is_made_as_deep_as_the_task_says():
    alone = {
        name: array for name, array in examples().items() if name not in ("deeper_contacts", "deeper_valid", "depth")
    }
    found = encode(alone, Config(depth=8.0))
    assert found["scales"][..., 0] == pytest.approx(encode(examples(), Config())["scales"][..., 0])
    assert np.isnan(found["target"]).all()


def test_smoother_versions_are_of_observed_over_expected_and_reach_into_masked_pixels():
    """All pixels have half again what is expected: so has every smoothed version, masked pixels included."""
    mask = np.array([[[True, False], [False, True]]])
    found = encode(examples(valid=mask), Config(sigmas=(1.0, 3.0)))["scales"]
    assert found.shape == (1, 2, 2, 3)
    assert found[..., 1:] == pytest.approx(np.log(25 / 17))


def test_ratios_are_those_of_a_filter_that_slides_over_each_window():
    """Windows with masked bins and pixels far from any that is known, widths from less than a bin to more than the window."""
    rng, sigmas = np.random.default_rng(0), (0.5, 1.5, 6.0, 40.0)
    observed, expected = (
        rng.poisson(0.4, (3, 24, 24)).astype(np.float32),
        rng.gamma(2, 0.3, (3, 24, 24)).astype(np.float32),
    )
    valid = rng.random((3, 24, 24)) > 0.2
    valid[0, :, 6:] = False
    found = list(ratios({"contacts": observed, "expected": expected, "valid": valid}, sigmas))
    for sigma, ratio in zip((0.0, *sigmas), found, strict=True):
        for at in range(3):
            over, under = (
                gaussian_filter(np.where(valid, band, 0.0)[at], sigma, mode="constant") for band in (observed, expected)
            )
            np.testing.assert_allclose(
                ratio[at], np.where(under > 1e-12, over / np.maximum(under, 1e-12), 1), rtol=1e-5
            )


def test_a_pixel_weighs_by_what_the_deep_map_tells_of_it():
    """16 contacts are expected: the logarithm's variance is 1 / 17 of counting and the dispersion."""
    assert encode(examples(), Config(dispersion=0.05))["weight"] == pytest.approx(1 / (1 / 17 + 0.05))
    far = examples(expected=np.full((1, 2, 2), 1e6, np.float32))
    assert encode(far, Config(dispersion=0.05))["weight"] == pytest.approx(20, rel=1e-3)
