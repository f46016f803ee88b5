"""Agreement of called loops by hand, on its own, and with too few to tell."""

import dataclasses

import numpy as np
import pytest

from chiasma.evaluation.map_loop_scores import FEWEST, loop_scores
from chiasma.evaluation.metrics import harmonic_mean

PLACE = ("a", "c")
TRUE = np.array([(10, 25), (60, 75), (120, 135), (180, 195), (240, 255), (240, 260)])
CALLED = np.array([(11, 24), (62, 75), (120, 135), (240, 256)])  # the second is two bins off


@pytest.fixture
def compared(planted, observe):
    """The truth and a prediction of one piece, with loops written by hand into both."""
    observed, fields = observe({PLACE: planted.observed[PLACE]}, loop_tolerance_bins=1)
    observed.fields[:] = with_loops(observed.fields, TRUE)
    return observed, with_loops(fields, CALLED)


def with_loops(fields, loops):
    return [dataclasses.replace(own, loops_n2=loops) for own in fields]


def test_precision_recall_and_f1_by_hand(compared):
    observed, _ = compared
    found = loop_scores(*compared)
    value = {name: draws[0] for name, (draws, _) in found.items()}
    assert value["loop_precision"] == pytest.approx(3 / 4)
    assert value["loop_recall"] == pytest.approx(3 / 6)
    assert value["loop_f1"] == pytest.approx(2 * 0.75 * 0.5 / 1.25)
    further = {"loop_f1_on_map_0": 6, "loop_f1_on_map_2": 6}
    assert {name: n for name, (_, n) in found.items()} == {
        "loop_precision": 4,
        "loop_recall": 6,
        "loop_f1": 6,
    } | further
    assert value["loop_f1_on_map_0"] == pytest.approx(2 * 1 / (4 + 6)), "only (120, 135) is called in its bins"
    assert value["loop_f1_on_map_2"] == pytest.approx(2 * 4 / (4 + 6)), "(62, 75) is two bins off"
    weight = observed.bootstrap.weight_DB[5][observed.pieces[0].block_I]
    precision = weight[[11, 120, 240]].sum() / weight[[11, 62, 120, 240]].sum()
    recall = weight[[10, 120, 240]].sum() / weight[TRUE[:, 0]].sum()
    assert found["loop_f1"][0][5] == pytest.approx(harmonic_mean(np.array(precision), np.array(recall)))


def test_a_loop_answers_for_one_other_alone(compared):
    observed, fields = compared
    double = with_loops(fields, np.array([(10, 25), (10, 26), (11, 25), (60, 75), (120, 135)]))
    found = loop_scores(observed, double)
    assert found["loop_precision"][0][0] == pytest.approx(3 / 5)
    assert found["loop_recall"][0][0] == pytest.approx(3 / 6)


def test_nothing_called_has_no_precision_and_finds_nothing(compared):
    observed, fields = compared
    found = loop_scores(observed, with_loops(fields, TRUE[:0]))
    assert np.isnan(found["loop_precision"][0]).all()
    assert found["loop_recall"][0][0] == found["loop_f1"][0][0] == 0


def test_a_truth_of_too_few_loops_gives_no_score_but_says_how_many(compared):
    observed, fields = compared
    observed.fields[:] = with_loops(observed.fields, TRUE[: FEWEST - 1])
    found = loop_scores(observed, fields)
    assert all(np.isnan(draws).all() for draws, _ in found.values())
    assert found["loop_f1"][1] == FEWEST - 1
    observed.fields[:] = with_loops(observed.fields, TRUE[:FEWEST])
    assert np.isfinite(loop_scores(observed, fields)["loop_f1"][0][0])


def test_a_perfect_map_has_all_loops_and_noise_loses_some(planted, observe, noisy):
    observed, fields = observe(planted.observed)
    assert loop_scores(observed, fields)["loop_f1"][0][0] == 1
    assert 0 < loop_scores(*observe(noisy))["loop_f1"][0][0] < 1
