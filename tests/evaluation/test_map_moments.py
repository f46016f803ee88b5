"""Sums: what they give against scipy and by hand, and that weights are repetition."""

import numpy as np
import pytest
from scipy import stats

from chiasma.evaluation import map_moments
from chiasma.evaluation.map_moments import band_moments, block_moments, draw_sums, pearson

BLOCKS = np.repeat([0, 1, 2], 20)


@pytest.fixture
def pair():
    rng = np.random.default_rng(3)
    truth = rng.normal(size=60)
    return truth, 0.6 * truth + rng.normal(size=60) + 1


def test_sums_give_what_scipy_gives(pair):
    sums = block_moments(*pair, BLOCKS, 3).sum(axis=0)
    assert pearson(sums) == pytest.approx(stats.pearsonr(*pair).statistic)
    assert map_moments.mean_squared_error(sums) == pytest.approx(np.mean((pair[0] - pair[1]) ** 2))


def test_doubling_the_weight_of_a_block_is_repeating_its_pixels(pair):
    weights = np.array([[1.0, 1, 1], [1, 2, 0]])
    drawn = draw_sums(weights, block_moments(*pair, BLOCKS, 3))
    again = np.concatenate([np.arange(20), np.arange(20, 40), np.arange(20, 40)])
    repeated = block_moments(pair[0][again], pair[1][again], BLOCKS[again], 3).sum(axis=0)
    for metric in (pearson, map_moments.r2, map_moments.r2_swapped, map_moments.mean_squared_error):
        assert metric(drawn)[1] == pytest.approx(metric(repeated))
        assert metric(drawn)[0] != pytest.approx(metric(repeated))


def test_r2_by_hand_and_exchanged():
    # truth 0 2 4 varies by 8 around 2; prediction 1 2 3 varies by 2; both differ by 1 twice
    sums = block_moments([0, 2, 4], [1, 2, 3], np.zeros(3, int), 1)[0]
    assert map_moments.r2(sums) == pytest.approx(1 - 2 / 8)
    assert map_moments.r2_swapped(sums) == pytest.approx(1 - 2 / 2)
    exchanged = block_moments([1, 2, 3], [0, 2, 4], np.zeros(3, int), 1)[0]
    assert map_moments.r2(exchanged) == map_moments.r2_swapped(sums)


def test_a_flat_prediction_has_no_correlation_and_a_flat_truth_an_unknown_one():
    flat, rising, blocks = np.full(50, 7.3), np.arange(50.0), np.zeros(50, int)
    assert pearson(block_moments(rising, flat, blocks, 1)[0]) == 0
    assert np.isnan(pearson(block_moments(flat, rising, blocks, 1)[0]))
    assert np.isnan(map_moments.r2(block_moments(flat, rising, blocks, 1)[0]))
    assert np.isnan(map_moments.r2_swapped(block_moments(rising, flat, blocks, 1)[0]))
    assert np.isnan(pearson(np.zeros(6)))


def test_a_band_has_the_sums_of_its_pixels():
    rng = np.random.default_rng(4)
    counted = rng.random((60, 5)) > 0.3
    truth, predicted = (np.where(counted, rng.normal(size=(60, 5)), 0) for _ in range(2))
    found = band_moments(truth, predicted, counted, BLOCKS[::-1].copy(), 4)
    assert found.shape == (4, 5, 6)
    assert (found[3] == 0).all()
    for distance in range(5):
        own = counted[:, distance]
        expected = block_moments(truth[own, distance], predicted[own, distance], BLOCKS[::-1][own], 4)
        assert found[:, distance] == pytest.approx(expected)


@pytest.mark.parametrize("bins", [30, 31])
def test_shifted_sums_are_those_of_rolled_rows(bins):
    rng = np.random.default_rng(5)
    counted = rng.random((bins, 20)) > 0.3
    truth, predicted = (np.where(counted, rng.normal(size=(bins, 20)), 0) for _ in range(2))
    found = map_moments.shifted_moments(truth, predicted, counted, np.array([0, 7, bins]))
    for place, shift in enumerate((0, 7, 0)):
        moved, both = np.roll(truth, shift, axis=0), np.roll(counted, shift, axis=0) & counted
        columns = (both, moved, predicted, moved**2, predicted**2, moved * predicted)
        expected = np.stack([np.where(both, column, 0).sum(axis=0) for column in columns], axis=-1)
        assert found[place] == pytest.approx(expected)


def test_ranks_of_ties_are_their_mean():
    values = np.array([3.0, 1, 3, 3, 0, 1])
    assert map_moments.mid_ranks(values) == pytest.approx((stats.rankdata(values) - 3.5) / 6)


def test_the_variance_of_ranks_is_that_of_scipys_ranks():
    rng = np.random.default_rng(6)
    columns = [rng.normal(size=40), rng.poisson(1, 40), np.full(40, 2.0)]
    expected = [np.var(stats.rankdata(column) / 40, ddof=1) for column in columns]
    assert map_moments.rank_variance(columns) == pytest.approx(expected)
    assert map_moments.rank_variance([np.array([1.0])]) == 0


def test_a_weighted_mean_leaves_out_what_is_unknown():
    values = np.array([[1.0, np.nan, 4.0]])
    assert map_moments.weighted_mean(values, np.array([[1.0, 5, 2], [0, 5, 0]]))[0] == pytest.approx(3)
    assert np.isnan(map_moments.weighted_mean(values, np.array([[1.0, 5, 2], [0, 5, 0]]))[1])
