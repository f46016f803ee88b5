"""Mustache's table: columns, half-open coordinates, and messages for what is none."""

from __future__ import annotations

import pytest

from chiasma.core.errors import InputError
from chiasma.io.mustache import read_mustache

HEAD = "BIN1_CHR\tBIN1_START\tBIN1_END\tBIN2_CHROMOSOME\tBIN2_START\tBIN2_END\tFDR\tDETECTION_SCALE"
ROW = "chr1\t2790000\t2795000\tchr1\t3065000\t3070000\t4.303224443447107e-11\t2.111212657236631"  # as the program wrote it


@pytest.fixture
def write(tmp_path):
    def written(*lines):
        path = tmp_path / "loops.tsv"
        path.write_text("\n".join(lines) + "\n")
        return path

    return written


def test_a_row_of_the_program_is_read(write):
    (loop,) = read_mustache(write(HEAD, ROW)).itertuples(index=False)
    assert (loop.chrom1, loop.start1, loop.end1) == ("chr1", 2_790_000, 2_795_000)
    assert (loop.chrom2, loop.start2, loop.end2) == ("chr1", 3_065_000, 3_070_000)
    assert loop.end1 - loop.start1 == 5000  # half-open: as wide as a bin
    assert (loop.fdr, loop.scale_bins) == (4.303224443447107e-11, 2.111212657236631)


def test_no_loops_are_no_rows(write):
    assert read_mustache(write(HEAD)).empty


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ((HEAD.replace("FDR", "PVALUE"), ROW), "not a table of Mustache: found columns .*PVALUE.*; expected .*FDR"),
        ((HEAD, ROW.replace("2790000", "2.79e6x")), "a cell is no number: .*2.79e6x"),
        ((HEAD, ROW.replace("2795000", "2790000")), "0 <= start < end"),
        ((HEAD, ROW.replace("4.303224443447107e-11", "1.5")), "FDR from 0 to 1"),
        ((HEAD, ROW.replace("4.303224443447107e-11", "nan")), "FDR from 0 to 1"),
        ((HEAD, ROW + "\tmore"), "not a table of Mustache|not a tab-separated table|a cell is no number"),
    ],
)
def test_what_is_no_table_of_mustache_is_refused(write, lines, message):
    with pytest.raises(InputError, match=message):
        read_mustache(write(*lines))


def test_a_missing_table_is_an_error(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        read_mustache(tmp_path / "none.tsv")
