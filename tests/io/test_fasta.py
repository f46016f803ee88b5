"""FASTA."""

import pytest

from chiasma.core.errors import InputError
from chiasma.io.fasta import read_fasta, write_fasta


@pytest.mark.parametrize("name", ["g.fa", "g.fa.gz"])
def test_round_trip(tmp_path, name):
    genome = {"chr1": "ACGTn" * 30, "chr2": "A" * 60, "chr3": "AC"}
    write_fasta(genome, tmp_path / name)
    assert read_fasta(tmp_path / name) == genome


def test_only_the_first_word_is_the_name(tmp_path):
    (tmp_path / "g.fa").write_text(">1 dna:chromosome\nAC\nGT\n")
    assert read_fasta(tmp_path / "g.fa") == {"1": "ACGT"}


@pytest.mark.parametrize("text", ["", "ACGT\n", ">a\nA\n>a\nC\n", ">\nA\n"])
def test_malformed(tmp_path, text):
    (tmp_path / "g.fa").write_text(text)
    with pytest.raises(InputError):
        read_fasta(tmp_path / "g.fa")
