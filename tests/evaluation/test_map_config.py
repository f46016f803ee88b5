"""Numbers that cannot be meant are refused with the reason."""

import pytest

from chiasma.evaluation.map_config import MapConfig


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"interval": "days"}, "interval must be seeds or blocks"),
        ({"compare": (("a",),)}, "pairs"),
        ({"block_bp": 0}, "block_bp and draws must be positive"),
        ({"min_distance_bins": -1}, "min_distance_bins must not be negative"),
        ({"window_bins": 2}, "window_bins must be at least 3"),
        ({"pseudo_contacts": 0.0}, "no logarithm"),
    ],
)
def test_wrong_numbers_are_refused(wrong, said):
    with pytest.raises(ValueError, match=said):
        MapConfig(**wrong)
