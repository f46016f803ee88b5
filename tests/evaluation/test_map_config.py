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
        ({"image_bins": 10}, "image_bins must be at least 11"),
        ({"walk_bins": 0}, "walk_bins must be positive, found 0"),
        ({"walk_steps": 0}, "walk_steps must be positive"),
        ({"boundary_prominence": 0.0}, "boundary_prominence must be positive"),
        ({"boundary_tolerance_bins": -1}, "boundary_tolerance_bins must not be negative"),
        ({"loop_peak_bins": 5}, "must exceed loop_peak_bins 5"),
        ({"loop_further_tolerances_bins": (0, -1)}, r"must not be negative, found \[0, -1\]"),
        ({"loop_fdr": 1.0}, "loop_fdr must lie between 0 and 1, found 1.0"),
        ({"loop_enrichment": 0.0}, "loop_enrichment must be positive"),
        ({"loop_max_distance_bins": -1}, "loop_max_distance_bins must not be negative"),
    ],
)
def test_wrong_numbers_are_refused(wrong, said):
    with pytest.raises(ValueError, match=said):
        MapConfig(**wrong)
