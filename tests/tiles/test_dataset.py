"""Batches hold the tiles asked for, in the order asked for, in any process."""

import pickle
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from torch.utils.data import DataLoader

from chiasma.core.errors import InputError
from chiasma.tiles.arrays import band_of, write_arrays
from chiasma.tiles.dataset import LocusDataset, TileDataset, TilesetsDataset
from chiasma.tiles.index import TilesetConfig, build_index, scan_pixels, window_has_tracks
from chiasma.tiles.strand import flip_strand


@pytest.fixture
def frame():
    rows = [
        ("a", "one", 10, 12, 1),
        ("b", "two", 8, 8, 0),
        ("a", "two", 9, 20, 1),
        ("b", "one", 30, 40, 0),
        ("a", "one", 50, 55, 1),
    ]
    frame = pd.DataFrame(rows * 3, columns=["sample", "chrom", "bin1", "bin2", "label"])
    shift = np.arange(len(frame)) // 5  # so that no two rows are the same tile
    frame[["bin1", "bin2"]] += shift[:, None]
    return frame.set_index(np.arange(100, 100 + len(frame)))  # a filtered table keeps its old row names


def as_is(batch):
    return batch


def assert_same(first, second):
    assert first.keys() == second.keys()
    for name in first:
        assert np.array_equal(first[name], second[name]), name


def test_a_batch_across_samples_and_chromosomes_equals_its_tiles_one_by_one(known, frame):
    dataset, order = TileDataset(frame, known.arrays), [7, 0, 14, 3, 3, 11]
    batch = dataset.__getitems__(order)
    for at, index in enumerate(order):
        row = frame.iloc[index]
        alone = known.arrays.windows(row["sample"], row["chrom"], [row["bin1"]], [row["bin2"]])
        for name, values in alone.items():
            assert np.array_equal(batch[name][at], values[0]), name
    assert np.array_equal(batch["label"], frame["label"].to_numpy()[order])


def test_axes_and_types_are_those_of_the_contract(known, frame):
    batch = TileDataset(frame, known.arrays).__getitems__([0, 1, 2])
    kinds = {name: (values.shape, values.dtype) for name, values in batch.items()}
    square = (3, 6, 6)
    assert kinds == {
        "contacts": (square, np.float32), "expected": (square, np.float32), "valid": (square, np.bool_),
        "tracks": ((3, 48, 2), np.float32), "distance_bins": ((3,), np.int64), "label": ((3,), np.int64),
    }  # fmt: skip


def test_targets_are_served_in_the_order_asked_for(known, frame, tmp_path):
    """Each bin's target is its own number and its chromosome's and sample's, so that a wrong row cannot go unseen."""
    meta, content = replace(known.arrays.meta, targets=("rna",)), {}
    for number, (place, tracks) in enumerate(known.tracks.items()):
        targets = 1000.0 * number + np.arange(meta.bins(place[1]))[:, None]
        band = band_of(known.dense[place], meta.band_bins)
        content[place] = {"contacts": band, "valid": known.valid[place], "tracks": tracks, "targets": targets}
    order, places = [7, 0, 14, 3, 3, 11], list(known.tracks)
    batch = TileDataset(frame, write_arrays(tmp_path / "arrays", meta, content)).__getitems__(order)
    assert (batch["targets"].shape, batch["targets"].dtype) == ((6, 12, 1), np.float32)
    for strip, (_, row) in zip(batch["targets"], frame.iloc[order].iterrows(), strict=True):
        bins = np.concatenate([np.arange(row[side] - 3, row[side] + 3) for side in ("bin1", "bin2")])
        assert strip[:, 0].tolist() == (1000 * places.index((row["sample"], row["chrom"])) + bins).tolist()


def test_one_item_is_a_batch_of_one(known, frame):
    dataset = TileDataset(frame, known.arrays)
    assert_same(dataset[4], dataset.__getitems__([4]))
    assert len(dataset) == len(frame)


def test_a_table_without_labels_gives_none(known, frame):
    assert "label" not in TileDataset(frame.drop(columns="label"), known.arrays).__getitems__([0])


@pytest.mark.filterwarnings("ignore:This process.*multi-threaded:DeprecationWarning")
def test_worker_processes_return_the_same_batches_as_this_one(known, frame):
    dataset = TileDataset(frame, known.arrays)
    dataset.__getitems__([0])  # maps are open here before the workers are forked

    def batches(workers):
        return list(DataLoader(dataset, batch_size=4, num_workers=workers, collate_fn=as_is))

    here, there = batches(0), batches(2)
    assert len(here) == len(there) == 4
    for first, second in zip(here, there, strict=True):
        assert_same(first, second)


def test_a_pickled_dataset_reads_the_same(known, frame):
    dataset = TileDataset(frame, known.arrays)
    dataset.__getitems__([0])
    assert_same(pickle.loads(pickle.dumps(dataset)).__getitems__([3, 1]), dataset.__getitems__([3, 1]))


@pytest.mark.parametrize(("column", "value"), [("sample", "c"), ("chrom", "three")])
def test_rows_without_arrays_are_refused_before_training(known, frame, column, value):
    frame[column] = [value] + frame[column].tolist()[1:]
    with pytest.raises(InputError, match=f"'{value}'"):
        TileDataset(frame, known.arrays)


def test_the_strips_of_loci_are_those_of_their_tiles_in_the_order_asked_for(known, frame):
    tracks = TileDataset(frame, known.arrays).__getitems__([3, 0, 7])["tracks"]
    for half, end in enumerate(("bin1", "bin2")):
        loci = frame[["sample", "chrom"]].assign(bin=frame[end])
        strips = LocusDataset(loci, known.arrays).__getitems__([3, 0, 7])
        assert strips.keys() == {"tracks"} and strips["tracks"].dtype == np.float32
        assert np.array_equal(strips["tracks"], np.split(tracks, 2, axis=1)[half])


def test_tiles_without_strips_are_the_same_but_for_them(known, frame):
    whole = TileDataset(frame, known.arrays).__getitems__([3, 0, 7])
    rest = TileDataset(frame, known.arrays, strips=False).__getitems__([3, 0, 7])
    assert whole.keys() - rest.keys() == {"tracks"}
    assert_same(rest, {name: whole[name] for name in rest})


# -------------------------------------------------------------------------------------------- several tilesets, no tracks


@pytest.fixture
def bare(known, tmp_path):
    """The known tileset without tracks."""
    meta = replace(known.arrays.meta, tracks=())
    content = {
        place: {
            "contacts": band_of(known.dense[place], meta.band_bins),
            "valid": known.valid[place],
            "tracks": tracks[:, :0],
        }
        for place, tracks in known.tracks.items()
    }
    return write_arrays(tmp_path / "bare" / "arrays", meta, content)


def test_a_batch_across_tilesets_equals_its_tiles_in_their_own(known, frame, tmp_path):
    meta = replace(known.arrays.meta, targets=("cage",), resolution_bp=2000, track_bp=500, samples=("b",))
    content = {
        place: {
            "contacts": band_of(known.dense["a", place[1]] * 2, meta.band_bins),
            "valid": known.valid["a", place[1]],
            "tracks": known.tracks["a", place[1]] + 1,
            "targets": np.zeros((len(known.valid[place]), 1)),
        }
        for place in known.tracks
        if place[0] == "b"
    }
    lengths = {chrom: 2 * length for chrom, length in meta.chromosomes.items()}
    far = write_arrays(tmp_path / "far" / "arrays", replace(meta, chromosomes=lengths, scale={"b": 1.0}), content)
    frame["tileset"] = np.where(frame["sample"] == "b", "far", "near")
    parts, order = {"near": known.arrays, "far": far}, [7, 0, 14, 3, 3, 11]
    dataset = TilesetsDataset(frame, parts)
    batch = pickle.loads(pickle.dumps(dataset)).__getitems__(order)
    assert len(dataset) == len(frame) and "targets" not in batch, "only one of them has targets"
    for at, index in enumerate(order):
        row = frame.iloc[index]
        alone = parts[row["tileset"]].windows(row["sample"], row["chrom"], [row["bin1"]], [row["bin2"]])
        for name in batch.keys() - {"label"}:
            assert np.array_equal(batch[name][at], alone[name][0]), name
    assert np.array_equal(batch["label"], frame["label"].to_numpy()[order])
    alone = dataset.__getitems__([1, 3])
    assert {*frame["tileset"].iloc[[1, 3]]} == {"far"} and alone.keys() == batch.keys(), (
        "also where one tileset fills it"
    )


def test_one_tileset_of_several_is_that_tileset(known, frame):
    several = TilesetsDataset(frame.assign(tileset="near"), {"near": known.arrays})
    assert_same(several.__getitems__([3, 1]), TileDataset(frame, known.arrays).__getitems__([3, 1]))


def test_a_tileset_without_tracks_has_the_same_windows_but_no_strips(known, bare, frame):
    found, whole = (TileDataset(frame, arrays).__getitems__([3, 0, 7]) for arrays in (bare, known.arrays))
    assert whole.keys() - found.keys() == {"tracks"}
    assert_same(found, {name: whole[name] for name in found})
    assert bare.meta.shape == {"tile_bins": 6, "strip_bins": 0, "tracks": 0}
    assert flip_strand(found, np.ones(3, bool)).keys() == found.keys()


def test_tiles_without_tracks_lack_none(known, bare):
    splits = pd.DataFrame({"chrom": ["one", "two"], "start": 0, "end": 70_000, "split": "train"})
    numbers = {
        "chromosomes": ("one", "two"),
        "resolution_bp": 1000,
        "track_bp": 250,
        "tile_bins": 6,
        "max_distance_bins": 12,
    }
    config = TilesetConfig(**numbers, tracks=(), diagonal_stride_bins=2, pairs_per_mb=300, min_nonzero_fraction=0.0)
    found, whole = (build_index(arrays, splits, config) for arrays in (bare, known.arrays))
    pd.testing.assert_frame_equal(found, whole)
    assert found["kept"].any() and window_has_tracks(bare, "a", "one").all()
    assert len(scan_pixels(bare, splits, "a", "one", ["train"], min_distance_bins=2)) > 0
