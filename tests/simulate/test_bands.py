from __future__ import annotations

import numpy as np
from scipy.ndimage import gaussian_filter

from chiasma.simulate import bands


def banded(matrix, width):
    n_bins = len(matrix)
    band = np.zeros((n_bins, width), matrix.dtype)
    for i in range(n_bins):
        band[i, : min(width, n_bins - i)] = matrix[i, i : i + width]
    return band


def test_order_by_second_bin_and_back():
    matrix = np.arange(64.0).reshape(8, 8)
    band = banded(matrix, 4)
    second = bands.by_second(band)
    assert second[5, 2] == matrix[3, 5]
    assert second[1, 3] == 0  # its first bin would be -2
    np.testing.assert_array_equal(bands.by_first(second), band)


def test_smoothing_a_dot_equals_smoothing_the_matrix():
    matrix = np.zeros((60, 60))
    matrix[20, 40] = 1
    smoothed = bands.smooth(banded(matrix, 50), 1.5)
    np.testing.assert_allclose(smoothed, banded(gaussian_filter(matrix, 1.5, truncate=10 / 3), 50), atol=1e-9)


def test_a_whole_matrix_becomes_a_band_as_wide_as_it():
    matrix = np.arange(36.0).reshape(6, 6)
    np.testing.assert_array_equal(bands.from_matrix(matrix), banded(matrix, 6))


def test_partner_is_the_second_bins_value():
    values = np.array([1.0, 2, 3])
    np.testing.assert_array_equal(bands.partner(values, 3), [[1, 2, 3], [2, 3, 0], [3, 0, 0]])


def test_clears_only_beyond_the_end():
    band = np.ones((4, 3))
    bands.clear_beyond_end(band)
    np.testing.assert_array_equal(band, [[1, 1, 1], [1, 1, 1], [1, 1, 0], [1, 0, 0]])


def test_windows_are_cut_from_the_matrix_and_nan_outside_the_band():
    matrix = np.arange(400.0).reshape(20, 20)
    window = bands.windows(banded(matrix, 12), np.array([8, 0]), np.array([12, 11]), 1)
    np.testing.assert_array_equal(window[0], matrix[7:10, 11:14])
    assert np.isnan(window[1][0]).all()  # row -1
    assert np.isnan(window[1][1, 2])  # distance 12
    assert window[1][2, 0] == matrix[1, 10]
