"""The audit counts shared bases as sets of bases would, catches a planted leak and passes a clean table."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chiasma.evaluation.leak_audit import Windows, as_train, audit, compare, covered, regions_of, windows_of


def windows(*rows):
    """Windows from (chrom, split, (start, end), (start, end))."""
    chrom, split, first, second = zip(*rows, strict=True)
    both = np.stack([np.array(first), np.array(second)], axis=1)
    return Windows(np.stack([np.array(chrom, object)] * 2, axis=1), both[..., 0], both[..., 1], np.array(split, object))


def row_of(rows, table, first, second):
    found = [row for row in rows if (row["table"], row["first"], row["second"]) == (table, first, second)]
    assert len(found) == 1
    return found[0]


CLEAN = windows(
    ("c", "train", (0, 100), (100, 200)), ("c", "test", (200, 300), (300, 400)), ("c", "valid", (400, 500), (400, 500)),
    ("d", "test", (0, 100), (50, 150)),
)  # fmt: skip


def test_a_clean_table_is_clean_even_where_windows_touch():
    rows = audit({"tiles": CLEAN})
    assert [(row["first"], row["second"]) for row in rows] == [("train", "valid"), ("train", "test"), ("valid", "test")]
    assert all(row["verdict"] == "clean" and row["shared_bp"] == 0 and row["examples"] == 0 for row in rows)


def test_one_planted_base_is_a_leak():
    leaky = windows(
        ("c", "train", (0, 100), (150, 201)), ("c", "train", (0, 100), (0, 100)), ("c", "test", (200, 300), (300, 400))
    )
    row = row_of(audit({"tiles": leaky}), "tiles", "train", "test")
    assert row == {
        "table": "tiles",
        "first": "train",
        "second": "test",
        "shared_bp": 1,
        "examples": 2,
        "verdict": "leak",
    }


def test_two_clean_tables_can_leak_into_each_other():
    other = windows(("d", "train", (140, 240), (140, 240)), ("c", "valid", (450, 550), (450, 550)))
    rows = audit({"pretraining": other, "task": CLEAN})
    assert {row["verdict"] for row in rows if " x " not in row["table"]} == {"clean"}
    leaks = [row for row in rows if row["verdict"] == "leak"]
    assert leaks == [
        {
            "table": "pretraining x task",
            "first": "train",
            "second": "test",
            "shared_bp": 10,
            "examples": 2,
            "verdict": "leak",
        }
    ], "bases of one split in both tables are no leak"


def test_the_same_name_on_another_chromosome_is_no_leak():
    other = windows(("e", "train", (0, 1000), (0, 1000)))
    assert all(row["verdict"] == "clean" for row in audit({"one": CLEAN, "two": other}))


def test_splits_are_audited_as_one_more_table_and_gaps_belong_to_none():
    splits = {
        "chrom": ["c"] * 4,
        "start": [0, 200, 210, 390],
        "end": [200, 210, 390, 600],
        "split": ["train", "gap", "test", "valid"],
    }
    splits = {name: np.array(values, object if name in ("chrom", "split") else int) for name, values in splits.items()}
    rows = audit({"tiles": CLEAN, "splits": regions_of(splits)})
    leak = row_of(rows, "tiles x splits", "test", "valid")
    assert (leak["shared_bp"], leak["examples"]) == (10, 2)
    assert sum(row["verdict"] == "leak" for row in rows) == 1


def test_transductive_training_shows_as_a_leak():
    rows = audit({"pretraining": as_train(CLEAN), "task": CLEAN})
    assert row_of(rows, "pretraining x task", "train", "test")["shared_bp"] == 200 + 150


TABLE = {
    "chrom": np.array(["c", "c", "d"], object), "bin1": np.array([10, 20, 30]), "bin2": np.array([12, 20, 40]),
    "split": np.array(["train", "test", "none"], object), "kept": np.array([True, False, True]),
}  # fmt: skip


def test_examples_get_the_tile_around_their_bins():
    found = windows_of(TABLE, 1000, 6)
    assert found.chrom.tolist() == [["c", "c"], ["d", "d"]], "dropped rows are not seen"
    assert found.start.tolist() == [[7000, 9000], [27000, 37000]]
    assert found.end.tolist() == [[13000, 15000], [33000, 43000]]


def test_tiles_state_their_windows_and_these_are_taken():
    stated = {
        **TABLE,
        "start1": np.arange(3),
        "end1": np.arange(3) + 5,
        "start2": np.arange(3) + 7,
        "end2": np.arange(3) + 9,
    }
    found = windows_of(stated, 1000, 6)
    assert found.start.tolist() == [[0, 7], [2, 9]] and found.end.tolist() == [[5, 9], [7, 11]]


def test_a_window_between_chromosomes_covers_bases_of_both():
    """Rows on c [0, 100), columns on d [40, 60): it shares 20 bp of d with a test window, and nothing with [40, 60) of c."""
    table = {"chrom": ["c"], "chrom2": ["d"], "split": ["train"], "kept": [True]}
    spans = {"start1": [0], "end1": [100], "start2": [40], "end2": [60]}
    between = windows_of({name: np.array(values) for name, values in (table | spans).items()}, 10, 10)
    on_d, on_c = windows(("d", "test", (0, 50), (50, 90))), windows(("c", "test", (100, 160), (200, 260)))
    assert compare(between, on_d) == compare(on_d, between) == (20, 2)
    assert compare(between, on_c) == (0, 0)


def test_an_empty_table_is_clean():
    empty = Windows(np.zeros((0, 2), object), np.zeros((0, 2), int), np.zeros((0, 2), int), np.zeros(0, object))
    assert all(row["verdict"] == "clean" for row in audit({"none": empty, "tiles": CLEAN}))


SETTINGS = settings(max_examples=150, deadline=None, derandomize=True)
intervals = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 12)), max_size=12)
examples = st.lists(
    st.tuples(st.sampled_from("cd"), st.integers(0, 60), st.integers(1, 9), st.integers(0, 60)), min_size=1, max_size=8
)


@given(intervals)
@SETTINGS
def test_the_union_holds_each_base_once(pieces):
    start, end = (np.array([low for low, _ in pieces], int), np.array([low + width for low, width in pieces], int))
    low, high = covered(start, end)
    bases = {base for first, last in zip(start, end, strict=True) for base in range(first, last)}
    assert {base for first, last in zip(low, high, strict=True) for base in range(first, last)} == bases
    assert (high[:-1] < low[1:]).all()


@given(examples, examples)
@SETTINGS
def test_comparing_equals_comparing_sets_of_bases(one, two):
    def bases(example):
        chrom, first, width, second = example
        return {(chrom, base) for start in (first, second) for base in range(start, start + width)}

    seen = [set().union(*map(bases, side)) for side in (one, two)]
    touching = sum(bool(bases(example) & seen[1]) for example in one) + sum(
        bool(bases(example) & seen[0]) for example in two
    )
    made = [windows(*((c, "train", (a, a + w), (b, b + w)) for c, a, w, b in side)) for side in (one, two)]
    assert compare(*made) == (len(seen[0] & seen[1]), touching)


@pytest.mark.parametrize("split", ["none", "gap"])
def test_examples_outside_every_split_are_not_compared(split):
    rows = audit({"tiles": windows(("c", "train", (0, 100), (0, 100)), ("c", split, (0, 100), (0, 100)))})
    assert all(row["verdict"] == "clean" for row in rows)
