"""Ridge on tracks: its features by hand, its penalty, and that it finds a planted relation."""

import dataclasses
import logging

import numpy as np
import pytest
from planted_profiles import CONFIG, WEIGHTS, log2_signal

from chiasma.tasks.expression.config import Ridge
from chiasma.tasks.expression.ridge import build_ridge, features, fit_ridge


def test_features_are_the_tracks_of_the_bins_around_in_order(arrays):
    log2_IC = np.log2(1 + arrays.track_means("a", "chr1"))
    found = features(arrays, ("a", "chr1"), 1)
    np.testing.assert_array_equal(found[7], log2_IC[6:9].ravel())
    np.testing.assert_array_equal(found[0], np.concatenate([[0, 0], log2_IC[:2].ravel()]))
    np.testing.assert_array_equal(features(arrays, ("a", "chr1"), 0), log2_IC)


def test_a_planted_relation_is_found_and_carries_to_a_cell_type_without_a_measurement(inputs):
    profile = build_ridge(CONFIG, Ridge(reach_bins=2, alphas=(1e-8,)), inputs)
    for place in (("a", "chr2"), ("c", "chr2")):
        np.testing.assert_allclose(profile(place), log2_signal(*place), atol=1e-3)


def test_what_lies_beyond_the_reach_is_not_seen(inputs):
    profile = build_ridge(CONFIG, Ridge(reach_bins=1, alphas=(1e-8,)), inputs)
    wrong = profile(("a", "chr2")) - log2_signal("a", "chr2")
    assert max(WEIGHTS) == 2 and wrong.std() > 0.02


def test_the_penalty_with_the_smallest_validation_error_is_taken():
    """Training has as many features as rows, pure noise: the larger the penalty, the better on fresh noise."""
    rng = np.random.default_rng(0)
    train, valid = ((rng.normal(size=(n, 40)), rng.normal(size=n)) for n in (42, 500))
    found = fit_ridge(Ridge(alphas=(1e-4, 10.0)), train, valid)
    assert found[-1].alpha == pytest.approx(10.0 * 42)
    exact = (train[0], train[0][:, 0])
    assert fit_ridge(Ridge(alphas=(10.0, 1e-4)), exact, (valid[0], valid[0][:, 0]))[-1].alpha == pytest.approx(42e-4)


def test_without_validation_bins_the_first_penalty_is_taken_and_said(inputs, caplog):
    logging.getLogger("chiasma").propagate = True
    train_only = dataclasses.replace(inputs, examples=inputs.examples[inputs.examples["split"] == "train"])
    with caplog.at_level(logging.WARNING, "chiasma"):
        build_ridge(CONFIG, Ridge(), train_only)
    assert "no validation bins to choose a penalty with: taking 0.0001" in caplog.text
