"""The region that is looked at closely."""

import numpy as np
import pandas as pd
import pytest

from chiasma.evaluation import regions
from chiasma.tiles.arrays import ArraysMeta, band_of, write_arrays

SPLITS = pd.DataFrame(
    {"chrom": ["c", "c"], "start": [0, 500_000], "end": [500_000, 1_000_000], "split": ["train", "test"]}
)


def loops(*bins):
    return pd.DataFrame({"chrom": "c", "bin1": [x for x, _ in bins], "bin2": [y for _, y in bins]})


def test_the_region_holds_most_test_loops_and_never_leaves_the_test_split():
    chrom, start, end = regions.telling_region(loops((1, 5), (2, 6), (3, 7), (80, 85)), SPLITS, 100_000, 10_000)
    assert chrom == "c"
    assert 500_000 <= start <= 800_000 and end >= 860_000 and end - start == 100_000


def test_a_crowded_region_gives_way_to_a_readable_one():
    crowd = [(50 + x, 55 + y) for x in range(10) for y in range(10)]
    _, start, _ = regions.telling_region(loops(*crowd, (90, 95), (91, 96)), SPLITS, 100_000, 10_000)
    held = sum(start <= 10_000 * x and 10_000 * (y + 1) <= start + 100_000 for x, y in crowd)
    assert held <= regions.READABLE


def test_a_test_region_shorter_than_asked_is_taken_whole():
    assert regions.telling_region(loops(), SPLITS, 5_000_000, 10_000) == ("c", 500_000, 1_000_000)


def test_splits_without_test_are_an_error():
    with pytest.raises(ValueError, match="test"):
        regions.telling_region(loops(), SPLITS[:1], 100_000, 10_000)


@pytest.fixture
def arrays(tmp_path):
    dense = np.add.outer(np.arange(40.0), np.arange(40.0))
    meta = ArraysMeta(1000, 500, 4, 6, ("atac", "ctcf"), ("s",), {"c": 40_000}, {"s": 1.0})
    one = {
        "contacts": band_of(dense, meta.band_bins),
        "valid": np.arange(40) != 12,
        "tracks": np.stack([np.arange(80), np.ones(80)], axis=1),
    }
    return write_arrays(tmp_path / "arrays", meta, {("s", "c"): one})


def test_pixels_are_those_of_the_map_and_masked_ones_unknown(arrays):
    pixels = regions.region_pixels(arrays, "s", ("c", 10_000, 30_000)).set_index(["bin1", "bin2"])["contacts"]
    assert pixels[10, 15] == 25
    assert np.isnan(pixels[12, 14]) and np.isnan(pixels[11, 12])
    assert pixels.index.get_level_values("bin1").min() == 10 and pixels.index.get_level_values("bin2").max() == 29
    assert (
        pixels.index.get_level_values("bin2") - pixels.index.get_level_values("bin1")
    ).max() == arrays.meta.band_bins - 1


def test_tracks_cover_the_region_and_keep_their_peaks(arrays, monkeypatch):
    monkeypatch.setattr(regions, "TRACK_POINTS", 10)
    tracks = regions.region_tracks(arrays, "s", ("c", 10_000, 30_000))
    atac = tracks[tracks["track"] == "atac"]
    assert (atac["start"].iloc[0], atac["end"].iloc[-1], len(atac)) == (10_000, 30_000, 10)
    assert atac["value"].tolist() == list(range(23, 60, 4))  # the last of four: the highest
    assert (tracks.loc[tracks["track"] == "ctcf", "value"] == 1).all()


def test_the_best_model_is_best_in_the_first_metric_there_is():
    scores = pd.DataFrame(
        [
            ("a", "all", "s", "aupr", 0.5),
            ("b", "all", "s", "aupr", 0.6),
            ("a", "1", "s", "aupr", 0.9),
            ("a", "all", "s", "auroc", 0.9),
        ],
        columns=["model", "seed", "sample", "metric", "value"],
    )
    assert regions.best_model(scores, ["loop_f1_1", "aupr", "auroc"], ["a", "b"]) == "b"
    assert regions.best_model(scores, ["auroc"], ["a", "b"]) == "a"
    assert regions.best_model(scores, ["aupr"], ["c"]) is None


STRUCTURED = pd.DataFrame(
    {"chrom": ["c", "c"], "start": [0, 50_000], "end": [50_000, 150_000], "split": ["train", "test"]}
)


def domains(folder, *planted, masked=(), flat=20.0):
    """Arrays of 150 bins of 1 kb with a smooth decay, and with three times its contacts in each planted stretch of bins."""
    at = np.arange(150)
    dense = flat / (1 + np.abs(at[:, None] - at)) * 10
    for first, last in planted:
        dense[first:last, first:last] *= 3
    meta = ArraysMeta(1000, 500, 4, 26, ("atac",), ("s",), {"c": 150_000}, {"s": 1.0})
    one = {
        "contacts": band_of(dense, meta.band_bins),
        "valid": ~np.isin(at, list(masked)),
        "tracks": np.ones((300, 1)),
    }
    return write_arrays(folder / "arrays", meta, {("s", "c"): one})


def overlap(region, first, last):
    return min(region[2], last * 1000) - max(region[1], first * 1000)


def test_the_structured_region_is_where_contacts_depart_from_their_decay(tmp_path):
    for place in (60, 90, 118):
        arrays = domains(tmp_path / str(place), (place, place + 20))
        region = regions.structured_region(arrays, "s", STRUCTURED, 30_000)
        assert region[0] == "c" and region[2] - region[1] == 30_000
        assert overlap(region, place, place + 20) >= 18_000, "its last bins have no contacts of it farther on"


def test_structure_in_training_regions_does_not_count(tmp_path):
    arrays = domains(tmp_path, (5, 45), (90, 105))
    region = regions.structured_region(arrays, "s", STRUCTURED, 30_000)
    assert region[1] >= 50_000
    assert overlap(region, 90, 105) >= 13_000


def test_masked_bins_show_no_structure(tmp_path):
    hidden = range(60, 80)
    arrays = domains(tmp_path, (60, 80), (115, 127), masked=hidden)
    region = regions.structured_region(arrays, "s", STRUCTURED, 30_000)
    assert overlap(region, 115, 127) >= 10_000, "the weaker one, for the other is masked"
    unmasked = regions.structured_region(domains(tmp_path / "seen", (60, 80), (115, 127)), "s", STRUCTURED, 30_000)
    assert overlap(unmasked, 60, 80) >= 18_000


def test_a_structured_region_is_not_longer_than_its_test_region_and_needs_one(tmp_path):
    arrays = domains(tmp_path, (60, 80))
    assert regions.structured_region(arrays, "s", STRUCTURED, 5_000_000) == ("c", 50_000, 150_000)
    with pytest.raises(ValueError, match="test"):
        regions.structured_region(arrays, "s", STRUCTURED[:1], 30_000)


def test_departure_is_from_the_mean_at_the_same_distance_by_hand():
    pixels = pd.DataFrame({"bin1": [0, 1, 0, 1], "bin2": [0, 1, 1, 2], "contacts": [7.0, 1.0, 3.0, np.nan]})
    found = regions.departure(pixels)["log2_oe"]
    assert found.iloc[:3].tolist() == pytest.approx([np.log2(8 / 5), np.log2(2 / 5), 0.0])
    assert np.isnan(found.iloc[3])
