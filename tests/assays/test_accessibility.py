"""Peaks: merged, sorted, without the blacklist, none lost silently."""

import logging

import numpy as np
import pytest

from chiasma.assays.accessibility import PeaksConfig, normalise_peak_file
from chiasma.core.errors import InputError
from chiasma.genome.chromosomes import build_assembly
from chiasma.genome.regions import merge

ASSEMBLY = build_assembly("toy", {"chr1": 1000, "chr2": 500, "chr3": 50}, {"chr1": ["1"], "chr2": ["2"]}, "test")


def write(path, rows):
    path.write_text("".join("\t".join(map(str, row)) + "\n" for row in rows))
    return path


def normalise(tmp_path, rows, chromosomes=("chr2", "chr1"), blacklist=None, name="p.bed"):
    raw = write(tmp_path / name, rows)
    quality = normalise_peak_file(raw, ASSEMBLY, PeaksConfig(chromosomes, blacklist), ("s", "ATAC"), tmp_path / "o.bed")
    lines = [line.split("\t") for line in (tmp_path / "o.bed").read_text().splitlines()]
    return quality.set_index("metric")["value"], lines


def test_merged_sorted_by_the_study_with_the_highest_score(tmp_path):
    rows = [
        ("1", 50, 60, "x", 3),
        ("1", 10, 20, "x", 1),
        ("1", 15, 30, "x", 9),
        ("1", 30, 35, "x", 2),
        ("2", 0, 5, "x", 4),
        ("Z", 0, 9, "x", 1),
    ]
    quality, lines = normalise(tmp_path, rows)
    assert lines == [
        ["chr2", "0", "5", "peak_1", "4", "."],
        ["chr1", "10", "35", "peak_2", "9", "."],
        ["chr1", "50", "60", "peak_3", "3", "."],
    ]
    assert quality[["rows", "rows_outside_study", "rows_blacklisted", "peaks"]].tolist() == [6, 1, 0, 3]
    assert quality["width_median_bp"] == 10
    assert quality["covered_fraction"] == pytest.approx(40 / 1500)


def test_merging_equals_interval_algebra(tmp_path):
    rng = np.random.default_rng(0)
    starts = rng.integers(0, 950, 60)
    ends = starts + rng.integers(1, 40, 60)
    _, lines = normalise(tmp_path, [("1", start, end) for start, end in zip(starts, ends, strict=True)], ("chr1",))
    assert [(int(line[1]), int(line[2])) for line in lines] == list(
        zip(*map(np.ndarray.tolist, merge(starts, ends)), strict=True)
    )


def test_a_peak_that_touches_a_blacklisted_base_goes_one_beside_it_stays(tmp_path):
    blacklist = write(tmp_path / "b.bed", [("1", 20, 30), ("2", 0, 500), ("chr3", 0, 5)])
    rows = [("1", 10, 20), ("1", 29, 31), ("1", 40, 50), ("1", 0, 1000)]
    quality, lines = normalise(tmp_path, rows, ("chr1",), str(blacklist))
    assert [line[1:3] for line in lines] == [["10", "20"], ["40", "50"]]
    assert quality["rows_blacklisted"] == 2


def test_a_chromosome_without_peaks_is_a_warning_none_at_all_an_error(tmp_path, caplog):
    with caplog.at_level(logging.WARNING, "chiasma"):
        quality, _ = normalise(tmp_path, [("1", 0, 5)])
    assert "no peaks on chr2" in caplog.text
    assert quality["chromosomes_without_peaks"] == 1
    with pytest.raises(InputError, match=r"no peaks on any chromosome of the study \(chr2\)"):
        normalise(tmp_path, [("1", 0, 5)], ("chr2",))


def test_other_assembly_missing_blacklist(tmp_path):
    with pytest.raises(InputError, match="chr1:990-1001 ends beyond the chromosome's 1000 bp in toy"):
        normalise(tmp_path, [("1", 990, 1001)])
    with pytest.raises(InputError, match="absent.bed: no such file; normalise.blacklist"):
        normalise(tmp_path, [("1", 0, 5)], blacklist="absent.bed")
    assert not (tmp_path / "o.bed").exists()
