"""Scattered pixels behave as the map they are of."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import convolve, maximum_filter

from chiasma.tasks.loops import grid

SIZE = 24


def whole_map(seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return a random square map, and bin1 and bin2 of all its pixels."""
    bin1, bin2 = (index.ravel() for index in np.indices((SIZE, SIZE)))
    return np.random.default_rng(seed).random((SIZE, SIZE)), bin1, bin2


def test_a_neighbour_is_found_and_a_missing_one_is_not():
    bin1, bin2 = np.array([3, 3, 4]), np.array([7, 9, 8])
    assert grid.neighbours(bin1, bin2, (1, 1)).tolist() == [2, -1, -1]
    assert grid.neighbours(bin1, bin2, (0, 2)).tolist() == [1, -1, -1]
    assert grid.neighbours(bin1, bin2, (0, 0)).tolist() == [0, 1, 2]


def test_smoothing_is_a_convolution_with_zeros_outside():
    values, bin1, bin2 = whole_map()
    kernel = np.outer([1, 2, 1], [1, 2, 1]) / 16
    smoothed = grid.smooth_scores(bin1, bin2, values.ravel(), 1)
    assert np.allclose(smoothed.reshape(SIZE, SIZE), convolve(values, kernel, mode="constant"))


def test_smoothing_by_nothing_changes_nothing():
    values, bin1, bin2 = whole_map()
    assert np.array_equal(grid.smooth_scores(bin1, bin2, values.ravel(), 0), values.ravel())


def test_peaks_are_the_maxima_of_their_squares():
    values, bin1, bin2 = whole_map()
    for radius in (0, 1, 3):
        peak = grid.climb(bin1, bin2, values.ravel(), radius)
        largest = maximum_filter(values, 2 * radius + 1, mode="constant")
        assert np.array_equal((peak == np.arange(SIZE**2)).reshape(SIZE, SIZE), values == largest)


def test_each_pixel_climbs_to_a_peak_at_least_as_high():
    values, bin1, bin2 = whole_map()
    peak = grid.climb(bin1, bin2, values.ravel(), 2)
    assert np.array_equal(peak[peak], peak)
    assert (values.ravel()[peak] >= values.ravel()).all()


def test_no_pixels_are_no_trouble():
    none = np.zeros(0, np.int64)
    assert len(grid.climb(none, none, np.zeros(0), 3)) == 0
    assert len(grid.smooth_scores(none, none, np.zeros(0), 1)) == 0
