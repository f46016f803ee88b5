"""The numbers of the task: which are refused, and where its targets lie."""

import pytest

from chiasma.tasks.epigenome.config import Config, Ridge


def test_targets_lie_first_in_the_tileset_unless_channels_say_otherwise():
    assert Config(targets=("ctcf", "atac", "dnase")).places == [0, 1, 2]
    assert Config(targets=("ctcf", "atac"), channels=(4, 0)).places == [4, 0]


@pytest.mark.parametrize(
    ("numbers", "said"),
    [
        ({"targets": ()}, "targets must be at least one"),
        ({"targets": ("ctcf", "ctcf")}, r"each named once, found \['ctcf', 'ctcf'\]"),
        ({"targets": ("ctcf", "atac"), "channels": (1,)}, "found 1 for 2 targets"),
        ({"channels": (-1,)}, "from 0"),
        ({"stride_bins": 0}, "must be at least 1"),
        ({"dropout": 1.0}, "are fractions"),
    ],
)
def test_wrong_numbers_are_refused(numbers, said):
    with pytest.raises(ValueError, match=said):
        Config(**numbers)


@pytest.mark.parametrize(
    ("numbers", "said"),
    [
        ({"reach_bins": -1}, "reach_bins must not be negative"),
        ({"widths_bins": (5, 0)}, "must be at least 1"),
        ({"pseudo_contacts": 0.0}, "pseudo_contacts must be positive"),
        ({"alphas": ()}, "at least one"),
    ],
)
def test_wrong_numbers_of_the_ridge_are_refused(numbers, said):
    with pytest.raises(ValueError, match=said):
        Ridge(**numbers)
