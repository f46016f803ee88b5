"""Features of contacts: their sums by hand, and that each is blind to masked bins."""

import dataclasses

import numpy as np
import pytest
from planted_tracks import BINS, chromosome_arrays, write

from chiasma.core.errors import ConfigError
from chiasma.tasks.epigenome.config import Ridge
from chiasma.tasks.epigenome.features import across, before, behind, bin_features, features, known_share, octaves
from chiasma.tiles.arrays import band_of

NUMBERS = Ridge(reach_bins=1, far_bins=20, widths_bins=(3, 8))
SIZE = 1 + 2 * len(octaves(20)) + 2 * 2 + 1


@pytest.fixture
def dense():
    rng = np.random.default_rng(0)
    upper = np.triu(rng.integers(0, 9, (12, 12)).astype(float))
    return upper + np.triu(upper, 1).T


def test_distances_double_up_to_the_farthest():
    assert octaves(10) == [(1, 2), (2, 4), (4, 8), (8, 11)]
    assert octaves(8) == [(1, 2), (2, 4), (4, 8), (8, 9)]
    assert octaves(1) == [(1, 2)]


def test_sums_before_behind_and_across_are_those_of_the_dense_map(dense):
    band = band_of(dense, 10)
    for i in range(12):
        near, far = range(max(i - 4, 0), i - 1), range(i + 2, min(i + 5, 12))
        assert before(band, (2, 5))[i] == sum(dense[j, i] for j in near)
        assert behind(band, (2, 5))[i] == sum(dense[i, j] for j in far)
        square = dense[max(i - 3, 0) : i, i + 1 : i + 4].sum()
        assert across(band, 3)[i] == square


def test_the_share_of_known_bins_counts_those_inside_alone():
    valid = np.array([True, False, True, True, True])
    np.testing.assert_allclose(known_share(valid, 1), [1 / 2, 2 / 3, 2 / 3, 1, 1])


def test_the_bins_around_stand_beside_a_bins_own(arrays):
    own, found = bin_features(arrays, ("a", "chr1"), NUMBERS), features(arrays, ("a", "chr1"), NUMBERS)
    assert own.shape == (BINS, SIZE) and found.shape == (BINS, 3 * SIZE)
    np.testing.assert_array_equal(found[7], own[6:9].ravel())
    np.testing.assert_array_equal(found[0], own[[0, 0, 1]].ravel())
    assert np.isfinite(found).all()


def test_a_map_that_is_its_decay_departs_from_nothing_and_a_masked_bin_changes_no_ratio(tmp_path):
    made = chromosome_arrays()
    decay = np.tile(64.0 - np.arange(56), (BINS, 1))
    inside = np.arange(BINS)[:, None] + np.arange(56) < BINS
    made["a", "chr1"]["contacts"] = decay * inside
    found = bin_features(write(tmp_path, made), ("a", "chr1"), NUMBERS)
    np.testing.assert_allclose(found[:, :-1], 0, atol=0.01)
    assert found[38, -1] < 1 == found[60, -1], "bins 30 and 31 are masked"


def test_directionality_points_to_the_side_with_more_contacts(tmp_path):
    made = chromosome_arrays()
    contacts = np.full((BINS, 56), 50.0)
    contacts[100, 1:9] = 200.0
    made["a", "chr1"]["contacts"] = contacts
    found = bin_features(write(tmp_path, made), ("a", "chr1"), NUMBERS)
    directionality = found[:, -3:-1]
    assert (directionality[100] > 0.5).all() and (directionality[101:104] < 0).all()


def test_contacts_farther_than_stored_are_refused(arrays):
    with pytest.raises(ConfigError, match=r"reach 60 bins, but the tileset stores contacts up to 55"):
        bin_features(arrays, ("a", "chr1"), dataclasses.replace(NUMBERS, widths_bins=(30,)))
