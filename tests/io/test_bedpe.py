"""Calls and foreign BEDPE."""

import gzip

import bioframe
import pandas as pd
import pytest

from chiasma.core.errors import InputError
from chiasma.io.bedpe import read_bedpe, read_calls, write_bedpe, write_calls

ROW = {"chrom1": "1", "start1": 0, "end1": 5, "chrom2": "1", "start2": 20, "end2": 25, "score": 9.0}


def test_calls_round_trip_and_are_bedpe_for_others(tmp_path):
    calls = pd.DataFrame(
        [
            ROW
            | {
                "name": "loop1",
                "score": 9.0,
                "strand1": ".",
                "strand2": ".",
                "split": "test",
                "pixels": 3,
                "fdr": float("nan"),
            }
        ]
    )
    write_calls(calls, tmp_path / "c.bedpe")
    pd.testing.assert_frame_equal(read_calls(tmp_path / "c.bedpe"), calls, check_like=True)
    assert (tmp_path / "c.bedpe").read_text().startswith("#chrom1\tstart1\t")
    pd.testing.assert_frame_equal(read_bedpe(tmp_path / "c.bedpe"), pd.DataFrame([ROW]))


@pytest.mark.filterwarnings("ignore:Length of header or names does not match")  # columns beyond BEDPE's ten
def test_calls_load_in_bioframe(tmp_path):
    row = ROW | {"chrom1": "chr1", "chrom2": "chr1"}
    rest = {"name": "loop1", "strand1": ".", "strand2": ".", "split": "test", "pixels": 3, "fdr": 0.1}
    write_calls(pd.DataFrame([row | rest]), tmp_path / "c.bedpe")
    found = bioframe.read_table(tmp_path / "c.bedpe", schema="bedpe", comment="#")
    assert found.loc[0, list(row)].to_dict() == row
    second = ("chrom2", "start2", "end2")
    assert len(bioframe.overlap(found, found, cols1=second, cols2=second)) == 1, "its columns are intervals to bioframe"


@pytest.mark.parametrize("head", ["", "# made by hand\n", "chr1\tx1\tx2\tchr2\ty1\ty2\n", "track name=loops\n"])
def test_foreign_headers_are_skipped(tmp_path, head):
    with gzip.open(tmp_path / "f.bedpe.gz", "wt") as handle:
        handle.write(head + "1\t0\t5\t1\t20\t25\t.\t9\n")
    pd.testing.assert_frame_equal(read_bedpe(tmp_path / "f.bedpe.gz"), pd.DataFrame([ROW]))


def test_no_rows_is_an_empty_frame_with_the_columns(tmp_path):
    write_bedpe(pd.DataFrame([ROW]).iloc[:0], tmp_path / "e.bedpe")
    assert read_bedpe(tmp_path / "e.bedpe").dtypes.to_dict() == pd.DataFrame([ROW]).dtypes.to_dict()


@pytest.mark.parametrize("line", ["1\t0\t5\t1\t20", "1\t0\t5\t1\tx\t25", "1\t5\t5\t1\t20\t25", "1\t-1\t5\t1\t20\t25"])
def test_malformed_line_is_named(tmp_path, line):
    (tmp_path / "f.bedpe").write_text("1\t0\t5\t1\t20\t25\n\n" + line + "\n")
    with pytest.raises(InputError, match=r"f.bedpe line 3: expected"):
        read_bedpe(tmp_path / "f.bedpe")


def test_truncated_gzip_is_refused(tmp_path):
    whole = gzip.compress(b"1\t0\t5\t1\t20\t25\n" * 1000)
    (tmp_path / "f.bedpe.gz").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(InputError, match="not a whole text or gzip file"):
        read_bedpe(tmp_path / "f.bedpe.gz")


def test_scores_round_trip_and_a_missing_one_is_not_a_number(tmp_path):
    frame = pd.DataFrame([ROW, ROW | {"score": float("nan")}])
    write_bedpe(frame, tmp_path / "s.bedpe")
    pd.testing.assert_frame_equal(read_bedpe(tmp_path / "s.bedpe"), frame)
    (tmp_path / "six.bedpe").write_text("1\t0\t5\t1\t20\t25\n")
    assert read_bedpe(tmp_path / "six.bedpe")["score"].isna().all()
