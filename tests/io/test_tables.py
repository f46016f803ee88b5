"""What is written is read again; what is not the table is refused with its place."""

import numpy as np
import pandas as pd
import pytest

from chiasma.core.errors import InputError
from chiasma.io.tables import read_parquet, read_tsv, read_tsvs, write_parquet, write_tsv
from chiasma.schema.tables import HISTORY, SPLITS, TILES


def tiles():
    row = {
        "sample": "NA",
        "chrom": "1",
        "chrom2": "1",
        "bin1": 0,
        "bin2": 4,
        "start1": 0,
        "end1": 5,
        "start2": 4,
        "end2": 9,
    }
    rows = [
        row | {"source": "tiling", "split": "none", "kept": kept, "reason": reason}
        for kept, reason in ((True, ""), (False, "gap"))
    ]
    return pd.DataFrame(rows)[TILES.names]


@pytest.mark.parametrize(
    ("read", "write", "suffix"), [(read_tsv, write_tsv, "tsv"), (read_parquet, write_parquet, "parquet")]
)
def test_round_trip_keeps_text_that_looks_like_numbers_bools_and_empty_cells(tmp_path, read, write, suffix):
    path = tmp_path / f"tiles.{suffix}"
    write(tiles()[TILES.names[::-1]], path, TILES)  # the order of columns is the table's, not the frame's
    found = read(path, TILES)
    pd.testing.assert_frame_equal(found, tiles())
    assert found["kept"].dtype == bool


def test_floats_keep_all_digits_and_nan(tmp_path):
    frame = pd.DataFrame(
        {"step": [1, 2], "epoch": [0, 0], "split": "train", "part": "total", "value": [0.1 + 0.2, np.nan]}
    )
    frame = frame.assign(chance=np.inf, floor=-1e-300)
    write_tsv(frame, tmp_path / "h.tsv", HISTORY)
    pd.testing.assert_frame_equal(read_tsv(tmp_path / "h.tsv", HISTORY), frame, check_exact=True)


def test_missing_column_wrong_type_empty_and_absent_file(tmp_path):
    path = tmp_path / "splits.tsv"
    path.write_text("chrom\tstart\tend\n1\t0\t5\n")
    with pytest.raises(InputError, match=r"splits.tsv: not a splits table: missing columns \['split'\]"):
        read_tsv(path, SPLITS)
    path.write_text("chrom\tstart\tend\tsplit\n1\tzero\t5\ttrain\n")
    with pytest.raises(InputError, match="wrong type"):
        read_tsv(path, SPLITS)
    path.write_text("")
    with pytest.raises(InputError, match="not a tab-separated table"):
        read_tsv(path, SPLITS)
    for read in (read_tsv, read_parquet):
        with pytest.raises(InputError, match="no such file"):
            read(tmp_path / "absent", SPLITS)
    with pytest.raises(InputError, match="not a Parquet file"):
        read_parquet(path, SPLITS)


def test_a_bool_that_is_neither_is_refused(tmp_path):
    path = tmp_path / "tiles.tsv"
    tiles().astype({"kept": str}).assign(kept="maybe").to_csv(path, sep="\t", index=False)
    with pytest.raises(InputError, match="'maybe' is not True or False"):
        read_tsv(path, TILES)


def test_a_frame_of_another_table_leaves_no_file(tmp_path):
    with pytest.raises(InputError):
        write_tsv(tiles(), tmp_path / "x.tsv", SPLITS)
    assert not list(tmp_path.iterdir())


def test_several_tables_are_read_below_each_other_and_none_are_an_empty_one(tmp_path):
    for name in ("first", "second"):
        write_tsv(tiles().assign(sample=name), tmp_path / f"{name}.tsv", TILES)
    found = read_tsvs([tmp_path / "second.tsv", tmp_path / "first.tsv"], TILES)
    assert found["sample"].tolist() == ["second", "second", "first", "first"] and found.index.tolist() == [0, 1, 2, 3]
    assert len(read_tsvs([], TILES)) == 0 and list(read_tsvs([], TILES)) == TILES.names
