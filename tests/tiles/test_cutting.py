"""Rectangular and padded windows equal slices of a dense map with nothing around it."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from chiasma.core.errors import ConfigError
from chiasma.tiles.arrays import ArraysMeta, TileArrays, band_of, write_arrays
from chiasma.tiles.density import WindowDensity
from chiasma.tiles.drawing import draw_diagonal
from chiasma.tiles.index import TilesetConfig, build_index, check_tiles
from chiasma.tiles.regions import place_regions
from chiasma.tiles.strand import flip_strand

BINS, MARGIN = 30, 20
META = ArraysMeta(1000, 500, 6, 12, ("atac",), ("a",), {"one": 29_500}, {"a": 1.0})
SHAPES = [(6, 10), (10, 6), (4, 16)]


def drawn(seed=0):
    """A symmetric map with masked bins, and tracks."""
    rng = np.random.default_rng(seed)
    upper, valid = np.triu(rng.integers(1, 40, (BINS, BINS))), rng.random(BINS) > 0.15
    valid[BINS // 2] = True  # which the window of the whole is centred on
    return (
        (upper + np.triu(upper, 1).T) * np.outer(valid, valid).astype(float),
        valid,
        rng.integers(1, 90, (2 * BINS, 1)),
    )


def written(folder, meta):
    dense, valid, tracks = drawn()
    content = {"contacts": band_of(dense, meta.band_bins), "valid": valid, "tracks": tracks}
    content |= {"targets": tracks.reshape(BINS, 2).mean(axis=1, keepdims=True)} if meta.targets else {}
    return write_arrays(folder / "arrays", meta, {("a", "one"): content})


def surrounded():
    """The map, the valid bins and the tracks, with nothing for `MARGIN` bins around them."""
    dense, valid, tracks = drawn()
    return np.pad(dense, MARGIN), np.pad(valid, MARGIN), np.pad(tracks, ((2 * MARGIN, 2 * MARGIN), (0, 0)))


def check_against_slices(arrays, pairs):
    """Compare the windows of pairs with slices of the surrounded map, its valid bins and its tracks."""
    dense, valid, tracks = surrounded()
    (rows, cols), (x_n, y_n) = arrays.meta.window, np.array(pairs).T
    found, expected_D = arrays.windows("a", "one", x_n, y_n), arrays.expected("a", "one")
    for at, (x, y) in enumerate(zip(x_n + MARGIN, y_n + MARGIN, strict=True)):
        row, col = np.arange(x - rows // 2, x + rows // 2), np.arange(y - cols // 2, y + cols // 2)
        assert np.array_equal(found["contacts"][at], dense[np.ix_(row, col)])
        assert np.array_equal(found["valid"][at], valid[row][:, None] & valid[col])
        assert np.array_equal(found["expected"][at], expected_D[np.abs(row[:, None] - col)])
        strips = np.concatenate([tracks[2 * side[0] : 2 * side[-1] + 2] for side in (row, col)])
        assert np.array_equal(found["tracks"][at], strips)
    assert np.array_equal(found["distance_bins"], y_n - x_n)


@pytest.mark.parametrize("shape", SHAPES)
def test_every_rectangle_equals_a_slice(tmp_path, shape):
    meta = dataclasses.replace(META, tile_bins=shape[0], tile_cols=shape[1])
    assert meta.band_bins == 12 + sum(shape) // 2
    arrays, (half, half2) = written(tmp_path, meta), (shape[0] // 2, shape[1] // 2)
    pairs = [(x, y) for x in range(half, BINS - half + 1) for y in range(max(x, half2), min(x + 12, BINS - half2) + 1)]
    check_against_slices(arrays, pairs)
    with pytest.raises(ValueError, match="leaves the chromosome"):
        arrays.windows("a", "one", [half], [half2 - 1 if half2 > half else half + 13])


@pytest.mark.parametrize("shape", [(6, 6), (34, 34), *SHAPES])
def test_every_padded_window_equals_a_slice_with_nothing_beyond_the_ends(tmp_path, shape):
    arrays = written(tmp_path, dataclasses.replace(META, tile_bins=shape[0], tile_cols=shape[1], pad=True))
    check_against_slices(arrays, [(x, y) for x in range(BINS) for y in range(x, min(x + 12, BINS - 1) + 1)])
    for pair in ((-1, 3), (29, 30)):
        with pytest.raises(ValueError, match="leaves the chromosome"):
            arrays.windows("a", "one", [pair[0]], [pair[1]])


@pytest.mark.parametrize("shape", [(6, 6), (34, 34), *SHAPES])
def test_the_density_of_padded_windows_is_over_the_pixels_inside(tmp_path, shape):
    arrays = written(tmp_path, dataclasses.replace(META, tile_bins=shape[0], tile_cols=shape[1], pad=True))
    x_n, y_n = np.array([(x, y) for x in range(BINS) for y in range(x, min(x + 12, BINS - 1) + 1)]).T
    dense, inside = surrounded()[0], np.pad(np.ones(BINS, bool), MARGIN)
    by_hand = []
    for x, y in zip(x_n + MARGIN, y_n + MARGIN, strict=True):
        row, col = (np.arange(at - width // 2, at + width // 2) for at, width in zip((x, y), shape, strict=True))
        row, col = row[inside[row]], col[inside[col]]
        by_hand.append((dense[np.ix_(row, col)] > 0).mean())
    assert np.array_equal(WindowDensity(arrays, ("a", "one"), 12).fraction(x_n, y_n), by_hand)


def test_beyond_the_ends_targets_are_unknown(tmp_path):
    arrays = written(tmp_path, dataclasses.replace(META, targets=("rna",), pad=True))
    found = arrays.windows("a", "one", [1], [5])["targets"]
    assert np.flatnonzero(np.isnan(found[0, :, 0])).tolist() == [0, 1], "rows [-2, 4), columns [2, 8)"


def test_a_window_wider_than_a_chromosome_holds_the_whole_of_it(tmp_path):
    meta = dataclasses.replace(META, tile_bins=40, pad=True, max_distance_bins=4)
    arrays = written(tmp_path, meta)
    splits = pd.DataFrame([("one", 0, 29_500, "train")], columns=["chrom", "start", "end", "split"])
    config = TilesetConfig(
        ("one",), 1000, 500, ("atac",), tile_bins=40, pad=True, max_distance_bins=4, diagonal_stride_bins=10
    )
    index = build_index(arrays, splits, config)
    whole = index.iloc[0]
    assert (whole["bin1"], whole["start1"], whole["end1"], whole["split"], whole["kept"]) == (
        15,
        0,
        29_500,
        "train",
        True,
    )
    found = arrays.windows("a", "one", [15], [15])
    assert np.array_equal(found["contacts"][0, 5:35, 5:35], drawn()[0])
    assert found["contacts"].sum() == drawn()[0].sum() and found["valid"].sum() == np.outer(*[drawn()[1]] * 2).sum()


@pytest.mark.parametrize(("masked", "centre"), [((), 15), ((15, 14), 16), (range(10, 21), 15)])
def test_the_window_of_a_whole_chromosome_is_centred_on_a_valid_bin_where_there_is_one(tmp_path, masked, centre):
    """Windows of 40 bins centred on bins 10 to 20 hold all of the chromosome's 30."""
    meta, valid = dataclasses.replace(META, tile_bins=40, pad=True), np.ones(BINS, bool)
    valid[list(masked)] = False
    content = {"contacts": np.ones((BINS, meta.band_bins)), "valid": valid, "tracks": np.zeros((2 * BINS, 1))}
    arrays = write_arrays(tmp_path / "arrays", meta, {("a", "one"): content})
    config = TilesetConfig(("one",), 1000, 500, ("atac",), tile_bins=40, pad=True, diagonal_stride_bins=10)
    assert draw_diagonal(arrays, ("a", "one"), config)["bin1"].iloc[0] == centre


def test_a_padded_window_belongs_to_the_split_of_what_lies_inside(tmp_path):
    arrays = written(tmp_path, dataclasses.replace(META, pad=True))
    splits = pd.DataFrame(
        [("one", 0, 10_000, "train"), ("one", 10_000, 16_000, "gap"), ("one", 16_000, 29_500, "test")],
        columns=["chrom", "start", "end", "split"],
    )
    bins = np.array([-1, 0, 1, 7, 8, 12, 18, 19, 27, 29, 30])
    frame = pd.DataFrame({"sample": "a", "chrom": "one", "bin1": bins, "bin2": bins})[1:-1]
    found = check_tiles(arrays, splits, frame, 0.0)
    assert found["split"].tolist() == ["train", "train", "train", "none", "none", "none", "test", "test", "test"]
    assert found["start1"].tolist()[:2] == [0, 0] and found["end1"].tolist()[-2:] == [29_500, 29_500]
    assert "leaves_chromosome" not in set(found["reason"])


def test_regions_near_an_end_have_a_tile_where_the_tileset_is_padded(tmp_path):
    region = pd.DataFrame(
        {"chrom1": ["one"], "start1": [1000], "end1": [2000], "chrom2": ["one"], "start2": [1000], "end2": [2000]}
    )
    plain, padded = (written(tmp_path / str(pad), dataclasses.replace(META, pad=pad)) for pad in (False, True))
    assert place_regions(plain, "a", region)["reason"].tolist() == ["leaves_chromosome"]
    assert "leaves_chromosome" not in place_regions(padded, "a", region)["reason"].tolist()


def test_all_places_of_a_padded_tileset_can_be_drawn_and_cut(tmp_path):
    arrays = written(tmp_path, dataclasses.replace(META, pad=True, tile_cols=10))
    splits = pd.DataFrame([("one", 0, 29_500, "train")], columns=["chrom", "start", "end", "split"])
    config = TilesetConfig(
        ("one",), 1000, 500, ("atac",), tile_bins=6, tile_cols=10, pad=True, max_distance_bins=12, pairs_per_mb=40_000,
        diagonal_stride_bins=None, min_nonzero_fraction=0.0,
    )  # fmt: skip
    for dense_only in (False, True):
        index = build_index(arrays, splits, dataclasses.replace(config, dense_only=dense_only))
        assert index["bin1"].min() == 0 and index["bin2"].max() == BINS - 1
        assert not (index["reason"] == "leaves_chromosome").any()
        kept = index[index["kept"]]
        assert arrays.windows("a", "one", kept["bin1"], kept["bin2"])["contacts"].shape[1:] == (6, 10)


@pytest.mark.parametrize("shape", SHAPES)
def test_a_flipped_rectangle_is_the_reversed_genomes_and_its_diagonal_is_where_the_distance_says(tmp_path, shape):
    arrays = written(tmp_path, dataclasses.replace(META, tile_bins=shape[0], tile_cols=shape[1]))
    x, y = 12, 16
    found = flip_strand(arrays.windows("a", "one", [x], [y]), np.array([True]))
    reverse, end = drawn()[0][::-1, ::-1], BINS - 1
    rows, cols = (
        np.arange(end - at - width // 2, end - at + width // 2) for at, width in zip((x, y), shape, strict=True)
    )
    assert np.array_equal(found["contacts"][0, 1:, 1:], reverse[np.ix_(rows, cols)][1:, 1:])
    assert found["distance_bins"].tolist() == [x - y]
    track_rows = drawn()[2][::-1].reshape(BINS, 2)
    wanted = np.concatenate([track_rows[rows[1:]].ravel(), track_rows[cols[1:]].ravel()])
    strips = found["tracks"][0, :, 0]
    assert np.array_equal(np.concatenate([strips[2 : 2 * shape[0]], strips[2 * shape[0] + 2 :]]), wanted)


def test_flipping_a_rectangle_leaves_the_others_and_the_examples_given(tmp_path):
    arrays = written(tmp_path, dataclasses.replace(META, tile_cols=10))
    examples = arrays.windows("a", "one", [12, 13], [16, 14])
    same = {name: array.copy() for name, array in examples.items()}
    flipped = flip_strand(examples, np.array([False, True]))
    for name, array in examples.items():
        assert np.array_equal(array, same[name]) and np.array_equal(flipped[name][0], array[0]), name
    assert flipped["distance_bins"].tolist() == [4, -1]


def test_the_shape_is_kept_in_the_folder_and_odd_sides_are_refused(tmp_path):
    arrays = written(tmp_path, dataclasses.replace(META, tile_cols=10, pad=True))
    assert TileArrays.open(arrays.folder).meta == arrays.meta
    with pytest.raises(ConfigError, match="tile_cols is 9"):
        dataclasses.replace(META, tile_cols=9)
