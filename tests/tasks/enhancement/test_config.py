"""Numbers that make no sense are refused, with the value found."""

from __future__ import annotations

import pytest

from chiasma.tasks.enhancement.config import Config, Gaussian


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"stride_bins": 0}, "stride_bins must be at least 1, found 0"),
        ({"max_distance_bins": -1}, "must not be negative, found -1"),
        ({"min_nonzero_fraction": 2.0}, "2.0 is a fraction"),
        ({"depth": 0.0}, "must be positive, found 0, 0.001"),
    ],
)
def test_a_wrong_number_is_refused(wrong, message):
    with pytest.raises(ValueError, match=message):
        Config(**wrong)


@pytest.mark.parametrize("wrong", [{"sigmas": ()}, {"sigmas": (1.0, 0.0)}, {"max_examples": -1}])
def test_a_smoothing_without_a_width_is_refused(wrong):
    with pytest.raises(ValueError, match="must be positive"):
        Gaussian(**wrong)
