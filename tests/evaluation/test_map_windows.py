"""Windows on the diagonal: which pixels they hold, and their correlations."""

import numpy as np
import pytest
from scipy import stats

from chiasma.evaluation.map_windows import (
    Windows,
    known_windows,
    square,
    window_correlations,
    window_starts,
)
from chiasma.tiles.arrays import band_of


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


@pytest.mark.parametrize(
    ("bins", "width", "starts"), [(10, 4, [0, 2, 4, 6]), (9, 4, [0, 2, 4]), (4, 4, [0]), (3, 4, []), (3, 1, [0, 1, 2])]
)
def test_windows_lie_wholly_in_a_piece_every_half_width(bins, width, starts):
    assert window_starts(bins, width).tolist() == starts


def test_half_of_its_pairs_make_a_window_known():
    counted = np.zeros((4, 3), bool)
    counted[0, :3] = counted[1, 0] = True  # 4 of the 9 pairs of 4 bins that 3 distances reach
    assert known_windows(counted, 4).tolist() == []
    counted[3, 0] = True
    assert known_windows(counted, 4).tolist() == [0]
    counted[3, 2] = True  # leads out of the window
    counted[0, 0] = False
    assert known_windows(counted, 4).tolist() == []


@pytest.mark.parametrize(("start", "width"), [(0, 5), (7, 12), (12, 8)])
def test_a_square_is_the_dense_map_as_far_as_the_band_reaches(start, width):
    dense = np.arange(400.0).reshape(20, 20)
    dense += dense.T
    near = np.abs(np.subtract.outer(np.arange(width), np.arange(width))) < 6
    own = slice(start, start + width)
    np.testing.assert_array_equal(square(band_of(dense, 6), start, width), np.where(near, dense[own, own], 0))
