"""Boundaries: minima by hand and by their definition, and the score of a shifted set."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from chiasma.evaluation.boundaries import boundary_scores, find_boundaries, match_boundaries
from chiasma.evaluation.metrics import harmonic_mean

#                0    1     2    3     4    5    6     7     8    9
SCORE = np.array([0.0, -0.3, 0.1, -0.9, 0.2, 0.1, 0.15, -0.4, 0.0, -2.0])


@pytest.mark.parametrize(
    ("prominence", "found"),
    [(0.01, [1, 3, 5, 7]), (0.1, [1, 3, 7]), (0.3, [1, 3, 7]), (0.35, [3, 7]), (0.45, [3]), (1.1, []), (3.0, [])],
)
def test_minima_of_a_profile_by_hand(prominence, found):
    # bin 1 rises 0.3 to the left; 3 by 0.9 to the left; 5 by 0.05; 7 by 0.4 to the right; the last bin is no minimum
    assert find_boundaries(SCORE, prominence).tolist() == found


def test_bins_without_a_score_are_skipped_and_positions_stay():
    gaps = np.insert(SCORE, [0, 3, 3, 7], np.nan)
    expected = np.flatnonzero(np.isin(gaps, SCORE[[1, 3, 7]]))
    assert find_boundaries(gaps, 0.1).tolist() == expected.tolist() == [2, 6, 11]
    assert find_boundaries(np.full(5, np.nan), 0.1).tolist() == []


def test_a_flat_minimum_is_one_boundary_in_its_middle():
    assert find_boundaries(np.array([1.0, 0, 0, 0, 1, -1, -1, 1]), 0.5).tolist() == [2, 5]


def prominence_of(score, at):
    """Return by how much the score rises on the lower side before it falls below the bin's own."""
    rises = []
    for side in (score[:at][::-1], score[at + 1 :]):
        below = np.flatnonzero(side < score[at])
        rises.append(side[: below[0] if len(below) else None].max(initial=score[at]) - score[at])
    return min(rises)


@settings(max_examples=60, deadline=None)
@given(arrays.arrays(float, 25, elements=st.floats(-2, 2), unique=True))
def test_boundaries_are_those_of_the_definition(score):
    expected = [
        at
        for at in range(1, len(score) - 1)
        if score[at] < min(score[at - 1], score[at + 1]) and prominence_of(score, at) >= 0.5
    ]
    assert find_boundaries(score, 0.5).tolist() == expected


def test_one_boundary_answers_for_one_other_within_the_tolerance():
    first, second = np.array([10, 20, 30]), np.array([8, 11, 33])
    found, hit = match_boundaries(first, second, 2)
    assert found.tolist() == [True, False, False]
    assert hit.tolist() in ([True, False, False], [False, True, False])  # 10 has two neighbours, but is one boundary
    found, hit = match_boundaries(first, second, 3)
    assert found.tolist() == [True, False, True]
    assert hit.sum() == 2
    assert hit[2]
    assert match_boundaries(first, second[:0], 3)[0].tolist() == [False, False, False]


def profiled(fields, profiles):
    return [dataclasses.replace(own, insulation_I=profile) for own, profile in zip(fields, profiles, strict=True)]


def dips(bins, places):
    score = np.zeros(bins)
    score[list(places)] = -1
    return score


def test_precision_recall_and_f1_by_hand(planted, observe):
    place = ("a", "c")
    observed, fields = observe({place: planted.observed[place]}, boundary_tolerance_bins=1)
    bins = len(observed.pieces[0].block_I)
    true, called = (50, 100, 150, 200), (51, 103, 150)
    observed.fields[:] = profiled(observed.fields, [dips(bins, true)])
    found = boundary_scores(observed, profiled(fields, [dips(bins, called)]))
    value = {name: draws[0] for name, (draws, _) in found.items()}
    assert value["boundary_precision"] == pytest.approx(2 / 3)
    assert value["boundary_recall"] == pytest.approx(2 / 4)
    assert value["boundary_f1"] == pytest.approx(2 * (2 / 3) * (1 / 2) / (2 / 3 + 1 / 2))
    assert {name: n for name, (_, n) in found.items()} == {
        "boundary_precision": 3, "boundary_recall": 4, "boundary_f1": 4,
    }  # fmt: skip
    weight = observed.bootstrap.weight_DB[5][observed.pieces[0].block_I]
    precision, recall = (
        (weight[list(hit)].sum() / weight[list(own)].sum()) for hit, own in (((51, 150), called), ((50, 150), true))
    )
    assert found["boundary_f1"][0][5] == pytest.approx(harmonic_mean(np.array(precision), np.array(recall)))


def test_a_map_without_boundaries_finds_none_and_a_truth_without_has_no_score(planted, observe):
    place = ("a", "c")
    observed, fields = observe({place: planted.observed[place]})
    flat = profiled(fields, [np.zeros(len(observed.pieces[0].block_I))])
    missed = boundary_scores(observed, flat)
    assert missed["boundary_recall"][1] > 0
    assert missed["boundary_f1"][0] == pytest.approx(0)
    assert np.isnan(missed["boundary_precision"][0]).all()
    observed.fields[:] = flat
    assert np.isnan(boundary_scores(observed, fields)["boundary_f1"][0]).all()


def test_the_planted_boundary_is_found_and_a_perfect_map_has_them_all(planted, observe):
    observed, fields = observe(planted.observed, boundary_prominence=0.5)
    found = boundary_scores(observed, fields)
    assert all(draws[np.isfinite(draws)] == pytest.approx(1) for draws, _ in found.values())
    for piece, true in zip(observed.pieces, observed.fields, strict=True):
        if piece.chrom == "c":
            assert 300 in find_boundaries(true.insulation_I, 0.5) + piece.first_bin


def test_noise_loses_boundaries(observe, noisy):
    observed, fields = observe(noisy, insulation_bins=3, boundary_tolerance_bins=0)
    assert 0 < boundary_scores(observed, fields)["boundary_f1"][0][0] < 1
