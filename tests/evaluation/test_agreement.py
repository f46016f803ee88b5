"""Agreement of two sets of values: the field's own definitions, and weights that do what duplication does."""

import numpy as np
import pytest
from scipy import stats

from chiasma.evaluation.agreement import moments, pearson_and_r2, spearman

BLOCKS = 6


@pytest.fixture
def case():
    rng = np.random.default_rng(3)
    observed = rng.poisson(2, 300).astype(float)  # many ties
    predicted = np.round(0.6 * observed + rng.normal(0, 1, 300), 1) + 0.4
    return predicted, observed, rng.integers(0, BLOCKS, 300)


def plain(predicted, observed, block=None):
    """Every value of the data itself."""
    block = np.zeros(len(predicted), int) if block is None else block
    ones = np.ones((1, block.max(initial=0) + 1))
    sums = moments(predicted, observed, block, ones)
    names = ("r2", "r2_swapped", "pearson", "mse")
    values = {name: getattr(sums, f"{name}_D")[0] for name in names}
    return values | {"spearman": spearman(predicted, observed, block, ones)[0]}


def test_values_are_those_of_scipy_and_of_the_definitions(case):
    predicted, observed, block = case
    found = plain(predicted, observed, block)
    assert found["pearson"] == pytest.approx(stats.pearsonr(predicted, observed).statistic)
    assert found["spearman"] == pytest.approx(stats.spearmanr(predicted, observed).statistic)
    error = ((predicted - observed) ** 2).sum()
    assert found["mse"] == pytest.approx(error / 300)
    assert found["r2"] == pytest.approx(1 - error / ((observed - observed.mean()) ** 2).sum())


def test_r2_and_its_exchange_by_hand():
    # errors 0 0 1 1; truth varies by 5 about 1.5 (2.25 .25 .25 2.25), the prediction by 11 about 2 (4 1 1 4 = 10)
    found = plain(np.array([0.0, 1, 3, 4]), np.array([0.0, 1, 2, 3]))
    assert found["r2"] == pytest.approx(1 - 2 / 5)
    assert found["r2_swapped"] == pytest.approx(1 - 2 / 10)


def test_exchanging_truth_and_prediction_exchanges_the_two_r2(case):
    predicted, observed, _ = case
    there, back = plain(predicted, observed), plain(observed, predicted)
    assert (there["r2"], there["r2_swapped"]) == pytest.approx((back["r2_swapped"], back["r2"]))


def test_a_shrunken_prediction_that_is_calibrated_has_the_exchanged_r2_of_two_less_the_inverse_of_rho_squared():
    rng = np.random.default_rng(1)
    predicted = rng.normal(0, 0.9, 200_000)
    observed = predicted + rng.normal(0, 0.4, 200_000)
    found = plain(predicted, observed)
    rho2 = found["pearson"] ** 2
    assert found["r2"] == pytest.approx(rho2, abs=2e-3)
    assert found["r2_swapped"] == pytest.approx(2 - 1 / rho2, abs=4e-3)


@pytest.mark.parametrize("level", [0.0, 0.1, 1e6 + 0.1])
def test_a_constant_prediction_explains_nothing(case, level):
    _, observed, block = case
    found = plain(np.full(300, level), observed, block)
    assert found["pearson"] == found["spearman"] == 0
    assert found["r2"] <= 0
    assert np.isnan(found["r2_swapped"])
    assert plain(np.full(300, observed.mean()), observed)["r2"] == pytest.approx(0, abs=1e-12)


def test_nothing_can_be_said_of_a_constant_truth(case):
    predicted, _, block = case
    found = plain(predicted, np.full(300, 0.3), block)
    assert np.isnan([found["pearson"], found["spearman"], found["r2"]]).all()
    assert np.isfinite(found["mse"])


def test_a_draw_that_takes_blocks_twice_or_not_at_all_is_the_data_with_their_places_doubled_or_left_out(case):
    predicted, observed, block = case
    weight = np.array([[1.0] * BLOCKS, [2, 0, 1, 3, 0, 1]])
    times = weight[1].astype(int)[block]
    found = plain(np.repeat(predicted, times), np.repeat(observed, times))
    sums = moments(predicted, observed, block, weight)
    for name in ("r2", "r2_swapped", "pearson", "mse"):
        assert getattr(sums, f"{name}_D")[1] == pytest.approx(found[name])
    assert spearman(predicted, observed, block, weight)[1] == pytest.approx(found["spearman"])


def test_a_draw_without_places_knows_nothing(case):
    predicted, observed, _ = case
    block, weight = np.zeros(300, int), np.array([[1.0, 1.0], [0.0, 2.0]])
    sums = moments(predicted, observed, block, weight)
    for draws in (sums.r2_D, sums.pearson_D, sums.mse_D, spearman(predicted, observed, block, weight)):
        assert np.isfinite(draws[0])
        assert np.isnan(draws[1])


def test_far_from_zero_no_digits_are_lost(case):
    predicted, observed, block = case
    near, far = plain(predicted, observed, block), plain(predicted + 1e6, observed + 1e6, block)
    assert far == pytest.approx(near, rel=1e-6)


def test_many_draws_are_the_same_in_pieces(case, monkeypatch):
    weight = np.random.default_rng(2).multinomial(BLOCKS, np.full(BLOCKS, 1 / BLOCKS), size=7).astype(float)
    whole = spearman(*case, weight)
    monkeypatch.setattr("chiasma.evaluation.agreement.CHUNK", 650)
    assert spearman(*case, weight) == pytest.approx(whole)


def test_correlation_and_explained_share_leave_out_what_was_not_measured(case):
    predicted, observed, _ = case
    known = np.arange(300) % 7 > 0
    wanted = plain(predicted[known], observed[known])
    windows = np.where(known, observed, np.nan).reshape(30, 10)
    found = pearson_and_r2(predicted.reshape(30, 10), windows)
    assert found == (wanted["pearson"], wanted["r2"])
