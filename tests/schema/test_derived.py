"""Rows that a study adds to its sheet: loops made of peaks, and thinned biosamples with all that is known of their source."""

from pathlib import Path

import pytest
from study_house import SHEET, TASK

PAIRS = {"boundaries": {"peaks": "cohesin", "min_distance_bp": 8000, "max_distance_bp": 40000}}


def test_pairs_of_peaks_are_a_loops_assay_of_each_biosample_that_has_the_peaks(house):
    (house.root / "raw/a.bed").touch()
    house.text("config/samples/s.tsv", "\n".join([*SHEET, "a\tcohesin\traw/a.bed\ttoy"]))
    house.yaml(
        "config/tasks/pairs.yaml",
        {"task": TASK, "tileset": "windows", "parameters": {"labels": "boundaries", "truth": ["boundaries"]}},
    )
    study = house.read(pairs=PAIRS)
    assert study.kind("a", "boundaries") == "loops"
    assert study.raw("a", "boundaries") == Path("raw/a.bed")
    assert study.labels("pairs") == {"a": "boundaries"}
    assert study.truth("pairs") == [("a", "boundaries")]
    assert study.assays_of_kind("loops") == ["loops"], "only the sheet's own have a raw file"


@pytest.mark.parametrize(
    ("pairs", "said"),
    [
        (PAIRS, "s.yaml: pairs.boundaries: unknown peaks assay 'cohesin'; did you mean 'cohesins'?"),
        ({"atac": PAIRS["boundaries"] | {"peaks": "cohesins"}}, "pairs.atac: config/samples/s.tsv has an assay of that name"),
        ({"x": {"peaks": "cohesins", "min_distance_bp": 9, "max_distance_bp": 8}}, "min_distance_bp 9 exceeds max_distance_bp 8"),
        ({"x": {"peaks": "cohesins", "min_distance_bp": 9}}, "key 'pairs.x.max_distance_bp' is missing"),
        ({"x": {"peak": "cohesins"}}, "unknown key 'pairs.x.peak'; did you mean 'peaks'?"),
    ],
)  # fmt: skip
def test_wrong_pairs_are_refused(house, pairs, said):
    (house.root / "raw/a.bed").touch()
    house.text("config/samples/s.tsv", "\n".join([*SHEET, "a\tcohesins\traw/a.bed\ttoy"]))
    assert said in house.error(pairs=pairs)


HALF = {"a_2": {"sample": "a", "fraction": 0.5}}
BARE = {"windows": {"tracks": [], "tile_bins": 50}}


def test_a_thinned_biosample_has_its_sources_other_assays_and_shares_their_files(house):
    study = house.read(thin=HALF, models=[])
    assert study.sample_names == ["a", "b", "c", "a_2"]
    for kind in ("contacts", "signal", "loops"):
        assert study.assays("a_2", kind) == study.assays("a", kind) != []
    assert study.shared_with("a_2", "atac") == study.shared_with("a_2", "loops") == "a"
    assert study.shared_with("a_2", "contacts") is None, "those are thinned"
    assert study.shared_with("a", "atac") is None


def test_pairs_made_of_a_sources_peaks_are_a_thinned_biosamples_too(house):
    (house.root / "raw/a.bed").touch()
    house.text("config/samples/s.tsv", "\n".join([*SHEET, "a\tcohesin\traw/a.bed\ttoy"]))
    study = house.read(pairs=PAIRS, thin=HALF, models=[])
    assert study.assays("a_2", "loops") == ["loops", "boundaries"]
    assert study.shared_with("a_2", "boundaries") == "a"


def test_a_task_on_a_thinned_map_has_its_sources_labels_and_truth(house):
    low = {"task": TASK, "tileset": "windows", "train_samples": ["a_2"], "test_samples": ["a_2"]}
    house.yaml("config/tasks/pairs.yaml", low)
    study = house.read(thin=HALF, tilesets=BARE, models=[])
    assert study.labels("pairs") == {"a": "loops", "a_2": "loops"}
    assert study.truth("pairs") == [("a_2", "loops")]
    assert study.predicted_samples("pairs") == ["a_2"]


def test_without_tracks_a_tileset_has_thinned_biosamples_and_with_them_only_where_it_names_them(house):
    def found(**keys):
        return house.read(thin=HALF, models=[], tilesets={"windows": BARE["windows"] | keys}).tileset_samples("windows")

    assert found() == ["a", "b", "a_2"]
    assert found(tracks=["atac"]) == ["a", "b"], "a thinned map would show the same tracks once more, unasked"
    house.yaml("config/tasks/pairs.yaml", {"task": TASK, "tileset": "windows"})
    assert found(tracks=["atac"], samples=["a_2", "a"]) == ["a", "a_2"], "in the order of the study"
    assert found(samples=["a"]) == ["a"]


@pytest.mark.parametrize(
    ("thin", "said"),
    [
        ({"b": HALF["a_2"]}, "s.yaml: thin.b: config/samples/s.tsv has a biosample of that name; give another"),
        ({"c": HALF["a_2"]}, "thin.c: config/samples/s.tsv has a biosample of that name"),
        ({"c_2": {"sample": "c", "fraction": 0.5}}, "thin.c_2: biosamples with contacts: unknown sample 'c'"),
        (HALF | {"a_4": {"sample": "a_2", "fraction": 0.5}}, "thin.a_4: biosamples with contacts: unknown sample 'a_2'"),
        ({"a_2": {"sample": "a", "fraction": 0.5, "start": 0.6}}, "start 0.6 and fraction 0.5 add up to more than 1"),
    ],
)  # fmt: skip
def test_a_thinned_biosample_needs_a_name_of_its_own_and_a_source_with_contacts(house, thin, said):
    assert said in house.error(thin=thin)


def test_a_row_of_the_sheet_by_the_name_of_a_thinned_biosample_is_refused(house):
    house.text("config/samples/s.tsv", "\n".join([*SHEET, "a_2\tatac\traw/a.bw\ttoy"]))
    assert "thin.a_2: config/samples/s.tsv has a biosample of that name" in house.error(thin=HALF)
