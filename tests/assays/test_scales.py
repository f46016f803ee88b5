"""Scales by hand."""

import numpy as np

from chiasma.assays.scales import fill_missing, log2_oe, log2_signal


def test_a_pixel_without_a_value_takes_the_neutral_one_nan_or_not():
    contacts = np.array([[[1.0, np.nan], [3.0, 4.0]]])
    valid = np.array([[[True, False], [True, False]]])
    filled = fill_missing(contacts, np.full((1, 2, 2), 9.0, np.float32), valid)
    np.testing.assert_array_equal(filled, [[[1, 9], [3, 9]]])
    np.testing.assert_array_equal(fill_missing(contacts, 0.0, valid), [[[1, 0], [3, 0]]])
    assert filled.dtype == np.float32


def test_observed_over_expected_by_hand():
    observed, expected = np.array([7.0, 3.0, 0.0, 1000.0]), np.array([1.0, 3.0, 1000.0, 0.0])
    np.testing.assert_allclose(log2_oe(observed, expected, 1.0, 4.0), [2, 0, -4, 4])  # log2 of 8 / 2, 4 / 4


def test_signal_by_hand():
    np.testing.assert_allclose(log2_signal(np.array([0.0, 3.0, 7.0, -1.0])), [0, 2, 3, 0])
