"""Expected contacts and decay against loops over pairs."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from chiasma.assays import contacts as module
from chiasma.assays.contacts import (
    band_sums,
    decay_slope,
    decay_table,
    expected_by_distance,
    observed_over_expected,
    pairs_by_distance,
    smooth_decay,
)


def pairs_at(band, valid, distance):
    return [float(band[i, distance]) for i in range(len(valid) - distance) if valid[i] and valid[i + distance]]


@settings(max_examples=30, deadline=None)
@given(
    arrays.arrays(np.float32, (23, 7), elements=st.floats(0, 100, width=32)),
    arrays.arrays(bool, 23),
)
def test_sums_and_pairs_are_those_of_valid_pairs(band, valid):
    sums, pairs = band_sums(band, valid)
    for distance in range(7):
        values = pairs_at(band, valid, distance)
        assert pairs[distance] == len(values)
        assert sums[distance] == pytest.approx(sum(values), rel=1e-6)
    assert pairs_by_distance(valid)[:7].tolist() == pairs.tolist()


def test_rows_in_pieces_give_the_same(monkeypatch):
    rng = np.random.default_rng(0)
    band, valid = rng.poisson(3, (50, 60)).astype(np.float16), rng.random(50) < 0.8
    whole = band_sums(band, valid)
    monkeypatch.setattr(module, "ROWS", 7)
    for a, b in zip(whole, band_sums(band, valid), strict=True):
        np.testing.assert_array_equal(a, b)


def test_masked_bins_do_not_count_even_when_nan():
    band = np.full((40, 5), 30.0)
    valid = np.ones(40, bool)
    valid[[3, 17]] = False
    band[3], band[17] = np.nan, np.nan
    band[np.arange(5)[::-1] + 13, np.arange(5)] = np.nan  # the pairs of bin 17 with those before it
    np.testing.assert_allclose(expected_by_distance(band, valid), 30.0)


def test_a_distance_with_many_contacts_keeps_its_own_mean():
    sums, pairs = np.array([900.0, 5000.0, 800.0]), np.array([90, 100, 80])
    np.testing.assert_allclose(smooth_decay(sums, pairs), [10, 50, 10])


def test_few_contacts_borrow_from_neighbours_and_approach_the_true_decay():
    distance = np.arange(400)
    truth = 2.0 / (1 + distance)
    pairs = np.full(400, 300)
    sums = np.random.default_rng(0).poisson(truth * pairs).astype(float)
    raw_error = np.abs(np.log((sums[100:] + 1e-9) / pairs[100:] / truth[100:])).mean()
    smooth_error = np.abs(np.log(smooth_decay(sums, pairs)[100:] / truth[100:])).mean()
    assert smooth_error < raw_error / 3


def test_expected_is_positive_beyond_the_last_contact_and_zero_on_an_empty_map():
    sums = np.array([5000.0, 2000.0, 0, 0, 0, 0, 0, 0])
    assert (smooth_decay(sums, np.full(8, 10)) > 0).all()
    assert smooth_decay(sums, np.array([10, 10, 10, 0, 0, 0, 0, 0]))[-1] > 0
    assert not smooth_decay(np.zeros(8), np.full(8, 10)).any()


def test_observed_over_expected_has_mean_one_at_each_distance():
    rng = np.random.default_rng(0)
    band = rng.poisson(200 / (1 + np.arange(6)), (500, 6)).astype(np.float32)
    for i in range(500):
        band[i, max(0, 500 - i) :] = 0
    ratio = observed_over_expected(band, expected_by_distance(band, np.ones(500, bool)))
    sums, pairs = band_sums(ratio, np.ones(500, bool))
    np.testing.assert_allclose(sums / pairs, 1, rtol=1e-5)
    assert not observed_over_expected(band, np.zeros(6)).any()


def test_decay_table_keeps_all_contacts_and_pairs_and_short_distances_apart():
    rng = np.random.default_rng(0)
    pairs = np.arange(500, 0, -1)
    sums = rng.random(500) * pairs
    distance, contacts, number = decay_table(sums, pairs)
    assert number.sum() == pairs.sum()
    assert (contacts * number).sum() == pytest.approx(sums.sum())
    assert distance[:6].tolist() == [0, 1, 2, 3, 4, 5]
    assert (np.diff(distance) > 0).all()
    assert len(distance) < 70


def test_slope_of_a_power_law_is_its_exponent():
    distance = np.arange(1000)
    pairs = np.arange(1000, 0, -1) * 1000
    assert decay_slope(pairs * np.maximum(distance, 1) ** -1.2, pairs) == pytest.approx(-1.2, abs=0.03)
    assert np.isnan(decay_slope(np.ones(5), np.ones(5, int)))
