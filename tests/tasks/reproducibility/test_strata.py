import numpy as np
import pytest
from scipy.stats import pearsonr

from chiasma.tasks.reproducibility.strata import oe_correlation, smoothed, strata, stratum_adjusted_correlation

BINS = 24


def symmetric(seed, mean=6.0):
    upper = np.triu(np.random.default_rng(seed).poisson(mean, (BINS, BINS)))
    return (upper + np.triu(upper, 1).T).astype(float)


def everywhere():
    return np.ones((BINS, BINS), bool)


def test_scc_by_hand():
    """Correlations of each diagonal by SciPy, pixels that are 0 in both left out, weighted with n (1 + 1 / n) / 12."""
    first, second = symmetric(1, 1.0), symmetric(1, 1.0) + symmetric(2, 0.5)
    values, weights = [], []
    for distance in range(1, BINS):
        x, y = np.diag(first / first.sum(), distance), np.diag(second / second.sum(), distance)
        known = (x > 0) | (y > 0)
        n = int(known.sum())
        if n >= 3 and np.ptp(x[known]) > 0 and np.ptp(y[known]) > 0:
            values.append(pearsonr(x[known], y[known]).statistic)
            weights.append(n * (1 + 1 / n) / 12)
    expected = np.average(values, weights=weights)
    found = stratum_adjusted_correlation((first, second), everywhere(), 0, 0)
    assert found == pytest.approx(expected, abs=1e-9) and 0.3 < found < 1


@pytest.mark.parametrize("smooth", [0, 2])
def test_a_map_is_most_like_itself_at_any_depth_and_unlike_noise(smooth):
    first, other, valid = symmetric(3), symmetric(4), everywhere()
    assert stratum_adjusted_correlation((first, 7 * first), valid, smooth, 0) == pytest.approx(1, abs=1e-9)
    assert abs(stratum_adjusted_correlation((first, other), valid, smooth, 0)) < 0.35
    there, back = (stratum_adjusted_correlation(pair, valid, smooth, 0) for pair in ((first, other), (other, first)))
    assert there == pytest.approx(back, abs=1e-12)


def test_masked_pixels_and_far_ones_count_nowhere():
    first, second = symmetric(3), symmetric(4)
    valid = everywhere()
    valid[5, :] = valid[:, 5] = False
    loud = [each.copy() for each in (first, second)]
    for each in loud:
        each[5, :] = each[:, 5] = 1e4
    for smooth in (0, 2):
        found, quiet = (stratum_adjusted_correlation(tuple(pair), valid, smooth, 0) for pair in (loud, (first, second)))
        assert found == pytest.approx(quiet, abs=1e-9)
    far = [np.where(np.abs(np.subtract.outer(range(BINS), range(BINS))) > 6, 0, each) for each in (first, second)]
    near = stratum_adjusted_correlation((first, second), everywhere(), 0, 6)
    assert near == pytest.approx(stratum_adjusted_correlation(tuple(far), everywhere(), 0, 6), abs=1e-9)


def test_a_flat_or_empty_map_is_like_nothing():
    flat, valid = np.ones((BINS, BINS)), everywhere()
    for pair in ((flat, symmetric(1)), (symmetric(1), flat), (0 * flat, 0 * flat)):
        assert np.isnan(stratum_adjusted_correlation(pair, valid, 0, 0))
        assert np.isnan(oe_correlation((pair[0], flat), (pair[1], flat), valid, (0, 1.0)))


def test_observed_over_expected_is_correlated_off_the_diagonal():
    first, second, expected = symmetric(1), symmetric(1) + symmetric(2), np.full((BINS, BINS), 6.0)
    at = np.triu_indices(BINS, 1)
    x, y = (np.log((own[at] + 1) / 7) for own in (first, second))
    found = oe_correlation((first, expected), (second, expected), everywhere(), (0, 1.0))
    assert found == pytest.approx(pearsonr(x, y).statistic, abs=1e-9)
    np.fill_diagonal(first, 1e5)
    assert found == pytest.approx(oe_correlation((first, expected), (second, expected), everywhere(), (0, 1.0)))


def test_smoothing_is_the_mean_of_valid_neighbours_inside_the_window():
    values, valid = np.arange(16.0).reshape(4, 4), np.ones((4, 4), bool)
    assert smoothed(values, valid, 1)[0, 0] == pytest.approx(np.mean([0, 1, 4, 5]))
    assert smoothed(values, valid, 1)[2, 1] == pytest.approx(values[1:4, 0:3].mean())
    valid[0, 1] = False
    assert smoothed(values, valid, 1)[0, 0] == pytest.approx(np.mean([0, 4, 5]))
    assert smoothed(np.full((4, 4), 3.0), valid, 2) == pytest.approx(3.0)


def test_strata_are_the_diagonals():
    values = np.arange(16.0).reshape(4, 4)
    assert strata(values, 0).T.tolist() == [[1, 6, 11, 0], [2, 7, 0, 0], [3, 0, 0, 0]]
    assert strata(values, 2).shape == (4, 2)
