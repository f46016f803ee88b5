"""Regions become the tiles of the index where they coincide with one, and else a row with the first reason that holds."""

import logging

import numpy as np
import pandas as pd
import pytest

from chiasma.core.errors import InputError
from chiasma.tiles.arrays import band_of, write_arrays
from chiasma.tiles.index import check_tiles
from chiasma.tiles.regions import place_regions, report_regions

SPLITS = pd.DataFrame(
    [("one", 0, 20_000, "train"), ("one", 20_000, 60_500, "test"), ("two", 0, 45_000, "valid")],
    columns=["chrom", "start", "end", "split"],
)


def pairs(*rows):
    return pd.DataFrame(rows, columns=["chrom1", "start1", "end1", "chrom2", "start2", "end2"])


def at_bins(*bins, chrom="one"):
    """Anchors of one bin each."""
    return pairs(*((chrom, x * 1000, x * 1000 + 1000, chrom, y * 1000, y * 1000 + 1000) for x, y in bins))


@pytest.fixture(scope="module")
def arrays(meta, tmp_path_factory):
    """A full map but for bin 30 of "one", and tracks but for bin 50 of it."""
    content = {}
    for sample in meta.samples:
        for chrom in meta.chromosomes:
            bins = meta.bins(chrom)
            valid, tracks = np.ones(bins, bool), np.ones((bins * meta.bin_tracks, 2))
            if chrom == "one":
                valid[30], tracks[50 * meta.bin_tracks + 1, 0] = False, np.nan
            content[sample, chrom] = {"contacts": band_of(np.ones((bins, bins)), meta.band_bins)}
            content[sample, chrom] |= {"valid": valid, "tracks": tracks}
    return write_arrays(tmp_path_factory.mktemp("regions") / "arrays", meta, content)


def test_regions_on_tiles_of_the_index_are_those_tiles(arrays):
    bins = pd.DataFrame({"bin1": [5, 26, 8, 40], "bin2": [9, 30, 8, 44], "sample": "b", "chrom": "one"})
    wanted = check_tiles(arrays, SPLITS, bins, 0.0)
    found = place_regions(arrays, "b", at_bins((5, 9), (26, 30), (8, 8), (40, 44)), SPLITS)
    names = ["sample", "chrom", "bin1", "bin2", "start1", "end1", "start2", "end2", "split", "kept", "reason"]
    pd.testing.assert_frame_equal(found[names], wanted[names])
    assert set(found["reason"]) == {"", "masked_centre"} and set(found["split"]) == {"train", "test"}
    own_span = wanted[["chrom", "start1", "end1", "chrom", "start2", "end2"]].set_axis(pairs().columns, axis=1)
    pd.testing.assert_frame_equal(place_regions(arrays, "b", own_span, SPLITS)[names], wanted[names])


@pytest.mark.parametrize(
    ("region", "reason"),
    [
        (("one", 5000, 6000, "two", 5000, 6000), "trans"),
        (("three", 5000, 6000, "three", 5000, 6000), "unknown_chromosome"),
        (("one", 2000, 3000, "one", 9000, 9500), "leaves_chromosome"),  # its rows begin at bin -1
        (("one", 3000, 4000, "one", 9000, 9500), ""),
        (("one", 50_000, 51_000, "one", 58_000, 59_000), "leaves_chromosome"),  # its columns end at bin 61 of 60.5
        (("one", 50_000_000, 50_001_000, "one", 50_000_000, 50_001_000), "leaves_chromosome"),
        (("one", 5000, 6000, "one", 18_000, 19_000), "beyond_band"),
        (("one", 5000, 6000, "one", 17_000, 18_000), ""),
        (("one", 22_000, 23_000, "one", 30_000, 31_000), "masked_centre"),
        (("one", 40_000, 41_000, "one", 52_000, 53_000), "masked_track"),  # the strip reaches over bin 50
        (("one", 40_000, 41_000, "one", 47_000, 48_000), ""),  # it ends before bin 50
    ],
)
def test_what_has_no_tile_says_why(arrays, region, reason):
    found = place_regions(arrays, "a", pairs(region), SPLITS)
    assert found["reason"].tolist() == [reason] and found["kept"].tolist() == [reason == ""]


def test_rows_keep_their_number_and_anchors_are_put_in_order(arrays):
    found = place_regions(arrays, "a", at_bins((9, 5), (0, 0), (9, 5)))
    assert found["region"].tolist() == [0, 1, 2]
    assert found["kept"].tolist() == [True, False, True], "a region may come twice"
    assert found.loc[0, ["bin1", "bin2"]].tolist() == [5, 9]
    assert set(found["split"]) == {"none"}, "nobody said which"


def test_an_unknown_sample_is_named(arrays):
    with pytest.raises(InputError, match="unknown sample 'c'"):
        place_regions(arrays, "c", at_bins((5, 9)))


def test_the_report_counts_reasons_and_refuses_nothing_at_all(arrays, caplog):
    logging.getLogger("chiasma").propagate = True
    with caplog.at_level("INFO"):
        report_regions(place_regions(arrays, "a", at_bins((5, 9), (0, 0), (1, 1), (5, 30))), "mine.bedpe")
    assert "mine.bedpe: 1 of 4 regions have a tile; dropped {'beyond_band': 1, 'leaves_chromosome': 2}" in caplog.text
    with pytest.raises(InputError, match="none of the 2 regions.*'unknown_chromosome': 2.*first chromosome is 'chr9'"):
        report_regions(place_regions(arrays, "a", at_bins((5, 9), (6, 9), chrom="chr9")), "mine.bedpe")
    with pytest.raises(InputError, match="none of the 0 regions"):
        report_regions(place_regions(arrays, "a", pairs()), "mine.bedpe")
