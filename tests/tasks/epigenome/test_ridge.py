"""Ridge on contacts: the line by another way, its penalty, and that it finds what was planted."""

import dataclasses
import logging

import numpy as np
import pytest
from planted_tracks import CONFIG, MASKED, TEST, log2_signal
from sklearn.linear_model import Ridge as Penalised
from sklearn.preprocessing import StandardScaler

from chiasma.core.errors import InputError
from chiasma.tasks.epigenome.config import Ridge
from chiasma.tasks.epigenome.ridge import build_ridge, choose, fit, products, squared_error

NUMBERS = Ridge(far_bins=30, widths_bins=(5, 10))


def sums(x_nF, y_n):
    z_nG = np.column_stack([np.ones(len(y_n)), x_nF, y_n])
    return z_nG.T @ z_nG


@pytest.fixture
def drawn():
    rng = np.random.default_rng(0)
    x_nF = rng.normal(3, [1.0, 5.0, 0.2], (60, 3))
    return x_nF, x_nF @ [1.0, -0.3, 2.0] + 7 + rng.normal(size=60)


@pytest.mark.parametrize("alpha", [1e-6, 0.3])
def test_the_line_is_that_of_scikit_learn_on_standardised_features(drawn, alpha):
    x_nF, y_n = drawn
    scaler = StandardScaler().fit(x_nF)
    model = Penalised(alpha=alpha * len(y_n)).fit(scaler.transform(x_nF), y_n)
    line = fit(sums(x_nF, y_n), alpha)
    np.testing.assert_allclose(line[0] + x_nF @ line[1:], model.predict(scaler.transform(x_nF)), rtol=1e-8)
    error = np.square(line[0] + x_nF @ line[1:] - y_n).mean()
    assert squared_error(line, sums(x_nF, y_n)) == pytest.approx(error)


def test_a_constant_feature_has_no_weight(drawn):
    x_nF, y_n = drawn
    line = fit(sums(np.column_stack([np.full(60, 4.0), x_nF]), y_n), 1e-3)
    assert line[1] == 0
    np.testing.assert_allclose(line[2:], fit(sums(x_nF, y_n), 1e-3)[1:], rtol=1e-6)


def test_the_penalty_with_the_smallest_validation_error_is_taken():
    """Training has as many features as rows, pure noise: the larger the penalty, the better on fresh noise."""
    rng = np.random.default_rng(0)
    train, valid = (sums(rng.normal(size=(n, 40)), rng.normal(size=n)) for n in (42, 500))
    numbers = Ridge(alphas=(1e-4, 10.0))
    np.testing.assert_array_equal(choose(numbers, "ctcf", train, valid), fit(train, 10.0))
    np.testing.assert_array_equal(choose(numbers, "ctcf", train, train), fit(train, 1e-4))


def test_without_validation_bins_the_first_penalty_is_taken_and_said(drawn, caplog):
    logging.getLogger("chiasma").propagate = True
    with caplog.at_level(logging.WARNING, "chiasma"):
        line = choose(Ridge(), "ctcf", sums(*drawn), np.zeros((2, 2)))
    np.testing.assert_array_equal(line, fit(sums(*drawn), 1e-5))
    assert "ctcf: no validation bins to choose a penalty with: taking 1e-05" in caplog.text


def test_each_signal_is_learnt_from_the_bins_that_have_it(inputs):
    found = products(CONFIG, inputs, "train", lambda place: np.zeros((203, 0)))
    assert found[0, 0, 0] == 196 and found[1, 0, 0] == 2 * 196, "b lacks ctcf, and 3 of 199 bins of a window are masked"


def test_what_was_planted_is_found_in_a_sample_without_a_measurement(inputs):
    profile = build_ridge(CONFIG, NUMBERS, inputs)
    bins = np.setdiff1d(np.arange(*TEST), MASKED)
    found, planted = profile(("c", "chr2"))[bins], log2_signal("c", "chr2")[bins]
    for track in range(2):
        assert np.corrcoef(found[:, track], planted[:, track])[0, 1] > 0.9


def test_a_target_that_no_training_bin_has_is_named(inputs):
    only_b = dataclasses.replace(inputs, examples=inputs.examples[inputs.examples["sample"] == "b"])
    with pytest.raises(InputError, match="ctcf was measured in no training bin"):
        build_ridge(CONFIG, NUMBERS, only_b)
