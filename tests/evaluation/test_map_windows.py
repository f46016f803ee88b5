"""Windows on the diagonal: which pixels they hold, and their correlations."""

import numpy as np
import pytest
from scipy import stats

from chiasma.evaluation.map_windows import Windows, profile_correlations, window_correlations


@pytest.fixture
def maps():
    rng = np.random.default_rng(1)
    counted = np.arange(50)[:, None] + np.arange(12) < 50
    return *(np.where(counted, rng.poisson(4, counted.shape), 0).astype(float) for _ in range(2)), counted


@pytest.mark.parametrize("width", [10, 20])  # narrower and wider than the band
def test_a_window_holds_the_pairs_of_its_bins_that_the_band_reaches(maps, width):
    truth, predicted, counted = maps
    found = window_correlations(*maps, np.arange(50), width)
    assert found.block_W.tolist() == list(range(0, 50 - width + 1, width // 2))
    for place, start in enumerate(found.block_W):
        pairs = [(i, d) for i in range(start, start + width) for d in range(12) if i + d < start + width]
        own = tuple(np.array([band[pair] for pair in pairs]) for band in (truth, predicted))
        assert found.pearson_W[place] == pytest.approx(stats.pearsonr(*own).statistic)
        assert found.spearman_W[place] == pytest.approx(stats.spearmanr(*own).statistic)


def test_a_window_with_few_counted_pixels_is_left_out(maps):
    truth, predicted, counted = maps
    counted = counted.copy()
    counted[:7] = False
    found = window_correlations(truth * counted, predicted * counted, counted, np.arange(50), 10)
    assert found.block_W.tolist() == list(range(5, 41, 5))


def test_a_piece_shorter_than_a_window_has_none(maps):
    found = window_correlations(*maps, np.arange(50), 51)
    assert len(found.block_W) == len(found.pearson_W) == 0
    assert len(Windows.joined([found, found]).spearman_W) == 0


def test_profiles_are_compared_without_their_sign_where_both_are_known():
    truth = np.array([[1.0, 2, 3, np.nan], [1, 2, 3, 4], [1, 1, 1, 1]])
    predicted = np.array([[-2.0, -4, -6, 1], [0, 0, 0, 0], [1, 2, 3, 4]])
    assert profile_correlations(truth, predicted) == pytest.approx([1, 0, np.nan], nan_ok=True)
