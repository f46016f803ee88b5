"""A density map says exactly what counting the pixels of each window says, and draws among the dense ones fairly."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from chiasma.tiles.arrays import band_of, write_arrays
from chiasma.tiles.density import WindowDensity, density_map
from chiasma.tiles.drawing import draw_pairs
from chiasma.tiles.index import TilesetConfig, build_index

CONFIG = TilesetConfig(
    ("one", "two"), 1000, 250, ("atac", "dnase"), tile_bins=6, max_distance_bins=12, diagonal_stride_bins=None,
    pairs_per_mb=2000, pairs_min_distance_bins=3, min_nonzero_fraction=0.5, dense_only=True,
)  # fmt: skip
WHOLE = pd.DataFrame([("one", 0, 60_000, "train")], columns=["chrom", "start", "end", "split"])


def sparse_map(bins=60, filled=0.3, seed=3):
    """A symmetric map of which few pixels hold contacts."""
    rng = np.random.default_rng(seed)
    upper = np.triu(rng.random((bins, bins)) < filled)
    return (upper | upper.T).astype(float)


@pytest.mark.parametrize("rows", [1, 7, 4096])
def test_any_rectangle_within_reach_is_counted_as_by_slicing(monkeypatch, rows):
    monkeypatch.setattr("chiasma.tiles.density.ROWS", rows)
    dense, reach = sparse_map(40), 15
    found = density_map(band_of(dense, 20), reach)
    rng = np.random.default_rng(1)
    for _ in range(500):
        top, left = rng.integers(0, 40, 2)
        bottom, right = min(40, top + rng.integers(0, 8)), min(40, left + rng.integers(0, 8))
        if max(abs(right - top), abs(bottom - left)) > reach:
            continue
        one = [np.array([at]) for at in (top, bottom, left, right)]
        assert found.count((one[0], one[1]), (one[2], one[3])) == [dense[top:bottom, left:right].sum()]


def test_bins_beyond_the_ends_hold_nothing():
    dense = np.ones((10, 10))
    found = density_map(band_of(dense, 10), 10)
    rows = (np.array([-3, 8, -5]), np.array([2, 14, 20]))
    assert found.count(rows, rows).tolist() == [4, 4, 100]


def all_pairs(meta, chrom):
    inner = range(meta.half_bins, meta.bins(chrom) - meta.half_bins + 1)
    pairs = np.array([(x, y) for x in inner for y in inner if 0 <= y - x <= meta.max_distance_bins])
    return pairs[:, 0], pairs[:, 1]


@pytest.mark.parametrize("place", [("a", "one"), ("b", "two")])
def test_the_fraction_of_every_window_equals_that_of_the_window_cut_out(known, place):
    bin1, bin2 = all_pairs(known.arrays.meta, place[1])
    cut = (known.arrays.contact_windows(*place, bin1, bin2) > 0).mean(axis=(1, 2))
    for farthest in (12, 40):  # reaching beyond the stored band asks for no more than it
        assert np.array_equal(WindowDensity(known.arrays, place, farthest).fraction(bin1, bin2), cut)
    near = bin2 - bin1 <= 4
    assert np.array_equal(WindowDensity(known.arrays, place, 4).fraction(bin1[near], bin2[near]), cut[near])


@pytest.fixture(scope="module")
def patchy(tmp_path_factory, meta):
    """A chromosome with contacts in a corner alone: windows about distance 8 within bins 30 to 60 are dense."""
    meta = dataclasses.replace(meta, samples=("a",), chromosomes={"one": 60_500}, scale={"a": 1.0})
    dense = sparse_map(61, 0.02)
    dense[30:42, 38:50] = dense[38:50, 30:42] = 1
    content = {"contacts": band_of(dense, meta.band_bins), "valid": np.ones(61, bool), "tracks": np.zeros((244, 2))}
    return write_arrays(tmp_path_factory.mktemp("patchy") / "arrays", meta, {("a", "one"): content})


def dense_pairs(arrays, minimum):
    """All pairs at distances 3 to 12 whose windows lie in whole bins and are dense, by cutting each."""
    bin1, bin2 = all_pairs(arrays.meta, "one")
    good = (bin2 - bin1 >= 3) & (bin2 + arrays.meta.half_bins <= 60)
    bin1, bin2 = bin1[good], bin2[good]
    dense = (arrays.contact_windows("a", "one", bin1, bin2) > 0).mean(axis=(1, 2)) >= minimum
    return set(zip(bin1[dense].tolist(), bin2[dense].tolist(), strict=True))


@pytest.mark.parametrize("places", [1 << 20, 40])
def test_all_dense_pairs_are_drawn_once_where_more_are_asked_for(patchy, places, monkeypatch):
    monkeypatch.setattr("chiasma.tiles.density.PLACES", places)  # one stripe, or several
    config = dataclasses.replace(CONFIG, pairs_per_mb=1e5)
    drawn = draw_pairs(patchy, ("a", "one"), config, WindowDensity(patchy, ("a", "one"), 12))
    pairs = list(zip(drawn["bin1"], drawn["bin2"], strict=True))
    assert set(pairs) == dense_pairs(patchy, 0.5)
    assert 20 < len(pairs) == len(set(pairs))


def test_each_dense_pair_is_as_likely_as_any_other(patchy):
    density, truth = WindowDensity(patchy, ("a", "one"), 12), sorted(dense_pairs(patchy, 0.5))
    times = dict.fromkeys(truth, 0)
    for seed in range(400):
        for pair in zip(*density.draw_dense(np.random.default_rng(seed), 10, (3, 12), 0.5), strict=True):
            times[pair] += 1
    expected = 400 * 10 / len(truth)
    assert sum(times.values()) == 4000
    assert abs(np.array(list(times.values())) - expected).max() < 5 * np.sqrt(expected)


def test_dense_only_wastes_no_draw_where_uniform_draws_are_mostly_sparse(patchy):
    uniform = build_index(patchy, WHOLE, dataclasses.replace(CONFIG, dense_only=False, pairs_per_mb=700))
    dense = build_index(patchy, WHOLE, dataclasses.replace(CONFIG, pairs_per_mb=700))
    assert (uniform["reason"] == "sparse").mean() > 0.5
    assert len(dense) == 42 and dense["kept"].all()


def test_where_nothing_is_dense_enough_no_pair_is_drawn(patchy):
    found = WindowDensity(patchy, ("a", "one"), 12).draw_dense(np.random.default_rng(1), 5, (3, 12), 1.01)
    assert [len(side) for side in found] == [0, 0]


def test_a_chromosome_shorter_than_a_window_gives_no_pairs(meta, tmp_path):
    meta = dataclasses.replace(meta, samples=("a",), chromosomes={"one": 5000}, scale={"a": 1.0})
    content = {"contacts": np.ones((5, 18)), "valid": np.ones(5, bool), "tracks": np.zeros((20, 2))}
    arrays = write_arrays(tmp_path / "arrays", meta, {("a", "one"): content})
    assert not len(WindowDensity(arrays, ("a", "one"), 0).draw_dense(np.random.default_rng(1), 5, (3, 12), 0.1)[0])
