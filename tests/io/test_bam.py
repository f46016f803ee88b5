"""Reads are checked before they are counted."""

import pysam
import pytest

from chiasma.core.errors import InputError
from chiasma.io.bam import indexed, read_chromosomes, write_coverage
from chiasma.io.bigwig import read_bin_sums


def write_bam(path, order="coordinate", starts=(100, 100, 350), index=True):
    header = {"HD": {"VN": "1.6", "SO": order}, "SQ": [{"SN": "1", "LN": 1000}]}
    with pysam.AlignmentFile(str(path), "wb", header=header) as file:
        for number, start in enumerate(starts):
            read = pysam.AlignedSegment(file.header)
            read.query_name, read.query_sequence = f"r{number}", "A" * 50
            read.reference_id, read.reference_start, read.cigarstring, read.mapping_quality = 0, start, "50M", 60
            read.query_qualities = pysam.qualitystring_to_array("I" * 50)
            file.write(read)
    if index:
        pysam.index(str(path))
    return path


def test_names_and_lengths_of_a_sorted_indexed_file(tmp_path):
    assert read_chromosomes(write_bam(tmp_path / "r.bam")) == {"1": 1000}


def test_unsorted_unindexed_truncated_and_missing(tmp_path):
    with pytest.raises(InputError, match="sort order is 'unsorted'.*samtools sort"):
        read_chromosomes(write_bam(tmp_path / "u.bam", "unsorted", index=False))
    with pytest.raises(InputError, match="no index beside it.*samtools index"):
        read_chromosomes(write_bam(tmp_path / "n.bam", index=False))
    (tmp_path / "t.bam").write_bytes(b"\x1f\x8b broken")
    with pytest.raises(InputError, match="t.bam: not a whole BAM file"):
        read_chromosomes(tmp_path / "t.bam")
    with pytest.raises(InputError, match="no such file"):
        read_chromosomes(tmp_path / "absent.bam")


def test_reads_without_an_index_get_one_elsewhere(tmp_path):
    (tmp_path / "scratch").mkdir()
    bare = write_bam(tmp_path / "n.bam", index=False)
    found = indexed(bare, tmp_path / "scratch")
    assert read_chromosomes(found) == {"1": 1000}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["n.bam", "scratch"], "the raw folder stays as it was"
    own = write_bam(tmp_path / "r.bam")
    assert indexed(own, tmp_path / "scratch") == own
    unsorted = write_bam(tmp_path / "u.bam", "unsorted", index=False)
    assert indexed(unsorted, tmp_path / "scratch") == unsorted


def test_cpm_is_reads_per_million_in_each_bin(tmp_path):
    write_coverage(write_bam(tmp_path / "r.bam"), tmp_path / "r.bw", 50, "CPM", 1000)
    sums, covered = read_bin_sums(tmp_path / "r.bw", "1", 50)
    assert covered.tolist() == [50] * 20
    per_read = 1e6 / 3
    assert sums[[2, 7, 0]] / 50 == pytest.approx([2 * per_read, per_read, 0])


def test_a_failure_of_the_program_is_told(tmp_path, monkeypatch):
    program = tmp_path / "bamCoverage"
    program.write_text("#!/bin/sh\necho no reads left >&2\nexit 3\n")
    program.chmod(0o755)
    monkeypatch.setattr("sys.executable", str(tmp_path / "python"))
    with pytest.raises(InputError, match="r.bam: bamCoverage failed: no reads left"):
        write_coverage(tmp_path / "r.bam", tmp_path / "r.bw", 50, "CPM", 1000)
