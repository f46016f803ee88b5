"""Which pixels count, and in which piece they stand."""

import numpy as np
import pandas as pd
import pytest

from chiasma.core.errors import InputError
from chiasma.evaluation.intervals import build_blocks
from chiasma.evaluation.map_pixels import common_pieces, matching_factors
from chiasma.evaluation.map_pixels import test_bins as bins_of_test_regions
from chiasma.tiles.arrays import ArraysMeta, write_arrays


def pieces(planted, bands, **changed):
    splits = changed.get("splits", planted.splits)
    blocks = build_blocks(splits, "test", 1_000_000)
    truth_of = changed.get("truth_of", {})
    return common_pieces(bands, planted.arrays, splits, blocks, changed.get("min_distance_bins", 0), truth_of)


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


def test_the_truth_may_be_another_samples_map(planted):
    bands = {("a", "d"): planted.observed["a", "d"], ("b", "d"): planted.observed["b", "d"]}
    first, second = pieces(planted, [bands], truth_of={"a": "b"})
    assert (first.sample, second.sample) == ("a", "b")
    assert (first.contacts_IS == second.contacts_IS).all()
    own, _ = pieces(planted, [bands])
    assert (own.contacts_IS != first.contacts_IS).any()


def test_bins_count_where_the_truth_has_them(tmp_path):
    meta = ArraysMeta(10_000, 10_000, 4, 6, ("atac",), ("low", "deep"), {"c": 300_000}, {"low": 1.0, "deep": 1.0})
    masked = {"low": 5, "deep": 20}
    content = {
        (sample, "c"): {
            "contacts": np.ones((30, 10)), "valid": np.arange(30) != masked[sample], "tracks": np.zeros((30, 1))
        }
        for sample in masked
    }  # fmt: skip
    arrays, splits = write_arrays(tmp_path / "arrays", meta, content), regions(("c", 0, 300_000))
    blocks = build_blocks(splits, "test", 1_000_000)
    (piece,) = common_pieces([{("low", "c"): np.ones((30, 10))}], arrays, splits, blocks, 0, {"low": "deep"})
    assert np.flatnonzero(~piece.counted_IS[:, 0]).tolist() == [masked["deep"]]


def test_each_sample_is_brought_to_its_own_depth(planted):
    bands = {place: band * {"a": 4, "b": 0.5}[place[0]] for place, band in planted.observed.items()}
    own = pieces(planted, [bands])
    contacts = [piece.cut(bands[piece.sample, piece.chrom]) for piece in own]
    assert matching_factors(own, contacts) == pytest.approx({"a": 0.25, "b": 2.0})
    assert matching_factors(own, [0 * each for each in contacts]) == {"a": 1.0, "b": 1.0}
