"""The assembly table."""

import pytest

from chiasma.core.errors import InputError
from chiasma.genome.chromosomes import build_assembly
from chiasma.io.assembly import read_assembly, write_assembly

HEAD = "chrom\tlength_bp\taliases\n"


def test_round_trip_with_and_without_aliases(tmp_path):
    assembly = build_assembly("toy", {"chr2": 10, "chr1": 20}, {"chr2": ["2", "NC_2"]}, "test")
    write_assembly(assembly, tmp_path / "toy.tsv")
    assert read_assembly(tmp_path / "toy.tsv") == assembly
    assert list(read_assembly(tmp_path / "toy.tsv").lengths) == ["chr2", "chr1"]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("a\t1\t\na\t1\t\n", "'a' stands there twice"),
        ("", "no chromosomes"),
        ("a\t1\tx\nb\t1\tx\n", "'x' is given to both"),
        ("a\t0\t\n", "length 0"),
    ],
)
def test_contradictions_are_refused(tmp_path, rows, message):
    (tmp_path / "toy.tsv").write_text(HEAD + rows)
    with pytest.raises(InputError, match=message):
        read_assembly(tmp_path / "toy.tsv")
