"""Windows of a grid by hand, and tables of windows in order."""

import numpy as np
import pandas as pd

from chiasma.schema.tables import EXAMPLES
from chiasma.tiles.window_grid import (
    KEYS,
    PIECE,
    WindowGrid,
    draw_windows,
    evenly_spread,
    in_genomic_order,
    in_pieces,
    tiled_windows,
)

SPLITS = pd.DataFrame(
    [("one", 0, 61_000, "train"), ("two", 0, 45_000, "test")], columns=["chrom", "start", "end", "split"]
)


def test_windows_start_flush_with_the_chromosome_and_step_along_and_off_the_diagonal(meta):
    found = draw_windows(WindowGrid(20, 0.0, 5, 12), meta, "two")
    assert found.to_numpy().tolist() == [[3, 3], [3, 8], [3, 13], [23, 23], [23, 28], [23, 33], [43, 43]]
    assert draw_windows(WindowGrid(20, 0.0), meta, "two").to_numpy().tolist() == [[3, 3], [23, 23], [43, 43]]


def test_every_sample_has_the_same_places_with_their_bases_and_reasons(known):
    found = tiled_windows(WindowGrid(20, 0.0), known.arrays, SPLITS, ["b", "a"], ["two"])
    assert found["sample"].tolist() == ["b"] * 3 + ["a"] * 3
    assert (found["label"] == 1).all() and set(found["source"]) == {"tiling"}
    own = found[found["sample"] == "a"]
    assert own["start1"].tolist() == [0, 20_000, 40_000] and own["end2"].tolist() == [6_000, 26_000, 46_000]
    assert own["split"].tolist()[:2] == ["test", "test"] and own["reason"].tolist()[2] == "leaves_chromosome"
    assert {*EXAMPLES.names} < {*found} == {*tiled_windows(WindowGrid(20, 0.0), known.arrays, SPLITS, [], [])}


def test_examples_in_genomic_order_are_those_of_the_table(known):
    found = in_genomic_order(tiled_windows(WindowGrid(20, 0.0), known.arrays, SPLITS, ["b", "a"], ["two", "one"]))
    assert list(found) == EXAMPLES.names
    pd.testing.assert_frame_equal(found, found.sort_values(KEYS).reset_index(drop=True))


def test_no_more_windows_than_asked_for_are_taken_from_the_first_row_to_the_last():
    rows = pd.DataFrame({"bin1": range(47)})
    assert evenly_spread(rows, 10).index.tolist()[::9] == [0, 46] and len(evenly_spread(rows, 10)) == 10
    assert len(evenly_spread(rows, 0)) == len(evenly_spread(rows, 100)) == 47


def test_each_window_lies_in_one_piece_of_its_place_and_no_piece_is_too_large():
    count = 2 * PIECE + 5
    rows = pd.DataFrame({"sample": ["b", "a"] * count, "chrom": "one", "bin1": range(2 * count), "bin2": 7})
    pieces = list(in_pieces(rows))
    assert [len(at) for at, *_ in pieces] == [PIECE, PIECE, 5] * 2
    assert sorted(np.concatenate([at for at, *_ in pieces])) == list(range(2 * count))
    for at, place, bin1, bin2 in pieces:
        assert set(rows["sample"].to_numpy()[at]) == {place[0]} and place[1] == "one"
        assert bin1.tolist() == at.tolist() and (bin2 == 7).all()
