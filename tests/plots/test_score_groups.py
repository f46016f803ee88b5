"""Which value of a metric is better, and that every metric has words."""

import math

import pytest

from chiasma.plots.metric_names import WORDS, metric_words
from chiasma.plots.score_groups import ERRORS, GROUPS, RATIOS, groups_of, merit
from chiasma.plots.scores import TITLES


@pytest.mark.parametrize(
    "metric,better,worse",
    [
        ("scc", 0.9, 0.2),
        ("matched_mse", 0.1, 0.2),
        ("tracks_mse", 0.1, 0.2),
        ("bin_mse_of_atac", 0.1, 0.2),
        ("depth_ratio", 0.9, 1.3),
        ("depth_ratio", 1.4, 0.5),
        ("decay_calibration", 0.3, -1.0),
    ],
)
def test_errors_are_better_when_small_and_ratios_near_one(metric, better, worse):
    assert merit(metric, better) > merit(metric, worse)


def test_twice_the_depth_is_as_wrong_as_half_of_it():
    assert merit("depth_ratio", 2.0) == pytest.approx(merit("depth_ratio", 0.5))
    assert merit("depth_ratio", 0.0) == -math.inf


def test_verdicts_speak_of_metrics_of_which_the_largest_is_best():
    assert not {name for group in GROUPS for name in group.main} & {*ERRORS, *RATIOS}


def test_every_metric_of_maps_has_words_and_every_panel_a_title():
    (maps,) = groups_of(["ssim"])
    assert all(metric_words(name, 5000) != name for name in maps.columns)
    assert {*maps.panels} <= {*maps.columns} & {*TITLES}
    assert {*ERRORS, *RATIOS} <= {*WORDS}


def test_loops_called_on_a_map_are_not_those_of_a_loop_caller():
    assert [group.title for group in groups_of(["loop_f1"])] == ["contact maps"]
    assert [group.title for group in groups_of(["loop_f1_on_map_2"])] == ["contact maps"]
    assert [group.title for group in groups_of(["loop_f1_1"])] == ["called loops"]
