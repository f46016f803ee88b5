"""Loops: ordered, each once, within the study's chromosomes."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chiasma.assays.loops import (
    LoopsConfig,
    PairsConfig,
    normalise_loop_file,
    order_anchors,
    pair_peak_file,
    pair_peaks,
)
from chiasma.core.errors import ConfigError, InputError
from chiasma.genome.chromosomes import build_assembly
from chiasma.io.bedpe import ANCHORS, read_bedpe

ASSEMBLY = build_assembly("toy", {"chr1": 1000, "chr2": 500}, {"chr1": ["1"], "chr2": ["2"]}, "test")


def normalise(tmp_path, rows, chromosomes=("chr1", "chr2")):
    (tmp_path / "l.bedpe").write_text("".join("\t".join(map(str, row)) + "\n" for row in rows))
    quality = normalise_loop_file(
        tmp_path / "l.bedpe", ASSEMBLY, LoopsConfig(chromosomes), ("s", "HiCCUPS"), tmp_path / "o.bedpe"
    )
    return quality.set_index("metric")["value"], read_bedpe(tmp_path / "o.bedpe")


def test_anchors_in_order_sorted_once_with_the_assemblys_names(tmp_path):
    rows = [
        ("2", 40, 50, "2", 90, 100),
        ("1", 400, 410, "1", 100, 110),  # the other way round
        ("1", 100, 110, "1", 400, 410),  # the same pair
        ("1", 20, 30, "1", 60, 70),
        ("1", 20, 30, "2", 60, 70),  # between chromosomes
        ("X", 20, 30, "X", 60, 70),  # not in the assembly
    ]
    quality, loops = normalise(tmp_path, rows)
    assert loops[list(ANCHORS)].to_numpy().tolist() == [
        ["chr1", 20, 30, "chr1", 60, 70],
        ["chr1", 100, 110, "chr1", 400, 410],
        ["chr2", 40, 50, "chr2", 90, 100],
    ]
    counted = {"rows": 6, "rows_between_chromosomes": 1, "rows_outside_study": 1, "rows_duplicated": 1, "loops": 3}
    assert quality[list(counted)].to_dict() == counted
    assert quality["distance_median_bp"] == 50


def test_a_pair_keeps_the_largest_of_its_scores(tmp_path):
    rows = [("1", 20, 30, "1", 60, 70, ".", score) for score in (2, ".", 7, 3)]
    _, loops = normalise(tmp_path, rows, ["chr1"])
    assert loops["score"].tolist() == [7]


anchor = st.integers(0, 90).flatmap(lambda start: st.integers(start + 1, 100).map(lambda end: (start, end)))


@settings(max_examples=20, deadline=None)
@given(st.lists(st.tuples(anchor, anchor), min_size=1, max_size=10))
def test_ordering_changes_no_pair_and_is_done_once(pairs):
    frame = pd.DataFrame([("a", *one, "a", *two) for one, two in pairs], columns=list(ANCHORS)).assign(score=1.0)
    ordered = order_anchors(frame, ["a"])
    found = [((r.start1, r.end1), (r.start2, r.end2)) for r in ordered.itertuples()]
    assert sorted(found) == sorted({tuple(sorted(pair)) for pair in pairs})
    pd.testing.assert_frame_equal(order_anchors(ordered, ["a"]), ordered)


def test_nothing_in_the_study_or_beyond_the_chromosome(tmp_path):
    with pytest.raises(InputError, match="no loops on any chromosome of the study"):
        normalise(tmp_path, [("1", 0, 5, "1", 20, 25)], ("chr2",))
    with pytest.raises(InputError, match="chr2:490-501 ends beyond"):
        normalise(tmp_path, [("2", 0, 5, "2", 490, 501)])
    with pytest.raises(InputError, match="no loops in the file"):
        normalise(tmp_path, [])
    assert not (tmp_path / "o.bedpe").exists()


def peaks_of(*intervals):
    return pd.DataFrame(intervals, columns=["chrom", "start", "end"])


def test_pairs_of_peaks_by_hand(tmp_path):
    rows = [("chr2", 0, 10), ("chr2", 20, 30), ("chr1", 0, 20), ("chr1", 30, 50), ("chr1", 52, 56), ("chr1", 400, 410)]
    (tmp_path / "p.bed").write_text("".join("\t".join(map(str, row)) + "\n" for row in rows))
    quality = pair_peak_file(tmp_path / "p.bed", PairsConfig(20, 44), ("s", "loops"), tmp_path / "o.bedpe")
    loops = read_bedpe(tmp_path / "o.bedpe")
    # middles 5, 25 | 10, 40, 54, 405: 20 and 44 bp apart are in, 14 bp are too near, 351 bp too far
    assert loops[list(ANCHORS)].to_numpy().tolist() == [
        ["chr2", 0, 10, "chr2", 20, 30],
        ["chr1", 0, 20, "chr1", 30, 50],
        ["chr1", 0, 20, "chr1", 52, 56],
    ]
    assert loops["score"].isna().all()
    assert quality.set_index("metric")["value"].to_dict() == {
        "peaks": 6, "peaks_without_partner": 1, "loops": 3, "chromosomes_without_loops": 0, "distance_median_bp": 30,
    }  # fmt: skip
    assert set(quality["assay"]) == {"loops"}


def test_no_pair_of_peaks_is_an_error_and_writes_nothing(tmp_path):
    (tmp_path / "p.bed").write_text("chr1\t0\t10\nchr2\t20\t30\n")
    with pytest.raises(InputError, match="no pairs of peaks on any chromosome"):
        pair_peak_file(tmp_path / "p.bed", PairsConfig(1, 1000), ("s", "loops"), tmp_path / "o.bedpe")
    assert not (tmp_path / "o.bedpe").exists()
    with pytest.raises(ConfigError, match="min_distance_bp 9 and max_distance_bp 8 must be positive and in order"):
        PairsConfig(9, 8)


@settings(max_examples=30, deadline=None)
@given(
    st.dictionaries(st.sampled_from("ab"), st.sets(st.integers(0, 60), min_size=1, max_size=12), min_size=1),
    st.integers(1, 20),
    st.integers(0, 30),
)
def test_pairs_are_all_those_within_the_distances_and_no_other(starts, least, more):
    rows = [(chrom, 5 * start, 5 * start + 5) for chrom, found in starts.items() for start in sorted(found)]
    loops = pair_peaks(peaks_of(*rows), PairsConfig(least, least + more))
    expected = {
        (one, other)
        for one in rows
        for other in rows
        if one[0] == other[0] and least <= other[1] - one[1] <= least + more
    }
    found = [(tuple(row[:3]), tuple(row[3:6])) for row in loops[list(ANCHORS)].itertuples(index=False)]
    assert len(found) == len(set(found))
    assert set(found) == expected
