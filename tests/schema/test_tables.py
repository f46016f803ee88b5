"""Tables: one list of columns each, and the one door that lets a frame in."""

import pandas as pd
import pytest

from chiasma.core.errors import InputError
from chiasma.schema.tables import SPLITS, TABLES, conform


def frame(**changed):
    return pd.DataFrame({"split": ["train"], "chrom": ["c1"], "end": ["9"], "start": [0.0]} | changed)


def test_columns_come_out_in_order_and_typed():
    out = conform(frame(), SPLITS, "x")
    assert list(out) == ["chrom", "start", "end", "split"]
    assert out.dtypes["end"] == out.dtypes["start"] == "int64"


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (frame().drop(columns="end"), r"missing columns \['end'\]"),
        (frame(more=[1]), r"unknown columns \['more'\]"),
        (frame(end=["far"]), "wrong type"),
        (frame(start=[float("nan")]), "wrong type"),
        (frame(start=[0.5]), "wrong type"),
    ],
)
def test_another_frame_is_refused_with_the_reason(wrong, said):
    with pytest.raises(InputError, match=said):
        conform(wrong, SPLITS, "x.tsv")


def test_every_column_has_a_meaning_and_a_name_once():
    for name, table in TABLES.items():
        assert table.name == name
        assert len(set(table.names)) == len(table.names)
        assert all(column.meaning for column in table.columns)
