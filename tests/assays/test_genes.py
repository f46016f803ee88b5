"""Genes of the study: its names, its order, each start once, none lost silently."""

import logging

import pytest

from chiasma.assays.genes import GenesConfig, normalise_gene_file
from chiasma.core.errors import InputError
from chiasma.genome.chromosomes import build_assembly

ASSEMBLY = build_assembly("toy", {"chr1": 1000, "chr2": 500, "chr3": 50}, {"chr1": ["1"], "chr2": ["2"]}, "test")
ROWS = [
    ("1", 50, 60, "B", 0, "-"),
    ("1", 59, 70, "B", 0, "+"),
    ("1", 10, 20, "A", 0, "+"),
    ("1", 10, 40, "A", 0, "+"),
    ("2", 0, 5, "C", 0, "+"),
    ("Z", 0, 9, "D", 0, "+"),
]


def normalise(folder, rows, chromosomes=("chr2", "chr1")):
    raw = folder / "g.bed"
    raw.write_text("".join("\t".join(map(str, row)) + "\n" for row in rows))
    quality = normalise_gene_file(raw, ASSEMBLY, GenesConfig(chromosomes), ("s", "genes"), folder / "o.bed")
    return quality.set_index("metric")["value"], (folder / "o.bed").read_text()


def test_starts_are_sorted_by_the_study_and_told(tmp_path):
    quality, text = normalise(tmp_path, ROWS)
    assert text == "chr2\t0\t1\tC\t0\t+\nchr1\t10\t11\tA\t0\t+\nchr1\t59\t60\tB\t0\t+\nchr1\t59\t60\tB\t0\t-\n"
    assert quality.to_dict() == {
        "rows": 5,
        "rows_outside_study": 1,
        "transcription_starts": 4,
        "genes": 3,
        "chromosomes_with_genes": 2,
        "chromosomes_without_genes": 0,
    }


def test_what_is_normalised_stays_when_normalised_again(tmp_path):
    _, first = normalise(tmp_path, ROWS)
    _, again = normalise(tmp_path, [line.split("\t") for line in first.splitlines()])
    assert again == first


def test_a_chromosome_without_genes_is_a_warning_none_at_all_an_error_that_says_where_they_lie(tmp_path, caplog):
    with caplog.at_level(logging.WARNING, "chiasma"):
        quality, _ = normalise(tmp_path, ROWS, ("chr1", "chr3"))
    assert "no genes on chr3" in caplog.text
    assert quality[["chromosomes_with_genes", "chromosomes_without_genes"]].tolist() == [1, 1]
    with pytest.raises(InputError, match=r"no genes on any chromosome of the study \(chr3\); its genes lie on 1, 2, Z"):
        normalise(tmp_path, ROWS, ("chr3",))


def test_another_assembly_is_noticed_and_nothing_is_written(tmp_path):
    with pytest.raises(InputError, match="chr1:1000-1001 ends beyond the chromosome's 1000 bp in toy"):
        normalise(tmp_path, [("1", 900, 1001, "A", 0, "-")])
    with pytest.raises(InputError, match="none of its chromosomes is in assembly toy: found chrQ"):
        normalise(tmp_path, [("chrQ", 9, 10, "A", 0, "-")])
    assert not (tmp_path / "o.bed").exists()
