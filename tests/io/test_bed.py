"""Interval files."""

import gzip

import pytest

from chiasma.core.errors import InputError
from chiasma.io.bed import read_bedgraph, read_loci, read_peaks, read_states, write_peaks

NARROW = "1\t5\t9\tp\t33\t.\t2.5\t3\t1\t2\n"


def write(path, text):
    path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())
    return path


@pytest.mark.parametrize(
    ("name", "text", "score"),
    [
        ("p.narrowPeak.gz", NARROW, 2.5),
        ("p.narrowPeak", "track type=narrowPeak\n#x\n" + NARROW, 2.5),
        ("p.bed", "chrom\tstart\tend\n1\t5\t9\n", 0.0),
        ("p.bed.gz", "1\t5\t9\tname\t33\t+\n", 33.0),
        ("p.bed", "1\t5\t9\tname\n", 0.0),
    ],
)
def test_peaks_with_the_score_their_format_has(tmp_path, name, text, score):
    frame = read_peaks(write(tmp_path / name, text))
    assert frame.to_dict("records") == [{"chrom": "1", "start": 5, "end": 9, "score": score}]


@pytest.mark.parametrize("name", ["p.narrowPeak.gz", "p.bed"])
@pytest.mark.parametrize("head", ["", "track name=x\n#y\n", "chrom\tstart\tend\n"])
def test_loci_are_the_first_three_columns_in_the_files_order(tmp_path, name, head):
    found = read_loci(write(tmp_path / name, head + NARROW + "X 0 7\n"))
    assert found.to_dict("records") == [{"chrom": "1", "start": 5, "end": 9}, {"chrom": "X", "start": 0, "end": 7}]


def test_written_peaks_are_bed(tmp_path):
    frame = read_peaks(write(tmp_path / "p.narrowPeak", NARROW)).assign(name="peak_1", strand=".")
    write_peaks(frame, tmp_path / "o.bed")
    assert (tmp_path / "o.bed").read_text() == "1\t5\t9\tpeak_1\t2.5\t.\n"


def test_bedgraph_values_and_rows_that_stand_there_twice(tmp_path):
    frame = read_bedgraph(write(tmp_path / "s.bedGraph", "X\t0\t5\t1.5\nX\t0\t5\t1.5\nX\t5\t6\t2\n"))
    assert frame.to_dict("list") == {"chrom": ["X", "X"], "start": [0, 5], "end": [5, 6], "value": [1.5, 2.0]}


@pytest.mark.parametrize("name", ["s.bed", "s.bed.gz"])
def test_states_are_names_in_the_files_order_a_number_too(tmp_path, name):
    frame = read_states(write(tmp_path / name, "1\t5\t9\t12\nX\t0\t7\t3\n"))
    assert frame.to_dict("list") == {"chrom": ["1", "X"], "start": [5, 0], "end": [9, 7], "name": ["12", "3"]}


@pytest.mark.parametrize(
    ("read", "text", "message"),
    [
        (read_states, "1\t0\t5\n", "expected four columns chrom start end name"),
        (read_states, "1\t0\t5\tA\n1\t5\t9\t\n", "found rows without"),
        (read_peaks, "", "no intervals"),
        (read_loci, "# only a comment\n", "no intervals"),
        (read_loci, "1\t0\t5\n1\t9\t5\n", "line 2: expected chrom, start, end with 0 <= start < end, found '1 9 5'"),
        (read_loci, "1\t0\t5\n1\tx\ty\n", "line 2: expected chrom, start, end"),
        (read_loci, "1\t0\n", "line 1: expected chrom, start, end"),
        (read_peaks, "# only a comment\n", "no intervals"),
        (read_peaks, "1\t9\t5\n", "expected 0 <= start < end, found 1:9-5"),
        (read_peaks, "1\t0\t5\n1\tx\t5\n", "not a whole interval file"),
        (read_peaks, "1 0 5\n1 7 9\n", "expected chrom, start, end separated by tabs"),
        (read_bedgraph, "1\t0\t5\n", "expected four columns"),
        (read_bedgraph, "1\t0\t5\t.\n", "value '.' is not a finite number"),
        (read_bedgraph, "1\t0\t5\tinf\n", "not a finite number"),
    ],
)
def test_malformed(tmp_path, read, text, message):
    with pytest.raises(InputError, match=message):
        read(write(tmp_path / "f.bed", text))


def test_truncated_gzip(tmp_path):
    path = write(tmp_path / "f.bed.gz", "".join(f"1\t{i}\t{i + 7}\n" for i in range(5000)))
    path.write_bytes(path.read_bytes()[:-500])
    with pytest.raises(InputError, match="not a whole"):
        read_peaks(path)
