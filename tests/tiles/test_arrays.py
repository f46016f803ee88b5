"""Windows cut from the stored band equal windows cut from the dense map."""

import dataclasses
import json
import pickle
import subprocess
import sys

import numpy as np
import pytest

from chiasma.core.errors import ConfigError, InputError
from chiasma.tiles.arrays import ArraysMeta, TileArrays, band_of, write_arrays

PLACES = [(sample, chrom) for sample in ("a", "b") for chrom in ("one", "two")]


def short(meta):
    """The same tiles on one chromosome of 20 bins."""
    return dataclasses.replace(meta, samples=("a",), chromosomes={"one": 20_000}, scale={"a": 1.0})


def all_pairs(meta, chrom):
    """Every pair of bins whose tile lies in the chromosome and the band."""
    inner = range(meta.half_bins, meta.bins(chrom) - meta.half_bins + 1)
    pairs = [(x, y) for x in inner for y in inner if 0 <= y - x <= meta.max_distance_bins]
    return (np.array(side) for side in zip(*pairs, strict=True))


@pytest.fixture(params=PLACES, ids="-".join)
def place(request):
    return request.param


def test_contacts_equal_slices_of_the_dense_symmetric_map(known, place):
    meta, dense = known.arrays.meta, known.dense[place]
    bin1, bin2 = all_pairs(meta, place[1])
    found = known.arrays.windows(*place, bin1, bin2)["contacts"]
    h = meta.half_bins
    assert found.dtype == np.float32
    for window, x, y in zip(found, bin1, bin2, strict=True):
        assert np.array_equal(window, dense[x - h : x + h, y - h : y + h])
        assert window[h, h] == dense[x, y]


def test_tile_on_the_diagonal_is_symmetric(known, place):
    window = known.arrays.windows(*place, [20], [20])["contacts"][0]
    assert np.array_equal(window, window.T) and window.any()


def test_valid_and_expected_follow_bins_and_distance(known, place):
    meta, valid = known.arrays.meta, known.valid[place]
    bin1, bin2 = all_pairs(meta, place[1])
    found, h = known.arrays.windows(*place, bin1, bin2), meta.half_bins
    expected = known.arrays.expected(*place)
    for at in range(0, len(bin1), 7):
        rows, cols = np.arange(bin1[at] - h, bin1[at] + h), np.arange(bin2[at] - h, bin2[at] + h)
        assert np.array_equal(found["valid"][at], np.outer(valid[rows], valid[cols]))
        assert np.array_equal(found["expected"][at], expected[np.abs(rows[:, None] - cols)])
    assert np.array_equal(found["distance_bins"], bin2 - bin1)


def test_tracks_are_the_strip_of_the_first_anchor_then_of_the_second(known, place):
    meta, tracks = known.arrays.meta, known.tracks[place]
    bin1, bin2 = all_pairs(meta, place[1])
    found = known.arrays.windows(*place, bin1, bin2)["tracks"]
    span = meta.bin_tracks
    for strip, x, y in zip(found, bin1, bin2, strict=True):
        first, second = ((tracks[(z - meta.half_bins) * span : (z + meta.half_bins) * span]) for z in (x, y))
        assert np.array_equal(strip, np.concatenate([first, second]))


def with_targets(meta, folder):
    """A small tileset with two targets; the second was not measured in the last five bins."""
    meta = dataclasses.replace(short(meta), targets=("cage", "rna"))
    targets = np.random.default_rng(9).exponential(1, (20, 2))
    targets[15:, 1] = np.nan
    content = {"contacts": np.ones((20, 18)), "valid": np.ones(20, bool), "tracks": np.zeros((80, 2))}
    return write_arrays(folder / "arrays", meta, {("a", "one"): content | {"targets": targets}}), targets


def test_targets_are_the_contact_bins_of_the_first_window_then_of_the_second(meta, tmp_path):
    arrays, targets = with_targets(meta, tmp_path)
    assert arrays.targets("a", "one").dtype == np.float32
    np.testing.assert_array_equal(arrays.targets("a", "one"), targets.astype(np.float32))
    bin1, bin2 = all_pairs(arrays.meta, "one")
    found = arrays.windows("a", "one", bin1, bin2)["targets"]
    assert found.shape == (len(bin1), 12, 2)
    for strip, x, y in zip(found, bin1, bin2, strict=True):
        rows = np.concatenate([targets[x - 3 : x + 3], targets[y - 3 : y + 3]])
        np.testing.assert_array_equal(strip, rows.astype(np.float32))


def test_a_tileset_without_targets_gives_none(known):
    assert "targets" not in known.arrays.windows("a", "one", [10], [12])


def test_a_signal_is_a_track_or_a_target_and_never_both(meta):
    with pytest.raises(ConfigError, match="atac is a track and a target"):
        dataclasses.replace(meta, targets=("rna", "atac"))


def test_an_older_tileset_without_the_key_targets_still_opens(known, tmp_path):
    values = known.arrays.meta.to_json()
    assert values.pop("targets") == ()
    (tmp_path / "meta.json").write_text(json.dumps(values))
    assert TileArrays.open(tmp_path).meta == known.arrays.meta


def test_meta_with_targets_survives_the_file(meta, tmp_path):
    arrays, _ = with_targets(meta, tmp_path)
    assert TileArrays.open(arrays.folder).meta.targets == ("cage", "rna")


def test_shapes_are_those_a_family_is_built_with(known, place):
    shape = known.arrays.meta.shape
    found = known.arrays.windows(*place, [10, 11, 12], [10, 15, 20])
    assert shape == {"tile_bins": 6, "strip_bins": 24, "tracks": 2}
    assert found["contacts"].shape == found["expected"].shape == found["valid"].shape == (3, 6, 6)
    assert found["tracks"].shape == (3, 2 * shape["strip_bins"], shape["tracks"])


def test_contact_windows_are_the_contacts_of_windows(known, place):
    found = known.arrays.windows(*place, [10, 11], [10, 20])["contacts"]
    assert np.array_equal(known.arrays.contact_windows(*place, [10, 11], [10, 20]), found)


def test_no_windows_give_empty_arrays(known):
    assert known.arrays.windows("a", "one", [], [])["contacts"].shape == (0, 6, 6)


@pytest.mark.parametrize(
    ("bin1", "bin2"), [(2, 10), (55, 59), (20, 19), (20, 33), (-1, 5)], ids=["start", "end", "order", "far", "negative"]
)
def test_a_window_outside_the_map_is_refused(known, bin1, bin2):
    with pytest.raises(ValueError, match=rf"one: the tile at bins \({bin1}, {bin2}\)"):
        known.arrays.windows("a", "one", [20, bin1], [25, bin2])


def test_the_outermost_windows_are_served(known):
    bins = known.arrays.meta.bins("one")
    found = known.arrays.windows("a", "one", [3, bins - 3 - 12], [15, bins - 3])["contacts"]
    assert np.array_equal(found[1], known.dense["a", "one"][bins - 18 : bins - 12, bins - 6 :])


def test_expected_is_the_mean_over_valid_pairs_where_contacts_are_many(known, place):
    dense, valid = known.dense[place], known.valid[place]
    both = np.outer(valid, valid)
    for distance in range(5):
        pairs = np.diagonal(both, distance)
        if np.diagonal(dense, distance).sum() >= 1000:
            mean = np.diagonal(dense, distance)[pairs].mean()
            assert known.arrays.expected(*place)[distance] == pytest.approx(mean, rel=1e-6)


def test_observed_over_expected_is_nan_where_nothing_was_measured(known, place):
    meta, valid = known.arrays.meta, known.valid[place]
    ratio, bins = known.arrays.oe_band(*place), known.arrays.meta.bins(place[1])
    rows, cols = np.arange(bins)[:, None], np.arange(bins)[:, None] + np.arange(meta.band_bins)
    measured = (cols < bins) & valid[rows] & valid[np.minimum(cols, bins - 1)]
    assert np.array_equal(np.isfinite(ratio), measured)
    assert np.array_equal(known.arrays.valid_band(*place), measured)
    back = np.where(measured, ratio, 0) * known.arrays.expected(*place)
    assert np.allclose(back, band_of(known.dense[place], meta.band_bins), rtol=1e-5)


def test_masked_bins_hold_no_contacts_whatever_was_given(meta, tmp_path):
    meta = short(meta)
    valid = np.arange(20) != 7
    content = {"contacts": np.ones((20, meta.band_bins)), "valid": valid, "tracks": np.zeros((80, 2))}
    arrays = write_arrays(tmp_path / "arrays", meta, {("a", "one"): content})
    band = arrays.contacts("a", "one")
    assert not band[7].any() and not band[5, 2] and band[5, 1] == 1
    assert not band[15, 5:].any(), "pixels beyond the end"


def test_pickled_arrays_carry_no_data_and_still_read(known):
    known.arrays.windows("a", "one", [20], [20])
    text = pickle.dumps(known.arrays)
    assert len(text) < 2000
    again = pickle.loads(text)
    assert again._maps == {}
    assert np.array_equal(again.contacts("a", "one"), known.arrays.contacts("a", "one"))


# In an interpreter of its own: a fork of the test process, with the threads of all it has imported, may hang.
FORK = """
import os, sys
from chiasma.tiles.arrays import TileArrays
arrays = TileArrays.open(sys.argv[1])
arrays.contacts("a", "one")
if os.fork() == 0:
    arrays.valid("a", "two")
    print("child", sorted(arrays._maps), flush=True)
    os._exit(0)
assert os.wait()[1] == 0
print("parent", sorted(arrays._maps))
"""


def test_a_forked_process_opens_its_own_maps(known):
    found = subprocess.run(
        [sys.executable, "-c", FORK, str(known.arrays.folder)], capture_output=True, text=True, check=True, timeout=60
    )
    assert found.stdout.splitlines() == ["child [('a', 'two', 'valid')]", "parent [('a', 'one', 'contacts')]"]


def test_files_are_opened_once_per_process(known, monkeypatch):
    arrays, opened = TileArrays.open(known.arrays.folder), []
    load = np.load
    monkeypatch.setattr(np, "load", lambda path, **options: opened.append(path) or load(path, **options))
    for bin1 in range(10, 20):
        arrays.windows("a", "one", [bin1], [bin1 + 2])
    assert len(opened) == 4


def test_meta_survives_the_file(known):
    again = TileArrays.open(known.arrays.folder).meta
    assert again == known.arrays.meta
    assert json.loads((known.arrays.folder / "meta.json").read_text())["band_bins"] == 18


def test_an_unknown_sample_or_chromosome_is_named(known):
    with pytest.raises(InputError, match="unknown sample 'c'"):
        known.arrays.contacts("c", "one")
    with pytest.raises(InputError, match="unknown chromosome 'onee'; did you mean 'one'"):
        known.arrays.windows("a", "onee", [10], [10])


def test_a_folder_without_meta_says_what_was_expected(tmp_path):
    with pytest.raises(InputError, match="chiasma tile"):
        TileArrays.open(tmp_path)


@pytest.mark.parametrize("change", [{"band_bins": 17}, {"tracks": None}], ids=["band", "missing"])
def test_meta_that_contradicts_itself_is_refused(known, tmp_path, change):
    values = {key: value for key, value in {**known.arrays.meta.to_json(), **change}.items() if value is not None}
    (tmp_path / "meta.json").write_text(json.dumps(values))
    with pytest.raises(InputError, match="band_bins is 17, expected 18|tracks are missing"):
        TileArrays.open(tmp_path)


def test_an_array_of_another_shape_is_refused(meta, tmp_path):
    meta = short(meta)
    content = {"contacts": np.ones((19, meta.band_bins)), "valid": np.ones(19, bool), "tracks": np.zeros((76, 2))}
    arrays = write_arrays(tmp_path / "arrays", meta, {("a", "one"): content})
    with pytest.raises(InputError, match="expected \\(20, 18\\)"):
        arrays.contacts("a", "one")


@pytest.mark.parametrize(("key", "value"), [("tile_bins", 7), ("tile_bins", 0), ("track_bp", 300)])
def test_meta_refuses_numbers_that_cannot_be(meta, key, value):
    with pytest.raises(ValueError, match=key):
        dataclasses.replace(meta, **{key: value})


def test_an_interrupted_write_leaves_nothing(meta, tmp_path):
    meta = short(meta)
    content = {"contacts": np.full((20, 18), 1e6), "valid": np.ones(20, bool), "tracks": np.zeros((80, 2))}
    with pytest.raises(InputError, match="a one contacts"):
        write_arrays(tmp_path / "arrays", meta, {("a", "one"): content})
    assert list(tmp_path.iterdir()) == []


def test_band_of_is_the_upper_band():
    dense = np.arange(9).reshape(3, 3)
    assert np.array_equal(band_of(dense, 2), [[0, 1], [4, 5], [8, 0]])


def test_meta_counts_a_last_bin_cut_short():
    meta = ArraysMeta(1000, 100, 6, 12, ("t",), ("a",), {"one": 2001}, {"a": 1.0})
    assert meta.bins("one") == 3


def test_tracks_are_averaged_over_the_track_bins_that_have_a_value(meta, tmp_path):
    meta = short(meta)
    tracks_LC = np.random.default_rng(3).integers(0, 500, (80, 2)) / 4
    tracks_LC[:4, 0] = [1, 2, 3, np.nan]
    tracks_LC[4:8, 0] = np.nan
    tracks_LC[8:12, 0] = -4
    content = {"contacts": np.ones((20, meta.band_bins)), "valid": np.ones(20, bool), "tracks": tracks_LC}
    means_IC = write_arrays(tmp_path / "arrays", meta, {("a", "one"): content}).track_means("a", "one")
    assert means_IC[:3, 0].tolist() == [2, 0, 0]
    assert np.allclose(means_IC[:, 1], tracks_LC[:, 1].reshape(-1, 4).mean(axis=1))
