"""Numbers that contradict each other are refused with what was found."""

from __future__ import annotations

import pytest

from chiasma.core.errors import ConfigError
from chiasma.schema.rooms import build_config
from chiasma.tasks.loops.config import BASELINES, Config


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"min_distance_bins": 9, "max_distance_bins": 8}, "in order"),
        ({"near_bins": 2}, "near_bins 2 must be beyond exclusion_bins 2"),
        ({"share_near": -0.1}, "no share negative"),
        ({"negatives_per_positive": 0}, "negatives_per_positive must be positive"),
        ({"scan_smooth_bins": 2}, "must be odd, found 2"),
        ({"radius_bins": 0}, "at least 1"),
        ({"negative_per_positive": 3}, "did you mean 'negatives_per_positive'"),
    ],
)
def test_bad_numbers_are_refused(values, message):
    with pytest.raises(ConfigError, match=message):
        build_config(Config, values, "task")


def test_a_background_must_be_wider_than_the_peak():
    with pytest.raises(ConfigError, match="must exceed peak_bins"):
        build_config(BASELINES["donut"], {"peak_bins": 5, "width_bins": 5}, "baseline")


def test_a_list_of_truths_becomes_a_tuple():
    assert build_config(Config, {"truth": ["loops", "chiapet"]}, "task").truth == ("loops", "chiapet")
