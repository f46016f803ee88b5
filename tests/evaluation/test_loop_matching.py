"""Matching of called and true loops."""

from itertools import permutations

import numpy as np
import pandas as pd
import pytest

from chiasma.evaluation import loop_matching


def loops(*bins, sample="a", chrom="chr1"):
    return pd.DataFrame({"sample": sample, "chrom": chrom, "bin1": [x for x, _ in bins], "bin2": [y for _, y in bins]})


def test_a_true_loop_is_found_once_however_many_calls_surround_it():
    hits = loop_matching.is_matched(loops((10, 20), (11, 20), (10, 21)), loops((10, 20)), 1)
    assert hits.sum() == 1


@pytest.mark.parametrize("tolerance,expected", [(0, False), (1, False), (2, True)])
def test_tolerance_is_the_larger_of_both_offsets(tolerance, expected):
    assert loop_matching.is_matched(loops((12, 21)), loops((10, 20)), tolerance)[0] == expected


def test_both_anchors_must_agree():
    assert not loop_matching.is_matched(loops((10, 30)), loops((10, 20)), 2)[0]


def test_another_chromosome_or_sample_does_not_match():
    assert not loop_matching.is_matched(loops((10, 20)), loops((10, 20), chrom="chr2"), 2)[0]
    assert not loop_matching.is_matched(loops((10, 20)), loops((10, 20), sample="b"), 2)[0]


def test_matching_is_as_large_as_any_assignment_and_each_partner_is_near():
    rng = np.random.default_rng(4)
    for _ in range(20):
        first, second = rng.integers(0, 6, (5, 2)), rng.integers(0, 6, (5, 2))
        partner, back = loop_matching.match(first, second, 1)
        near = np.abs(first[:, None] - second[None]).max(axis=2) <= 1
        best = max(sum(near[i, j] for i, j in enumerate(order)) for order in permutations(range(5)))
        matched = np.flatnonzero(partner >= 0)
        assert len(matched) == best
        assert all(near[i, partner[i]] and back[partner[i]] == i for i in matched)


def test_a_chain_needs_maximum_not_greedy_matching():
    # the call (1, 1) is near both truths, the call (2, 2) only near (1, 1)'s own: both can be matched
    assert loop_matching.is_matched(loops((1, 1), (2, 2)), loops((1, 1), (0, 0)), 1).all()


def test_nothing_against_nothing():
    none = loops()
    assert len(loop_matching.is_matched(none, loops((1, 2)), 1)) == 0
    assert not loop_matching.is_matched(loops((1, 2)), none, 1)[0]


def test_bins_of_loops_are_those_of_the_anchors_middles_in_order_and_once():
    anchors = pd.DataFrame(
        [("c", 9000, 12000, "c", 0, 5000), ("c", 0, 5000, "c", 10000, 11000), ("c", 0, 5, "d", 0, 5)],
        columns=["chrom1", "start1", "end1", "chrom2", "start2", "end2"],
    )
    found = loop_matching.loop_bins(anchors, 5000)
    assert found.to_dict("list") == {"chrom": ["c"], "bin1": [0], "bin2": [2]}


def test_only_loops_whose_tile_lies_in_the_test_split_and_within_reach_are_callable():
    splits = pd.DataFrame(
        {"chrom": ["chr1"] * 2, "start": [0, 100_000], "end": [100_000, 200_000], "split": ["train", "test"]}
    )
    candidates = loops((5, 8), (11, 15), (12, 18), (12, 13), (13, 19))  # test is bins 10 to 19, tiles reach 2 bins
    found = loop_matching.callable_loops(candidates, splits, 10_000, 2, (3, 6))
    assert found[["bin1", "bin2"]].to_numpy().tolist() == [[12, 18]]


def test_rates_of_calls_by_hand():
    ones = np.ones((1, 4))
    rates = loop_matching.call_metrics(
        np.array([True, True, False, False]), np.array([True, True, False]), ones, np.ones((1, 3))
    )
    assert rates["loop_precision"][0] == 0.5
    assert rates["loop_recall"][0] == pytest.approx(2 / 3)
    assert rates["loop_f1"][0] == pytest.approx(2 * 0.5 * (2 / 3) / (0.5 + 2 / 3))


def test_without_calls_recall_is_zero_and_precision_unknown():
    rates = loop_matching.call_metrics(np.zeros(0, bool), np.zeros(3, bool), np.ones((1, 0)), np.ones((1, 3)))
    assert rates["loop_recall"][0] == 0 and rates["loop_f1"][0] == 0
    assert np.isnan(rates["loop_precision"][0])


def test_recall_at_precision_by_hand():
    hit, true = np.array([True, True, False, True]), np.array([4.0, 4.0])
    weight = np.array([[1.0, 1, 1, 1], [1, 0, 2, 1]])  # precisions 1, 1, 2/3, 3/4; and 1, 1, 1/3, 1/2
    assert loop_matching.recall_at_precision(hit, weight, true, 0.7).tolist() == [0.75, 0.25]
    assert loop_matching.recall_at_precision(hit, weight, true, 0.8).tolist() == [0.5, 0.25]
    assert loop_matching.recall_at_precision(~hit, weight, true, 0.8).tolist() == [0, 0]
    assert np.isnan(loop_matching.recall_at_precision(hit[:0], weight[:, :0], true * 0, 0.8)).all()
