"""Windows cover a region wholly and leave it nowhere; where they overlap, the middle of a window counts more."""

import tracemalloc

import numpy as np
import pandas as pd
import pytest

from chiasma.tiles import stitching
from chiasma.tiles.stitching import (
    add_windows,
    bins_within,
    centres,
    cut_profiles,
    near_pairs,
    predicted_regions,
    stitch_map,
    stitch_profile,
    stitched_profiles,
    tent,
    weighted_mean,
    windows_of_runs,
)

HALF = 8


@pytest.mark.parametrize(
    ("first", "end", "expected"),
    [(0, 16, [8]), (0, 15, []), (0, 24, [8, 16]), (0, 26, [8, 16, 18]), (5, 21, [13]), (3, 3, [])],
)
def test_centres_by_hand(first, end, expected):
    assert centres(first, end, HALF, HALF).tolist() == expected


@pytest.mark.parametrize("stride", [1, 5, 8, 16])
def test_every_bin_of_a_region_is_covered_and_none_beyond_whatever_its_length(stride):
    for length in range(2 * HALF, 60):
        at = centres(4, 4 + length, HALF, stride)
        covered = {bin_ for centre in at for bin_ in range(centre - HALF, centre + HALF)}
        assert covered == set(range(4, 4 + length))
        assert (np.diff(at) > 0).all() and (np.diff(at) <= stride).all()


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (0, 3000, (0, 3)),
        (1, 3999, (1, 3)),
        (2500, 2900, (3, 2)),
        (58_000, 60_500, (58, 61)),
        (58_000, 60_499, (58, 60)),
    ],
)
def test_bins_lie_wholly_within_save_the_last_that_the_chromosomes_end_cuts_short(known, start, end, expected):
    """Bins of 1 kb; chromosome "one" has 60.5 of them."""
    assert bins_within(known.arrays, "one", start, end) == expected


def test_regions_are_those_of_validation_then_test_each_in_genomic_order(known):
    rows = [
        ("one", 40_000, 60_500, "test"),
        ("one", 0, 10_000, "test"),
        ("one", 12_000, 18_000, "valid"),
        ("one", 20_000, 38_000, "train"),
        ("one", 38_000, 40_000, "gap"),
        ("two", 0, 45_000, "valid"),
    ]
    splits = pd.DataFrame(rows, columns=["chrom", "start", "end", "split"])
    assert list(predicted_regions(known.arrays, splits, "one")) == [[(12, 18)], [(0, 10), (40, 61)]]
    assert list(predicted_regions(known.arrays, splits, "two")) == [[(0, 45)], []]


def test_the_tent_is_highest_in_the_middle_and_positive_at_the_border():
    assert tent(6).tolist() == [1, 2, 3, 3, 2, 1]
    assert tent(5).tolist() == [1, 2, 3, 2, 1]


def test_the_mean_is_that_of_the_weighted_values_and_unknown_without_any():
    mean = weighted_mean(np.array([[2 * 3.0 + 1 * 6.0, 0.0]]), np.array([[3.0, 0.0]]))
    assert mean[0, 0] == 4
    assert np.isnan(mean[0, 1])


def test_overlapping_windows_are_averaged_by_hand():
    """Windows of four bins at 2 and 4: bins 2 and 3 lie in both, with weights (2, 1) and (1, 2)."""
    found = stitch_profile(np.array([2, 4]), np.array([[0.0, 0, 0, 0], [3.0, 3, 3, 3]]), 8)
    np.testing.assert_allclose(found, [0, 0, 1, 2, 3, 3, np.nan, np.nan], rtol=1e-6)


def test_a_window_without_a_value_leaves_the_bin_to_others():
    found = stitch_profile(np.array([2, 4]), np.array([[0.0, 0, np.nan, np.nan], [np.nan, 3, 3, 3]]), 6)
    np.testing.assert_allclose(found, [0, 0, np.nan, 3, 3, 3])


def test_runs_are_covered_in_genomic_order_by_windows_that_overlap_by_half(known):
    """Windows of 6 bins: of [2, 12) at 5, 8 and 9, of [20, 26) at 23; [30, 35) has no room."""
    windows = windows_of_runs(known.arrays, "a", {"two": [(20, 26), (2, 12)], "one": [(30, 35)]})
    assert windows.columns.tolist() == ["sample", "chrom", "bin1", "bin2"]
    assert windows.to_numpy().tolist() == [["a", "two", centre, centre] for centre in (5, 8, 9, 23)]


def test_windows_are_cut_from_the_profile_of_their_place_in_their_order(known):
    ramp = np.stack([np.arange(60.0), np.arange(60.0) / 2], axis=1)
    profiles = {("a", "one"): ramp, ("b", "two"): -ramp}
    frame = pd.DataFrame({"sample": ["b", "a"], "chrom": ["two", "one"], "bin1": [3, 40], "bin2": [3, 40]})
    found = cut_profiles(profiles.__getitem__, known.arrays)(frame)
    assert found.shape == (2, 6, 2)
    assert found[0, :3, 0].tolist() == [0, -1, -2] and found[1, :3, 0].tolist() == [37, 38, 39]
    np.testing.assert_array_equal(found[..., 1], found[..., 0] / 2)


def test_windows_cut_of_a_profile_are_stitched_to_it_where_they_lie(known):
    windows = windows_of_runs(known.arrays, "a", {"one": [(7, 30)], "two": [(0, 10)]})
    values_nN = cut_profiles(lambda place: np.arange(61.0) + len(place[1]), known.arrays)(windows)
    found = stitched_profiles(known.arrays, windows, values_nN)
    assert list(found) == ["one", "two"] and len(found["one"]) == known.arrays.meta.bins("one")
    assert found["one"].dtype == np.float32
    np.testing.assert_allclose(found["one"][7:30], np.arange(10, 33))
    assert np.isnan(found["one"][:7]).all() and np.isnan(found["one"][30:]).all()


@pytest.mark.parametrize("bins", [8, 7, 1])
@pytest.mark.parametrize("reach", [1, 5, 12, 40])
def test_windows_are_added_pixel_by_pixel(bins, reach):
    """On and off the diagonal, across the band's border, with pixels that have no value."""
    rng, half = np.random.default_rng(0), bins // 2
    windows = pd.DataFrame({"bin1": rng.integers(half, 50, 12)}).assign(bin2=lambda own: own["bin1"])
    windows.loc[4:, "bin2"] += rng.integers(0, 20, 8)
    values = np.where(rng.random((12, bins, bins)) < 0.1, np.nan, rng.random((12, bins, bins)))
    values[::2] = rng.random((6, bins, bins))
    wanted, found = np.zeros((2, 2, 90, reach))
    for (x, y), window in zip(windows.to_numpy(), values, strict=True):
        for row, col in np.ndindex(bins, bins):
            low, high = sorted((x + row - half, y + col - half))
            if high - low < reach and np.isfinite(window[row, col]):
                weight = tent(bins)[row] * tent(bins)[col]
                wanted[:, low, high - low] += weight * window[row, col], weight
    add_windows(*found, windows, values)
    np.testing.assert_allclose(found, wanted)


def stitching_peak(bins: int, reach: int, tile: int) -> int:
    """Return the bytes held at most while a chromosome's map is stitched of windows a quarter of their width apart."""
    at = centres(0, bins, tile // 2, tile // 4)
    windows = pd.DataFrame(near_pairs(at, reach), columns=["bin1", "bin2"])
    tracemalloc.start()
    try:
        stitch_map(windows, lambda piece: np.ones((len(piece), tile, tile), np.float32), (bins, reach + 1), tile)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_a_longer_chromosome_takes_more_memory_for_its_band_alone(monkeypatch):
    """Sums, weights and mean of each pixel of the band, and whether there is one: 25 bytes. All windows at once would be another
    72 bytes, for they have 18 pixels for each of the band's."""
    reach, tile, piece_pixels = 64, 32, 2**15
    monkeypatch.setattr(stitching, "PIECE_PIXELS", piece_pixels)
    short, long = (stitching_peak(bins, reach, tile) for bins in (1_000, 4_000))
    assert long - short < 1.1 * 25 * 3_000 * (reach + 1)
    assert long < 25 * 4_000 * (reach + 1) + 16 * piece_pixels
