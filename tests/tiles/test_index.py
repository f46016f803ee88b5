"""Every drawn tile stays a row: kept, or with the first reason that holds; a scan lists what a brute-force search lists."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from chiasma.core.errors import ConfigError, InputError
from chiasma.schema.tables import TILES, conform
from chiasma.tiles.arrays import band_of, write_arrays
from chiasma.tiles.index import (
    REASONS,
    TilesetConfig,
    build_index,
    check_reach,
    check_tiles,
    check_trainable,
    scan_pixels,
    smoothed,
)
from chiasma.tiles.splits import split_of

CONFIG = TilesetConfig(
    ("one", "two"), 1000, 250, ("atac", "dnase"), tile_bins=6, max_distance_bins=12,
    diagonal_stride_bins=2, pairs_per_mb=2000, pairs_min_distance_bins=3, min_nonzero_fraction=0.6,
)  # fmt: skip
SPLITS = pd.DataFrame(
    [
        ("one", 0, 20_000, "train"),
        ("one", 20_000, 24_000, "gap"),
        ("one", 24_000, 60_500, "test"),
        ("two", 0, 45_000, "valid"),
    ],
    columns=["chrom", "start", "end", "split"],
)


@pytest.fixture(scope="module")
def index(known):
    return build_index(known.arrays, SPLITS, CONFIG)


def reason_by_hand(known, row):
    """The reason of one tile, from the dense map."""
    meta, place = known.arrays.meta, (row.sample, row.chrom)
    h, dense, valid = meta.half_bins, known.dense[place], known.valid[place]
    if row.bin1 < h or (row.bin2 + h) * 1000 > meta.chromosomes[row.chrom]:
        return "leaves_chromosome"
    if row.chrom == "one" and any(20 <= centre < 24 for centre in (row.bin1, row.bin2)):
        return "gap"
    if (
        row.chrom == "one"
        and len({"train" if b + h <= 20 else "test" if b - h >= 24 else "cut" for b in (row.bin1, row.bin2)} | {"x"})
        > 2
    ):
        return "crosses_split"
    if row.chrom == "one" and any(b + h > 20 and b - h < 24 for b in (row.bin1, row.bin2)):
        return "crosses_split"
    if not (valid[row.bin1] and valid[row.bin2]):
        return "masked_centre"
    window = dense[row.bin1 - h : row.bin1 + h, row.bin2 - h : row.bin2 + h]
    return "sparse" if (window > 0).mean() < CONFIG.min_nonzero_fraction else ""


def test_the_index_is_a_tiles_table_in_which_kept_means_no_reason(index):
    table = conform(index, TILES, "index")
    assert ((table["reason"] == "") == table["kept"]).all()
    assert set(table["reason"]) <= {"", *REASONS}
    assert (table.loc[table["kept"], "split"] != "none").all()


def test_each_reason_is_the_one_found_by_hand(known, index):
    first_time = index[index["reason"] != "duplicate"]
    by_hand = [reason_by_hand(known, row) for row in first_time.itertuples()]
    assert first_time["reason"].tolist() == by_hand
    assert {"leaves_chromosome", "gap", "crosses_split", "masked_centre", "sparse", ""} <= set(by_hand), (
        "each reason occurs"
    )


def test_repeated_pairs_stay_rows_and_only_one_is_kept(index):
    keys = ["sample", "chrom", "bin1", "bin2"]
    assert not index[index["kept"]].duplicated(keys).any()
    assert (index["reason"] == "duplicate").sum() > 0


def test_nothing_drawn_is_lost(index):
    tiling, pairs = (index[index["source"] == source] for source in ("tiling", "pairs"))
    assert pairs.groupby(["sample", "chrom"]).size().to_dict() == {
        (sample, chrom): count for sample in "ab" for chrom, count in (("one", 121), ("two", 90))
    }
    assert tiling[tiling["sample"].eq("a") & tiling["chrom"].eq("two")]["bin1"].tolist() == list(range(3, 45, 2))
    assert (tiling["bin1"] == tiling["bin2"]).all()


def test_coordinates_are_the_windows_of_the_bins(index):
    for side in "12":
        assert (index[f"start{side}"] == (index[f"bin{side}"] - 3) * 1000).all()
        assert (index[f"end{side}"] == (index[f"bin{side}"] + 3) * 1000).all()


def test_every_kept_tile_can_be_cut(known, index):
    for (sample, chrom), own in index[index["kept"]].groupby(["sample", "chrom"]):
        found = known.arrays.windows(sample, chrom, own["bin1"], own["bin2"])
        assert np.isfinite(found["tracks"]).all()
        assert ((found["contacts"] > 0).mean(axis=(1, 2)) >= CONFIG.min_nonzero_fraction).all()


def test_the_split_of_a_kept_tile_is_that_of_split_of(index):
    own = index[index["kept"]]
    found = split_of(SPLITS, own["chrom"].to_numpy(), own["start1"], own["end1"], own["start2"], own["end2"])
    assert own["split"].tolist() == found.tolist()


def test_pairs_are_uniform_over_distance(known):
    many = dataclasses.replace(CONFIG, pairs_per_mb=200_000, diagonal_stride_bins=None)
    drawn = build_index(known.arrays, SPLITS, many)
    counts = (drawn["bin2"] - drawn["bin1"]).value_counts().sort_index()
    assert counts.index.tolist() == list(range(3, 13))
    assert abs(counts / counts.mean() - 1).max() < 5 / np.sqrt(counts.mean())


def test_tiles_of_one_sample_do_not_depend_on_the_others(known, index):
    alone = known.arrays.__class__(known.arrays.folder, dataclasses.replace(known.arrays.meta, samples=("b",)))
    found = build_index(alone, SPLITS, CONFIG)
    assert found.equals(index[index["sample"] == "b"].reset_index(drop=True))


def test_only_pairs_or_only_the_diagonal_may_be_asked_for(known):
    assert set(build_index(known.arrays, SPLITS, dataclasses.replace(CONFIG, pairs_per_mb=0))["source"]) == {"tiling"}
    assert set(build_index(known.arrays, SPLITS, dataclasses.replace(CONFIG, diagonal_stride_bins=None))["source"]) == {
        "pairs"
    }


def test_a_chromosome_too_short_for_the_distances_gives_no_pairs(tmp_path, meta):
    meta = dataclasses.replace(meta, samples=("a",), chromosomes={"one": 8000}, scale={"a": 1.0})
    content = {"contacts": np.ones((8, 18)), "valid": np.ones(8, bool), "tracks": np.zeros((32, 2))}
    arrays = write_arrays(tmp_path / "arrays", meta, {("a", "one"): content})
    found = build_index(arrays, SPLITS, CONFIG)
    assert (found["source"] == "tiling").all() and found["bin1"].tolist() == [3, 5, 7]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"unit": "triple"}, "only unit is 'pair'"),
        ({"pairs_min_distance_bins": 13}, "exceeds max_distance_bins"),
        ({"diagonal_stride_bins": None, "pairs_per_mb": 0}, "neither"),
    ],
)
def test_numbers_that_cannot_be_are_refused(change, message):
    with pytest.raises(ConfigError, match=message):
        dataclasses.replace(CONFIG, **change)


@pytest.fixture(scope="module")
def holed(tmp_path_factory, meta):
    """A full map in which the second track has no value in one track bin, of contact bin 20, and one bright pixel."""
    meta = dataclasses.replace(meta, samples=("a",), chromosomes={"one": 60_000}, scale={"a": 1.0})
    dense = np.full((60, 60), 4.0)
    dense[40, 48] = dense[48, 40] = 40
    tracks = np.ones((240, 2))
    tracks[20 * 4 + 1, 1] = np.nan
    content = {"contacts": band_of(dense, meta.band_bins), "valid": np.ones(60, bool), "tracks": tracks}
    return write_arrays(tmp_path_factory.mktemp("holed") / "arrays", meta, {("a", "one"): content})


WHOLE = pd.DataFrame([("one", 0, 60_000, "test")], columns=["chrom", "start", "end", "split"])


def test_a_window_with_a_masked_track_bin_is_dropped_with_that_reason(holed):
    bins = np.arange(3, 57)
    frame = check_tiles(holed, WHOLE, pd.DataFrame({"sample": "a", "chrom": "one", "bin1": bins, "bin2": bins}), 0.1)
    masked = frame.loc[frame["reason"] == "masked_track", "bin1"].tolist()
    assert masked == list(range(18, 24)), "windows [b - 3, b + 3) that hold bin 20"
    assert frame.loc[~frame["bin1"].isin(masked), "kept"].all()


def test_a_planted_pixel_is_the_only_one_found(holed):
    found = scan_pixels(holed, WHOLE, "a", "one", min_distance_bins=2, min_contacts=5, min_oe=1.5, smooth_bins=1)
    assert found.to_numpy().tolist() == [["a", "one", 40, 48, "test"]]
    around = scan_pixels(holed, WHOLE, "a", "one", min_distance_bins=2, min_contacts=5, min_oe=1.2, smooth_bins=3)
    assert {(row.bin1, row.bin2) for row in around.itertuples()} == {(x, y) for x in (39, 40, 41) for y in (47, 48, 49)}


def test_a_scan_leaves_out_tiles_without_tracks_and_other_splits(holed):
    found = scan_pixels(holed, WHOLE, "a", "one", min_distance_bins=0)
    for anchor in (found["bin1"], found["bin2"]):
        assert not anchor.between(18, 23).any()
        assert anchor.between(3, 57).all()
    assert len(scan_pixels(holed, WHOLE, "a", "one", wanted=("valid",))) == 0
    assert found.columns.tolist() == ["sample", "chrom", "bin1", "bin2", "split"]


def test_a_scan_of_two_splits_leaves_out_pixels_between_them(holed):
    halves = pd.DataFrame([("one", 0, 45_000, "valid"), ("one", 45_000, 60_000, "test")], columns=WHOLE.columns)
    found = scan_pixels(holed, halves, "a", "one", min_distance_bins=0)
    assert set(found["split"]) == {"valid", "test"}
    assert (found["bin2"] < 43).eq(found["split"] == "valid").all() and (found["bin1"] >= 48).eq(
        found["split"] == "test"
    ).all()


def smoothed_by_hand(known, place, x, y, width):
    """Mean contacts and observed over expected in the square around (x, y), over stored pixels of valid bins."""
    meta, dense, valid = known.arrays.meta, known.dense[place], known.valid[place]
    expected, reach = known.arrays.expected(*place), width // 2
    pixels = [
        (dense[i, j], expected[abs(i - j)])
        for i in range(x - reach, x + reach + 1)
        for j in range(y - reach, y + reach + 1)
        if 0 <= i < len(valid) and 0 <= j < len(valid) and valid[i] and valid[j] and abs(i - j) < meta.band_bins
    ]
    observed, total = (sum(pixel[at] for pixel in pixels) for at in (0, 1))
    return observed / max(len(pixels), 1), observed / total if total else 0


@pytest.mark.parametrize("width", [1, 3, 5])
def test_the_smoothed_band_equals_means_over_the_dense_map(known, width):
    place, bins = ("b", "two"), known.arrays.meta.bins("two")
    contacts, ratio = smoothed(known.arrays, place, (10, bins), width)
    assert contacts.shape == ratio.shape == (bins - 10, known.arrays.meta.band_bins)
    for x in range(10, bins):
        for y in range(x, min(bins, x + known.arrays.meta.band_bins)):
            assert (contacts[x - 10, y - x], ratio[x - 10, y - x]) == pytest.approx(
                smoothed_by_hand(known, place, x, y, width), rel=1e-5
            )


def test_a_scan_equals_a_search_through_all_pixels(known, monkeypatch):
    monkeypatch.setattr("chiasma.tiles.index.ROWS", 16)  # several stripes
    place, limits = ("a", "one"), {"min_distance_bins": 2, "max_distance_bins": 9, "min_contacts": 15, "min_oe": 0.9}
    found = scan_pixels(known.arrays, SPLITS, *place, wanted=("test",), **limits)
    valid, by_hand = known.valid[place], []
    for x in range(27, 58):
        for y in range(x + 2, min(58, x + 10)):
            contacts, ratio = smoothed_by_hand(known, place, x, y, 3)
            if valid[x] and valid[y] and contacts >= 15 and ratio >= 0.9:
                by_hand.append((x, y))
    assert list(zip(found["bin1"], found["bin2"], strict=True)) == by_hand
    assert len(by_hand) > 20


def test_unknown_limits_are_refused(known):
    with pytest.raises(TypeError, match="min_contact"):
        scan_pixels(known.arrays, SPLITS, "a", "one", min_contact=3)
    with pytest.raises(ValueError, match="odd"):
        scan_pixels(known.arrays, SPLITS, "a", "one", smooth_bins=2)


def test_pairs_within_the_stored_band_pass_and_longer_ones_are_refused(known):
    check_reach(known.arrays, 12)
    with pytest.raises(InputError, match="pairs reach 12 bins, the task asks for max_distance_bins 13; lower it"):
        check_reach(known.arrays, 13)


def windows_of(*rows):
    return pd.DataFrame(rows, columns=["split", "kept", "reason"])


def test_without_a_kept_window_to_train_on_the_reasons_and_suspects_are_named():
    windows = windows_of(("train", False, "sparse"), ("test", True, ""))
    with pytest.raises(InputError, match=r"no window is left to train on \(of 2, .*'sparse': 1.*; check the weather"):
        check_trainable(windows, "the weather")


def test_an_empty_validation_or_test_split_is_a_warning(caplog):
    check_trainable(windows_of(("train", True, ""), ("valid", False, "sparse"), ("test", True, "")), "")
    assert "no window lies in the valid split" in caplog.text and "test split" not in caplog.text
