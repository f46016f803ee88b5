"""Local enrichment against brute force, the Poisson tail, and Benjamini and Hochberg's rule."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy import stats

from chiasma.assays.enrichment import (
    background_ratios,
    cut_band,
    donut_masks,
    is_peak,
    is_significant,
    poisson_surprise,
    square_sums,
    window_grid,
)


@pytest.fixture
def maps():
    """A band of 9 distances of 30 bins, and the dense symmetric map that it is the band of."""
    band = np.random.default_rng(2).integers(1, 50, (30, 9)).astype(np.float32)
    dense = np.zeros((30, 30))
    for first, distance in np.argwhere(np.arange(30)[:, None] + np.arange(9) < 30):
        dense[first, first + distance] = dense[first + distance, first] = band[first, distance]
    band[np.arange(30)[:, None] + np.arange(9) >= 30] = 0
    return band, dense


def test_a_window_is_that_of_the_dense_map(maps):
    band, dense = maps
    bin1, bin2 = np.array([5, 12, 3]), np.array([10, 13, 3])
    windows = cut_band(band, *window_grid(bin1, bin2, 3))
    for window, first, second in zip(windows, bin1, bin2, strict=True):
        assert np.array_equal(window, dense[first - 3 : first + 4, second - 3 : second + 4])


def test_windows_over_the_edge_are_zero_there(maps):
    corner = cut_band(maps[0], *window_grid(np.array([1]), np.array([29]), 2))[0]
    assert (corner[0] == 0).all()
    assert (corner[:, 3:] == 0).all()


def test_squares_are_those_of_the_dense_map(maps):
    band, dense = maps
    sums = square_sums(band, 2)
    padded = np.pad(dense, 2)
    for first, distance in ((0, 0), (4, 1), (10, 5), (20, 8), (25, 4)):
        second = first + distance
        assert sums[first, distance] == pytest.approx(padded[first : first + 5, second : second + 5].sum())


def test_the_backgrounds_of_a_small_donut():
    donut, horizontal, vertical, lower_left = donut_masks(1, 2)
    assert donut.astype(int).tolist() == [[1, 1, 0, 1, 1], [1, 0, 0, 0, 1], [0] * 5, [1, 0, 0, 0, 1], [1, 1, 0, 1, 1]]
    assert horizontal.astype(int).tolist() == [[0] * 5, *[[1, 0, 0, 0, 1]] * 3, [0] * 5]
    assert np.array_equal(vertical, horizontal.T)
    assert lower_left.astype(int).tolist() == [[0] * 5, [0] * 5, [0] * 5, [1, 0, 0, 0, 0], [1, 1, 0, 0, 0]]


def test_the_ratio_of_a_background_is_that_of_its_sums():
    rng = np.random.default_rng(1)
    observed, expected = (rng.integers(1, 9, (4, 5, 5)).astype(np.float32) for _ in range(2))
    masks = donut_masks(1, 2)
    ratios = background_ratios(observed, expected, masks)
    for pixel in range(4):
        for place, mask in enumerate(masks):
            assert ratios[pixel, place] == pytest.approx(observed[pixel][mask].sum() / expected[pixel][mask].sum())
    expected[1] = 0
    assert (background_ratios(observed, expected, masks)[1] == 1).all()


def test_surprise_is_the_poisson_tail_and_goes_on_beyond_double_precision():
    observed, expected = np.array([0.0, 1, 5, 40]), np.array([2.0, 2, 2, 10])
    tail = stats.poisson.sf(observed - 1, expected)
    assert poisson_surprise(observed, expected) == pytest.approx(-np.log10(tail), abs=1e-9)
    far = poisson_surprise(np.array([200.0, 400, 800]), np.array([1.0, 1, 1]))
    assert np.isfinite(far).all()
    assert (np.diff(far) > 100).all()


@settings(max_examples=60, deadline=None)
@given(arrays.arrays(float, st.integers(0, 30), elements=st.floats(1e-8, 1)), st.integers(0, 200))
def test_what_is_significant_is_what_benjamini_and_hochberg_reject(p, further):
    whole = np.concatenate([p, np.ones(further)])
    wanted = stats.false_discovery_control(whole)[: len(p)] if len(whole) else np.zeros(0)
    clear = np.abs(wanted - 0.1) > 1e-9  # apart from rounding at the limit
    found = is_significant(-np.log10(p), len(whole), 0.1)
    assert np.array_equal(found[clear], (wanted <= 0.1)[clear])


@settings(max_examples=60, deadline=None)
@given(st.data(), st.integers(0, 3))
def test_a_peak_is_the_best_within_reach_and_of_equals_the_first(data, radius):
    places = data.draw(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), unique=True, max_size=25))
    score = np.array(data.draw(st.lists(st.integers(0, 5), min_size=len(places), max_size=len(places))), float)
    bin1, bin2 = np.reshape(places, (-1, 2)).astype(np.int64).T
    near = (np.abs(bin1[:, None] - bin1) <= radius) & (np.abs(bin2[:, None] - bin2) <= radius)
    at = np.arange(len(score))
    beaten = near & ((score > score[:, None]) | ((score == score[:, None]) & (at < at[:, None])))
    assert is_peak(bin1, bin2, score, radius).tolist() == (~beaten.any(axis=1)).tolist()
