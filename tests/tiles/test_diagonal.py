"""Windows on the diagonal are the dense map's, at any width the band holds, and lie in the longest training region."""

import numpy as np
import pandas as pd
import pytest

from chiasma.core.errors import InputError
from chiasma.schema.tables import SPLITS
from chiasma.tiles.diagonal import diagonal_windows, even_starts, longest_training_region, widest_window


def regions(*rows):
    return pd.DataFrame(rows, columns=SPLITS.names)


@pytest.mark.parametrize("width", [4, 10, 18])
def test_windows_are_cut_from_the_map(known, width):
    starts = np.array([0, 3, 45 - width])
    windows = diagonal_windows(known.arrays, "a", "two", starts, width)
    dense, valid = known.dense["a", "two"], known.valid["a", "two"]
    expected = known.arrays.expected("a", "two")
    distance = np.abs(np.arange(width)[:, None] - np.arange(width))
    for at, start in enumerate(starts):
        side = slice(start, start + width)
        np.testing.assert_array_equal(windows["contacts"][at], dense[side, side])
        np.testing.assert_array_equal(windows["valid"][at], np.outer(valid[side], valid[side]))
        np.testing.assert_array_equal(windows["expected"][at], expected[distance])
    assert windows["distance_bins"].tolist() == [0, 0, 0]


def test_a_window_wider_than_the_band_or_beyond_the_chromosome_is_refused(known):
    assert known.arrays.meta.band_bins == 18
    for width in (5, 20):
        with pytest.raises(InputError, match="even number of at most 18"):
            diagonal_windows(known.arrays, "a", "two", np.array([0]), width)
    with pytest.raises(InputError, match="leaves two, which has 45"):
        diagonal_windows(known.arrays, "a", "two", np.array([28]), 18)


def test_windows_are_of_the_longest_training_region_in_whole_bins(meta):
    rows = regions(
        ("one", 0, 60_500, "valid"), ("two", 0, 9_000, "train"), ("two", 12_500, 40_200, "train"), ("far", 0, 90_000, "train")
    )  # fmt: skip
    assert longest_training_region(rows, meta) == ("two", 13, 40)
    with pytest.raises(InputError, match="no training region on one, two"):
        longest_training_region(regions(("one", 0, 9, "test")), meta)


@pytest.mark.parametrize(
    ("asked", "patch", "room", "width"), [(448, 16, (448, 1015), 448), (448, 16, (440, 900), 432), (60, 5, (64,), 60), (60, 5, (59,), 50)]
)  # fmt: skip
def test_the_widest_window_is_even_and_of_whole_patches(asked, patch, room, width):
    assert widest_window(asked, patch, *room) == width


def test_no_room_for_a_patch_is_explained():
    with pytest.raises(InputError, match="room for 12 bins"):
        widest_window(448, 16, 12, 900)


def test_starts_are_spread_over_the_region_and_none_comes_twice():
    assert even_starts(10, 110, 20, 5).tolist() == [10, 30, 50, 70, 90]
    assert even_starts(0, 21, 20, 8).tolist() == [0, 1]
