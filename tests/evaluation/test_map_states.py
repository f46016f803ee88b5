"""Compartments told by states: a plain regression, a planted map whose states are known, and states that say nothing."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from planted_map import BINS, PERIOD, RESOLUTION

from chiasma.evaluation.map_annotation import Annotation
from chiasma.evaluation.map_pixels import Piece
from chiasma.evaluation.map_states import adjusted_r2, shifted_state_scores, state_scores, state_shares

NUMBERS = {"coarse_bp": 20_000, "permutations": 40}


def planted_states(order=None):
    """Return the two kinds of stretches that the planted map is made of, as states; ``order`` deals the kinds anew."""
    rows = []
    for chrom, bins in BINS.items():
        start = np.arange(0, bins, PERIOD)
        kind = np.arange(len(start)) % 2 if order is None else order(len(start))
        ends = np.minimum(start + PERIOD, bins)
        rows += [(chrom, s * RESOLUTION, e * RESOLUTION, "AB"[k]) for s, e, k in zip(start, ends, kind, strict=True)]
    return pd.DataFrame(rows, columns=["chrom", "start", "end", "name"])


def with_states(compared, states):
    """Return the comparison with these states known of each sample."""
    observed, fields = compared
    return dataclasses.replace(observed, annotations={name: Annotation(states) for name in "ab"}), fields


@pytest.fixture(scope="module")
def compared(planted, observe):
    return observe(planted.observed, **NUMBERS)


def test_adjusted_r2_is_that_of_a_plain_regression_on_bins_taken_as_often_as_drawn():
    rng = np.random.default_rng(3)
    share = rng.dirichlet([1, 1, 1], 60)
    value = share @ [1.0, -1.0, 0.5] + rng.normal(0, 0.3, 60)
    weight = np.stack([np.ones(60), rng.integers(0, 3, 60)]).astype(float)
    found, bins = adjusted_r2(share, value, weight)
    for draw, taken in enumerate(weight.astype(int)):
        x, y = np.repeat(share, taken, axis=0), np.repeat(value, taken)
        design = np.column_stack([np.ones(len(y)), x[:, :2]])  # the third share is what is left
        rest = y - design @ np.linalg.lstsq(design, y, rcond=None)[0]
        r2 = 1 - rest @ rest / np.square(y - y.mean()).sum()
        assert bins[draw] == len(y)
        assert found[draw] == pytest.approx(1 - (1 - r2) * (len(y) - 1) / (len(y) - 3))


def test_a_state_that_no_bin_has_is_no_predictor_and_a_value_that_does_not_vary_is_told_nothing():
    share = np.repeat([[1.0, 0, 0], [0, 1.0, 0]], 10, axis=0)
    value, weight = np.repeat([1.0, -1.0], 10), np.ones((1, 20))
    value[0] = 0.5
    with_it, without = adjusted_r2(share, value, weight), adjusted_r2(share[:, :2], value, weight)
    assert with_it[0] == pytest.approx(without[0])
    assert adjusted_r2(share, np.zeros(20), weight)[0] == 0
    assert np.isnan(adjusted_r2(share, value, np.eye(20)[[0, 10]].sum(axis=0, keepdims=True))[0]), (
        "two bins, one predictor"
    )


def test_shares_by_hand():
    piece = Piece("a", "c", 10, np.ones((7, 3), bool), np.ones((7, 3)), np.zeros(7, np.int64))
    rows = [("c", 0, 110, "A"), ("c", 110, 125, "B"), ("c", 130, 145, "A"), ("c", 145, 149, "C"), ("d", 150, 999, "A")]
    states = pd.DataFrame(rows, columns=["chrom", "start", "end", "name"])
    found = state_shares(states, ["A", "B", "C"], piece, 2, 10)
    known = [[0.5, 0.5, 0], [10 / 15, 5 / 15, 0], [np.nan] * 3]
    assert found == pytest.approx(np.array(known), nan_ok=True), "the seventh bin is no whole coarse bin"


def test_states_that_the_map_follows_tell_nearly_all_and_dealt_anew_next_to_nothing(compared):
    told, n = state_scores(*with_states(compared, planted_states()))["states_r"]
    assert told[0] > 0.9
    assert n == 2 * (140 + 40), "each coarse bin of a window once: of 150 and of 50"
    rng = np.random.default_rng(5)
    chance = [
        state_scores(*with_states(compared, planted_states(lambda count: rng.integers(0, 2, count))))["states_r"][0][0]
        for _ in range(10)
    ]
    assert np.mean(chance) < 0.4 < told[0] - 0.4


def test_intervals_are_there_and_hold_the_value(compared):
    draws, _ = state_scores(*with_states(compared, planted_states()))["states_r"]
    assert len(draws) == 21
    assert draws[1:].min() < draws[0] < draws[1:].max()


def test_a_noisier_map_says_less_of_the_states_and_a_decay_nothing(planted, observe):
    rng = np.random.default_rng(2)
    thinned = {place: rng.poisson(band / 60).astype(float) for place, band in planted.observed.items()}
    values = [
        state_scores(*with_states(observe(bands, **NUMBERS), planted_states()))["states_r"][0][0]
        for bands in (planted.observed, thinned, planted.decay)
    ]
    assert values[0] > values[1] > values[2] == 0


def test_shifted_states_tell_less_than_those_in_place(compared):
    pair = with_states(compared, planted_states())
    moved, n = shifted_state_scores(*pair)["states_r"]
    told, number = state_scores(*pair)["states_r"]
    assert len(moved) == 40 and n == number
    assert np.median(moved) < told[0] - 0.2
    again, _ = shifted_state_scores(*pair)["states_r"]
    assert (again == moved).all()


def test_nothing_is_said_where_a_sample_has_no_states(compared):
    observed, fields = compared
    assert state_scores(observed, fields) == shifted_state_scores(observed, fields) == {}
    half = dataclasses.replace(observed, annotations={"a": Annotation(planted_states())})
    assert state_scores(half, fields) == {}


def test_states_of_another_place_leave_no_value(compared):
    elsewhere = planted_states().assign(chrom="z")
    draws, n = state_scores(*with_states(compared, elsewhere))["states_r"]
    assert np.isnan(draws).all() and n == 0
