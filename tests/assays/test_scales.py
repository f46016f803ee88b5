"""Scales by hand."""

import numpy as np

from chiasma.assays.scales import contacts_of_ratio, fill_missing, log2_oe, log2_signal


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


def test_contacts_of_a_ratio_are_those_it_was_made_of_and_never_negative():
    contacts_ID, expected_D = np.array([[7.0, 0.0], [0.5, 3.0]]), np.array([2.0, 1.0, 1.0])
    r_ID = np.log((contacts_ID + 1) / (expected_D[:2] + 1))
    np.testing.assert_allclose(contacts_of_ratio(r_ID, expected_D), contacts_ID, rtol=1e-6, atol=1e-6)
    found_ID = contacts_of_ratio(np.array([[-9.0, np.nan]]), expected_D)
    assert found_ID[0, 0] == 0 and np.isnan(found_ID[0, 1])
