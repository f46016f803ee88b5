"""Names are resolved or refused; no file of another assembly passes."""

import pytest

from chiasma.core.errors import InputError
from chiasma.genome.chromosomes import build_assembly, held_names, study_names

YEAST = build_assembly("R64", {"chrI": 230, "chrX": 745}, {"chrI": ["I", "NC_001133.9"], "chrX": ["X"]}, "test")


@pytest.mark.parametrize(
    ("name", "chrom"), [("chrI", "chrI"), ("I", "chrI"), ("NC_001133.9", "chrI"), ("CHRX", "chrX"), ("x", "chrX")]
)
def test_resolve_own_name_alias_and_case(name, chrom):
    assert YEAST.resolve(name, "file") == chrom


def test_resolve_unknown_names_nearest():
    with pytest.raises(InputError, match="file: R64: unknown chromosome 'chrXI'.*did you mean 'chr"):
        YEAST.resolve("chrXI", "file")


def test_resolve_exact_name_wins_over_letter_case_and_case_alone_is_ambiguous():
    twins = build_assembly("twins", {"a": 1, "A": 2}, {}, "test")
    assert twins.resolve("a", "file") == "a"
    mixed = build_assembly("mixed", {"aB": 1, "Ab": 2}, {}, "test")
    with pytest.raises(InputError, match="ambiguous in mixed: Ab, aB"):
        mixed.resolve("ab", "file")


def test_resolve_file_skips_contigs_of_no_chromosome():
    assert YEAST.resolve_file({"I": 230, "Mito": 85}, "file") == {"I": "chrI"}


def test_resolve_file_refuses_no_match_double_and_length():
    with pytest.raises(InputError, match="none of its chromosomes is in assembly R64: found Mito; expected chrI, chrX"):
        YEAST.resolve_file(["Mito"], "file")
    with pytest.raises(InputError, match="'I' and 'chrI' both mean chromosome 'chrI'"):
        YEAST.resolve_file(["I", "chrI"], "file")
    with pytest.raises(InputError, match="f.bw: chromosome 'I' is 231 bp, but 'chrI' of R64 is 230 bp"):
        YEAST.resolve_file({"I": 231}, "f.bw")


def test_study_names_keeps_the_study_order_and_refuses_an_absent_chromosome():
    assert list(study_names(YEAST, ["I", "X"], ["X", "chrI"], "file").items()) == [("chrX", "X"), ("chrI", "I")]
    with pytest.raises(InputError, match="chromosome 'chrX' of the study is absent; the file has I"):
        study_names(YEAST, ["I"], ["chrX"], "file")


def test_held_names_leaves_out_what_the_file_lacks():
    assert held_names(YEAST, ["X", "2micron"], ["I", "chrX"], "file") == {"chrX": "X"}
    assert held_names(YEAST, ["X"], ["I"], "file") == {}
    with pytest.raises(InputError, match="none of its chromosomes is in assembly R64"):
        held_names(YEAST, ["2micron"], ["I"], "file")


def test_one_alias_for_two_chromosomes_or_no_length_is_refused():
    with pytest.raises(InputError, match="name 'one' is given to both 'a' and 'b'"):
        build_assembly("x", {"a": 1, "b": 1}, {"a": ["one"], "b": ["one"]}, "table")
    with pytest.raises(InputError, match="length 0"):
        build_assembly("x", {"a": 0}, {}, "table")
