"""Numbers that make no map are refused."""

from __future__ import annotations

import pytest

from chiasma.tasks.contact_map import config
from chiasma.tasks.contact_map.config import Config, Ridge


@pytest.mark.parametrize(
    "numbers",
    [
        {"stride_bins": 0},
        {"predict_stride_bins": 0},
        {"max_distance_bins": -1},
        {"dropout": 1.0},
        {"min_nonzero_fraction": 2.0},
    ],
)
def test_impossible_numbers_are_refused(numbers):
    with pytest.raises(ValueError, match=next(iter(numbers))):
        Config(**numbers)


@pytest.mark.parametrize("numbers", [{"alphas": ()}, {"alphas": (0.0,)}, {"reach": -1}])
def test_impossible_numbers_of_the_ridge_are_refused(numbers):
    with pytest.raises(ValueError, match=next(iter(numbers))):
        Ridge(**numbers)


def test_stages_share_no_number_and_name_only_what_exists():
    head, calling = {*config.HEAD}, {*config.CALLING}
    assert not head & calling
    assert head | calling <= {*Config.__dataclass_fields__}
