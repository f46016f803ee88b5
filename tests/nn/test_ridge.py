"""The penalised line by another way, and the choice of its penalty."""

import logging

import numpy as np
import pytest
from sklearn.linear_model import Ridge as Penalised
from sklearn.preprocessing import StandardScaler

from chiasma.nn.ridge import choose_line, fit_line, line_error


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
    line = fit_line(sums(x_nF, y_n), alpha)
    np.testing.assert_allclose(line[0] + x_nF @ line[1:], model.predict(scaler.transform(x_nF)), rtol=1e-8)
    error = np.square(line[0] + x_nF @ line[1:] - y_n).mean()
    assert line_error(line, sums(x_nF, y_n)) == pytest.approx(error)


def test_a_constant_feature_has_no_weight(drawn):
    x_nF, y_n = drawn
    line = fit_line(sums(np.column_stack([np.full(60, 4.0), x_nF]), y_n), 1e-3)
    assert line[1] == 0
    np.testing.assert_allclose(line[2:], fit_line(sums(x_nF, y_n), 1e-3)[1:], rtol=1e-6)


def test_the_penalty_with_the_smallest_validation_error_is_taken():
    """Training has as many features as rows, pure noise: the larger the penalty, the better on fresh noise."""
    rng = np.random.default_rng(0)
    train, valid = (sums(rng.normal(size=(n, 40)), rng.normal(size=n)) for n in (42, 500))
    np.testing.assert_array_equal(choose_line(train, valid, (1e-4, 10.0), "ridge"), fit_line(train, 10.0))
    np.testing.assert_array_equal(choose_line(train, train, (1e-4, 10.0), "ridge"), fit_line(train, 1e-4))


def test_without_validation_rows_the_first_penalty_is_taken_and_said(drawn, caplog):
    logging.getLogger("chiasma").propagate = True
    with caplog.at_level(logging.WARNING, "chiasma"):
        line = choose_line(sums(*drawn), np.zeros((1, 1)), (1e-5, 1.0), "ridge: ctcf")
    np.testing.assert_array_equal(line, fit_line(sums(*drawn), 1e-5))
    assert "ridge: ctcf: nothing in validation to choose a penalty with: taking 1e-05" in caplog.text
