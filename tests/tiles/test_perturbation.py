"""What is weakened, what is left, and where; a missing modality leaves nothing of itself."""

from __future__ import annotations

import numpy as np
import pytest

from chiasma.tiles.perturbation import attenuate, without

BINS, PER_BIN = 8, 3


@pytest.fixture
def examples():
    window = np.ones((2, BINS, BINS), np.float32)
    tracks = np.ones((2, 2 * BINS * PER_BIN, 2), np.float32)
    return {
        "contacts": window,
        "expected": window,
        "valid": window > 0,
        "tracks": tracks,
        "distance_bins": np.array([3, 5]),
    }


def by_bin(examples) -> np.ndarray:
    """The mean track of each contact bin of both windows, (B, A, N)."""
    return examples["tracks"].reshape(2, 2, BINS, PER_BIN, 2).mean(axis=(3, 4))


def test_both_bins_are_scaled_in_each_window_that_shows_them_and_their_neighbours_within_reach(examples):
    near, far = by_bin(attenuate(examples, 0.75, reach_bins=0))
    np.testing.assert_allclose(near[0], [1, 1, 1, 1, 0.25, 1, 1, 0.25], err_msg="the second bin, 3 on from the middle")
    np.testing.assert_allclose(near[1], [1, 0.25, 1, 1, 0.25, 1, 1, 1], err_msg="the first bin, 3 back")
    np.testing.assert_allclose(far, np.tile([1, 1, 1, 1, 0.25, 1, 1, 1], (2, 1)), err_msg="5 apart, neither shows both")
    far = by_bin(attenuate(examples, 0.75, reach_bins=1))[1]
    np.testing.assert_allclose(far[1], [0.25, 1, 1, 0.25, 0.25, 0.25, 1, 1], err_msg="the edge of the first's reach")


def test_every_copy_of_a_base_is_changed_alike(examples):
    """What two overlapping windows show of one place must stay the same, or a model reads the difference."""
    distance = 3
    for shift in (0, 1):
        near = by_bin(attenuate(examples, 1.0, reach_bins=1, shift_bins=shift))[0]
        np.testing.assert_array_equal(near[0, distance:], near[1, : BINS - distance])


def test_the_control_changes_as_many_bins_outwards_and_leaves_the_pair(examples):
    near, far = by_bin(attenuate(examples, 1.0, reach_bins=0, shift_bins=2))
    np.testing.assert_allclose(near, [[1, 1, 0, 1, 1, 1, 1, 1], [1, 1, 1, 1, 1, 1, 0, 1]])
    np.testing.assert_allclose(far, [[1, 1, 0, 1, 1, 1, 1, 1], [1, 1, 1, 1, 1, 1, 0, 1]])


def test_nothing_taken_away_changes_nothing_and_the_examples_stay(examples):
    before = examples["tracks"].copy()
    same = attenuate(examples, 0.0, reach_bins=2)
    np.testing.assert_array_equal(same["tracks"], before)
    attenuate(examples, 1.0, reach_bins=2)
    np.testing.assert_array_equal(examples["tracks"], before)
    assert same["contacts"] is examples["contacts"]


def test_more_than_all_cannot_be_taken_away(examples):
    with pytest.raises(ValueError, match=r"between 0 and 1, found 1\.5"):
        attenuate(examples, 1.5, reach_bins=1)


def test_a_missing_modality_leaves_nothing_of_itself(examples):
    assert set(without(examples, "contacts")) == {"tracks", "distance_bins"}
    assert set(without(examples, "tracks")) == {"contacts", "expected", "valid", "distance_bins"}
