"""chiasma evaluate_tracks: what was measured scores as perfect, track by track, where it was measured."""

import json
import logging

import pytest
from predicted_tracks import TARGETS, tracks_words
from training_runs import run

from chiasma.io.tables import read_tsv
from chiasma.schema import tables


@pytest.fixture(scope="module")
def output(tracks, tmp_path_factory):
    """The folder of the tables of all predictions."""
    folder = tmp_path_factory.mktemp("evaluate") / "marks"
    assert run(tracks_words(tracks, folder)) == 0
    return folder


def values(output, model, metric):
    scores = read_tsv(output / "scores.tsv", tables.SCORES)
    return scores[(scores["model"] == model) & (scores["metric"] == metric)].set_index(["seed", "sample"])["value"]


@pytest.mark.parametrize("metric", ["tracks_pearson", "tracks_r2", "bin_pearson_of_ctcf", "bin_r2_of_atac"])
def test_a_prediction_that_is_the_measured_signal_is_perfect(output, metric):
    found = values(output, "perfect", metric)
    assert {("1", "a"), ("2", "a"), ("all", "all")} <= set(found.index)
    assert found.to_numpy() == pytest.approx(1, abs=1e-5)


def test_a_constant_knows_nothing_of_any_track(output):
    for target in TARGETS:
        assert values(output, "flat", f"bin_pearson_of_{target}")["1", "a"] == pytest.approx(0, abs=1e-6)
    assert values(output, "flat", "tracks_r2")["all", "all"] <= 0


def test_a_track_is_not_scored_where_it_was_not_measured(output, tracks, tmp_path, caplog):
    assert "b" not in {sample for _, sample in values(output, "perfect", "bin_r2_of_atac").index}
    assert "b" in {sample for _, sample in values(output, "perfect", "bin_r2_of_ctcf").index}
    logging.getLogger("chiasma").propagate = True
    with caplog.at_level(logging.INFO, "chiasma"):
        assert run(tracks_words(tracks, tmp_path / "again")) == 0
    assert "atac was not measured in b: predicted there, not scored" in caplog.text


def test_provenance_names_every_file_that_was_compared(output):
    inputs = json.loads((output / "provenance.json").read_text())["inputs"]
    for name in ("perfect/seed1/a.tracks/atac.bw", "flat/seed1/b.tracks/ctcf.bw"):
        assert any(path.endswith(name) for path in inputs)
    assert not any(path.endswith("b.tracks/atac.bw") for path in inputs)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"targets": ["ctfc"]}, "unknown target 'ctfc'; did you mean 'ctcf'?"),
        ({"sample": ["b"]}, "atac was measured in none of the samples b; leave it out of the targets"),
        ({"predictions": ["absent/seed1"]}, "absent/seed1/a.tracks/atac.bw: no such file"),
        ({"predictions": ["perfect"]}, "expected {model}/seed{seed}"),
    ],
)
def test_wrong_words_are_explained_and_nothing_is_written(tracks, tmp_path, capsys, changes, told):
    assert run(tracks_words(tracks, tmp_path / "marks", **changes)) == 1
    assert told in capsys.readouterr().err
    assert not (tmp_path / "marks").exists()
