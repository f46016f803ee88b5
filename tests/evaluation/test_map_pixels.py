"""Which pixels count, and in which piece they stand."""

import numpy as np
import pandas as pd
import pytest

from chiasma.core.errors import InputError
from chiasma.evaluation.intervals import build_blocks
from chiasma.evaluation.map_pixels import common_pieces
from chiasma.evaluation.map_pixels import test_bins as bins_of_test_regions


def pieces(planted, bands, **changed):
    splits = changed.get("splits", planted.splits)
    blocks = build_blocks(splits, "test", 1_000_000)
    return common_pieces(bands, planted.arrays, splits, blocks, changed.get("min_distance_bins", 0))


def regions(*places):
    return pd.DataFrame(places, columns=["chrom", "start", "end"]).assign(split="test")


def test_bins_lie_wholly_in_a_region_and_regions_that_touch_are_one(planted):
    meta = planted.arrays.meta
    assert list(bins_of_test_regions(regions(("c", 15_000, 49_000)), "c", meta)) == [(2, 4)]
    assert list(bins_of_test_regions(regions(("c", 40_000, 90_000), ("c", 10_000, 40_000)), "c", meta)) == [(1, 9)]
    assert list(bins_of_test_regions(regions(("d", 1_100_000, 1_200_000)), "d", meta)) == [(110, 120)]
    assert list(bins_of_test_regions(regions(("c", 12_000, 19_000)), "c", meta)) == []


def test_a_pixel_counts_within_one_region_where_both_bins_are_valid(planted):
    splits = regions(("c", 400_000, 600_000), ("c", 700_000, 900_000))
    first, second = pieces(planted, [{("a", "c"): planted.observed["a", "c"]}], splits=splits)
    assert (first.first_bin, second.first_bin) == (40, 70)
    for piece, masked in ((first, [10]), (second, [7, 8])):
        valid = ~np.isin(np.arange(20), masked)
        reach = np.arange(20)[:, None] + np.arange(20)
        expected = valid[:, None] & (reach < 20) & valid[np.minimum(reach, 19)]
        assert (piece.counted_IS == expected).all()
        own = planted.observed["a", "c"][piece.first_bin : piece.first_bin + 20, :20]
        assert (piece.contacts_IS == np.where(expected, own, 0)).all()


def test_a_pixel_belongs_to_the_block_of_its_first_bin(planted):
    (piece,) = pieces(planted, [{("a", "c"): planted.observed["a", "c"]}])
    assert (piece.block_I == np.repeat([0, 1, 2], 100)).all()


def test_near_pixels_can_be_left_out(planted):
    (piece,) = pieces(planted, [{("a", "d"): planted.observed["a", "d"]}], min_distance_bins=3)
    assert not piece.counted_IS[:, :3].any()
    assert piece.counted_IS[:, 3].any()


def test_only_pixels_that_are_finite_in_all_bands_count(planted):
    place = ("a", "d")
    one, two = (planted.observed[place].copy() for _ in range(2))
    one[10, 4], two[20, 5] = np.nan, np.inf
    whole = pieces(planted, [{place: planted.observed[place]}])[0].counted_IS
    (piece,) = pieces(planted, [{place: one}, {place: two[:, :30]}])
    assert piece.counted_IS.shape[1] == 30
    assert np.argwhere(whole[:, :30] & ~piece.counted_IS).tolist() == [[10, 4], [20, 5]]


def test_a_cut_is_zero_where_nothing_counts_and_never_below(planted):
    place = ("a", "d")
    (piece,) = pieces(planted, [{place: planted.observed[place]}])
    cut = piece.cut(np.full((120, 35), -1.0))
    assert cut.shape == piece.counted_IS.shape
    assert (cut == 0).all()
    cut = piece.cut(np.full((120, 40), 2.0))
    assert (cut == 2.0 * piece.counted_IS).all()


@pytest.mark.parametrize("shape", [(119, 40), (120, 41), (120,)])
def test_a_band_of_another_shape_is_refused(planted, shape):
    with pytest.raises(InputError, match="a d: the predicted band has shape"):
        pieces(planted, [{("a", "d"): np.zeros(shape)}])
