"""chiasma draw_tracks: each track measured, and predicted by the best model and the best baseline, over the numbers drawn."""

import json
from pathlib import Path

import pandas as pd
import pytest
from predicted_tracks import TARGETS, tracks_words
from scored_study import options
from training_runs import run

from chiasma.cli.draw_tracks import scored_sample


@pytest.fixture(scope="module")
def scores(tracks, tmp_path_factory):
    folder = tmp_path_factory.mktemp("evaluate") / "marks"
    assert run(tracks_words(tracks, folder)) == 0
    return folder / "scores.tsv"


def picture(tracks, scores, output, targets=TARGETS) -> int:
    config = json.dumps({"targets": targets, "baselines": ["flat"], "region_bp": 300_000})
    words = ["draw_tracks", *options("--tracks", tracks.folders()), "--scores", str(scores)]
    words += ["--tiles", str(tracks.arrays.folder.parent), "--splits", str(tracks.splits)]
    return run([*words, "--config", config, "--output", str(output)])


def test_each_track_is_drawn_measured_and_predicted(tracks, scores, tmp_path):
    assert picture(tracks, scores, tmp_path / "tracks.svg") == 0
    text = (tmp_path / "tracks.svg").read_text(encoding="utf-8")
    assert all(f">{name}<" in text for name in (*TARGETS, "measured", "perfect", "flat"))
    assert "r 1.00" in text and "r 0.00" in text
    source = pd.read_csv(tmp_path / "tracks.tsv", sep="\t")
    assert set(source["chrom"]) == {"chr2"} and source["end"].max() - source["start"].min() <= 300_000
    for target in TARGETS:
        drawn = source[source["track"] == target].pivot(index="start", columns="profile", values="value")
        assert list(drawn) == ["flat", "measured", "perfect"]
        assert drawn["perfect"].to_numpy() == pytest.approx(drawn["measured"].to_numpy(), abs=1e-4)
        assert drawn["flat"].nunique() == 1


def test_a_target_that_the_tileset_lacks_is_named(tracks, scores, tmp_path, capsys):
    assert picture(tracks, scores, tmp_path / "tracks.svg", targets=["ctfc"]) == 1
    assert "unknown target 'ctfc'; did you mean 'ctcf'?" in capsys.readouterr().err


def test_the_sample_drawn_is_the_first_that_is_scored():
    paths = [Path("m/seed1/a.tracks"), Path("m/seed1/b.tracks")]
    assert scored_sample(paths, {"b", "all"}) == "b"
    assert scored_sample(paths, {"all"}) == "a"
