"""Loops: ordered, each once, within the study's chromosomes."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chiasma.assays.loops import LoopsConfig, normalise_loop_file, order_anchors
from chiasma.core.errors import InputError
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
