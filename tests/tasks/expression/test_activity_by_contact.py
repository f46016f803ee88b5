"""Activity by contact: its sum by hand, unknown contacts, its line, and what it refuses."""

import dataclasses

import numpy as np
import pytest
from planted_profiles import CHROMS, CONFIG, FARTHEST, TILE, chromosome_arrays, write

from chiasma.core.errors import ConfigError, InputError
from chiasma.tasks.expression.activity_by_contact import (
    activity,
    build_activity_by_contact,
    check_numbers,
    fit_line,
    scores,
    sum_scores,
)
from chiasma.tasks.expression.config import ActivityByContact

ENHANCER, PROMOTER, BINS = 2, 5, 8
EXPECTED_D = np.array([30.0, 10, 8, 6, 4])


@pytest.fixture
def toy():
    """One enhancer of activity 4 and one promoter of activity 2, three bins apart, with 15 contacts."""
    activity_I = np.zeros(BINS)
    activity_I[[ENHANCER, PROMOTER]] = 4, 2
    contacts_ID = np.zeros((BINS, len(EXPECTED_D)))
    contacts_ID[ENHANCER, 3], contacts_ID[:, 0] = 15, 99
    return activity_I, contacts_ID, np.ones(BINS, bool)


def test_one_enhancer_and_one_promoter_by_hand(toy):
    """Neighbours have 10 contacts on average: 15 contacts are 1.5; the promoter has its own 2 and 4 * 1.5 from the enhancer."""
    found = sum_scores(*toy, EXPECTED_D)
    assert found[PROMOTER] == 2 + 4 * 1.5
    assert found[ENHANCER] == 4 + 2 * 1.5
    assert found[[0, 1, 3, 4, 6, 7]].tolist() == [0] * 6


def test_a_contact_of_a_masked_bin_is_taken_as_expected(toy):
    activity_I, contacts_ID, valid_I = toy
    valid_I[PROMOTER] = False
    found = sum_scores(activity_I, np.where(contacts_ID == 15, 0, contacts_ID), valid_I, EXPECTED_D)
    assert found[PROMOTER] == pytest.approx(2 + 4 * 0.6)
    assert found[ENHANCER] == pytest.approx(4 + 2 * 0.6)
    assert found[4] == pytest.approx(2 * 1.0), "the neighbour of a masked bin touches it as neighbours do"
    assert found[3] == pytest.approx(2 * 0.8), "and not the enhancer, where its own contacts are known: none"


def test_bins_beyond_the_reach_do_not_count(toy):
    found = sum_scores(toy[0], toy[1], toy[2], EXPECTED_D[:3])
    assert found[PROMOTER] == 2 and found[ENHANCER] == 4


def test_it_is_a_product_with_the_symmetric_map_whose_diagonal_is_one():
    rng = np.random.default_rng(0)
    dense = rng.exponential(1, (9, 9))
    dense = np.triu(dense, 1) + np.triu(dense, 1).T + np.diag(np.full(9, 2.0))
    band = np.array([[dense[i, i + d] if i + d < 9 else 0 for d in range(9)] for i in range(9)])
    expected_D, activity_I = np.full(9, 2.0), rng.exponential(1, 9)
    np.testing.assert_allclose(sum_scores(activity_I, band, np.ones(9, bool), expected_D), dense / 2 @ activity_I)


def test_depth_does_not_matter(toy):
    activity_I, contacts_ID, valid_I = toy
    twice = sum_scores(activity_I, 2 * contacts_ID, valid_I, 2 * EXPECTED_D)
    np.testing.assert_allclose(twice, sum_scores(activity_I, contacts_ID, valid_I, EXPECTED_D))


def test_activity_is_the_geometric_mean_of_the_chosen_tracks(arrays):
    means_IC = arrays.track_means("a", "chr1")
    both = activity(ActivityByContact(), arrays, ("a", "chr1"))
    np.testing.assert_allclose(both, np.sqrt(means_IC[:, 0] * means_IC[:, 1]))
    np.testing.assert_allclose(activity(ActivityByContact(("noise",)), arrays, ("a", "chr1")), means_IC[:, 1])


def test_the_line_by_hand_and_flat_where_nothing_varies():
    assert fit_line(np.array([0.0, 1, 2]), np.array([1.0, 3, 5])) == pytest.approx((2, 1))
    assert fit_line(np.full(3, 7.0), np.array([1.0, 2, 3])) == (0, 2)


def test_a_signal_made_of_the_score_is_found_in_a_cell_type_without_a_measurement(tmp_path, inputs):
    """log2(1 + signal) = 0.7 log2(1 + score) + 0.3 in a and b gives the same of c, whose maps and tracks are its own."""
    made = chromosome_arrays()
    numbers = ActivityByContact(("atac",), reach_bins=10)
    arrays = write(tmp_path / "first", made)
    wanted = {
        (sample, chrom): 0.7 * np.log2(1 + scores(numbers, arrays, (sample, chrom))) + 0.3
        for sample in "abc"
        for chrom in CHROMS
    }
    for place in wanted:
        if place[0] != "c":
            made[place]["targets"][:, 1] = 2 ** wanted[place] - 1
    inputs = dataclasses.replace(inputs, arrays=write(tmp_path / "second", made))
    profile = build_activity_by_contact(CONFIG, numbers, inputs)
    np.testing.assert_allclose(profile(("c", "chr2")), wanted["c", "chr2"], atol=1e-4)


def test_a_track_or_reach_that_the_tileset_lacks_is_refused(arrays):
    with pytest.raises(ConfigError, match=r"unknown track 'h3k27ac' \(known: atac, noise\)"):
        check_numbers(ActivityByContact(("h3k27ac",)), arrays)
    band = FARTHEST + TILE
    check_numbers(ActivityByContact(reach_bins=band - 1), arrays)
    with pytest.raises(
        ConfigError, match=f"reach_bins is {band}, but the tileset stores contacts up to {band - 1} bins"
    ):
        check_numbers(ActivityByContact(reach_bins=band), arrays)


def test_a_map_whose_neighbours_have_no_contacts_is_refused(tmp_path):
    made = chromosome_arrays()
    made["a", "chr1"]["contacts"] = np.zeros_like(made["a", "chr1"]["contacts"])
    with pytest.raises(InputError, match="a chr1: neighbouring bins have no contacts"):
        scores(ActivityByContact(reach_bins=5), write(tmp_path, made), ("a", "chr1"))
