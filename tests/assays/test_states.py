"""States of the study: its names, its order, one state at a place, none lost silently."""

import logging

import pytest

from chiasma.assays.states import StatesConfig, normalise_state_file
from chiasma.core.errors import InputError
from chiasma.genome.chromosomes import build_assembly

ASSEMBLY = build_assembly("toy", {"chr1": 1000, "chr2": 500, "chr3": 50}, {"chr1": ["1"], "chr2": ["2"]}, "test")
ROWS = [
    ("1", 300, 400, "B"),
    ("1", 100, 200, "A"),
    ("1", 200, 300, "A"),
    ("1", 500, 600, "B"),
    ("2", 0, 100, "A"),
    ("Z", 0, 9, "A"),
]


def normalise(folder, rows, chromosomes=("chr2", "chr1")):
    raw = folder / "s.bed"
    raw.write_text("".join("\t".join(map(str, row)) + "\n" for row in rows))
    quality = normalise_state_file(raw, ASSEMBLY, StatesConfig(chromosomes), ("s", "states"), folder / "o.bed")
    return quality.set_index("metric")["value"], (folder / "o.bed").read_text()


def test_stretches_are_sorted_by_the_study_joined_and_told(tmp_path):
    quality, text = normalise(tmp_path, ROWS)
    assert text == "chr2\t0\t100\tA\nchr1\t100\t300\tA\nchr1\t300\t400\tB\nchr1\t500\t600\tB\n"
    assert quality.to_dict() == pytest.approx(
        {
            "rows": 6,
            "rows_outside_study": 1,
            "stretches": 4,
            "states": 2,
            "chromosomes_without_states": 0,
            "covered_fraction": 500 / 1500,
            "fraction_A": 300 / 1500,
            "fraction_B": 200 / 1500,
        }
    )


def test_what_is_normalised_stays_when_normalised_again(tmp_path):
    _, first = normalise(tmp_path, ROWS)
    _, again = normalise(tmp_path, [line.split("\t") for line in first.splitlines()])
    assert again == first


def test_one_place_has_one_state(tmp_path):
    with pytest.raises(InputError, match="chr1:299-301 is 'B' and overlaps a stretch of 'A'; expected one state"):
        normalise(tmp_path, [*ROWS[1:], ("1", 299, 301, "B")])


@pytest.mark.parametrize("name", ["Chr1", "NC_003070.9"])
def test_names_that_the_assembly_does_not_know_are_an_error_that_says_which(tmp_path, name):
    assembly = build_assembly("plain", {"c_1": 1000}, {}, "test")
    (tmp_path / "s.bed").write_text(f"{name}\t0\t9\tA\n")
    with pytest.raises(
        InputError, match=f"none of its chromosomes is in assembly plain: found {name}; expected c_1 or"
    ):
        normalise_state_file(tmp_path / "s.bed", assembly, StatesConfig(("c_1",)), ("s", "states"), tmp_path / "o.bed")
    assert not (tmp_path / "o.bed").exists()


def test_a_chromosome_that_is_named_in_two_ways_is_refused(tmp_path):
    with pytest.raises(InputError, match="'1' and 'chr1' both mean chromosome 'chr1'"):
        normalise(tmp_path, [*ROWS, ("chr1", 700, 800, "A")])


def test_a_chromosome_without_states_is_a_warning_none_at_all_an_error(tmp_path, caplog):
    with caplog.at_level(logging.WARNING, "chiasma"):
        quality, _ = normalise(tmp_path, ROWS, ("chr1", "chr3"))
    assert "no states on chr3" in caplog.text
    assert quality["chromosomes_without_states"] == 1
    with pytest.raises(InputError, match=r"no states on any chromosome of the study \(chr3\)"):
        normalise(tmp_path, ROWS, ("chr3",))


def test_another_assembly_is_noticed(tmp_path):
    with pytest.raises(InputError, match="chr1:900-1001 ends beyond the chromosome's 1000 bp in toy"):
        normalise(tmp_path, [("1", 900, 1001, "A")])
