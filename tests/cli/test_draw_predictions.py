"""The draw commands of predicted maps and profiles: the best model and the best baseline, by name, over the numbers drawn."""

import json
import re

import pandas as pd
import pytest
from predicted_signals import RESOLUTION, TARGET, maps_words, profiles_words
from scored_study import options
from training_runs import run

from chiasma.cli.draw_predicted_maps import choose_files
from chiasma.core.errors import InputError
from chiasma.io.tables import read_tsv
from chiasma.schema.tables import STRATA

BASELINES = {"baselines": ["flat"]}


@pytest.fixture(scope="module")
def scored(signals, tmp_path_factory):
    """The folder that holds the tables of both tasks: hic and rna."""
    folder = tmp_path_factory.mktemp("evaluate")
    assert run(maps_words(signals, folder / "hic")) == run(profiles_words(signals, folder / "rna")) == 0
    return folder


def written(output) -> tuple[str, pd.DataFrame]:
    """A picture's text and the numbers beside it."""
    return output.read_text(encoding="utf-8"), pd.read_csv(output.with_suffix(".tsv"), sep="\t")


def maps_picture(signals, scored, output, maps=None, truth=()) -> int:
    config = json.dumps(BASELINES | {"resolution_bp": RESOLUTION, "region_bp": 400_000})
    words = ["draw_predicted_maps", *options("--maps", maps or signals.files("maps", "mcool"))]
    words += [
        "--scores",
        str(scored / "hic/scores.tsv"),
        "--tiles",
        str(signals.tiles),
        "--splits",
        str(signals.splits),
    ]
    return run([*words, *truth, "--config", config, "--output", str(output)])


def profiles_picture(signals, scored, output, profiles=None, target=TARGET) -> int:
    config = json.dumps(BASELINES | {"target": target, "region_bp": 300_000})
    words = ["draw_profiles", *options("--profiles", profiles or signals.files("profiles", "bw"))]
    words += ["--genes", str(scored / "rna/genes.tsv"), "--scores", str(scored / "rna/scores.tsv")]
    words += ["--tiles", str(signals.tiles), "--splits", str(signals.splits)]
    return run([*words, "--config", config, "--output", str(output)])


def test_draw_predicted_maps(signals, scored, tmp_path):
    assert maps_picture(signals, scored, tmp_path / "maps.svg") == 0
    picture, source = written(tmp_path / "maps.svg")
    assert all(f">{name}<" in picture for name in ("observed", "perfect", "flat"))
    assert list(dict.fromkeys(source["map"])) == ["observed", "perfect", "flat"], "the baseline below the model"
    assert set(source["chrom"]) == {"chr2"} and source["end2"].max() - source["start1"].min() <= 400_000
    wide = source.pivot_table(index=["start1", "start2"], columns="map", values="contacts")
    known = wide.dropna()
    assert len(known) and (known["perfect"] == known["observed"]).all()
    assert (known["flat"] != known["observed"]).any()


def test_a_deeper_map_stands_above_in_its_own_region_and_must_be_a_sample(signals, scored, tmp_path, capsys):
    one, *_ = signals.files("maps", "mcool")
    plain, deeper = tmp_path / "plain.svg", tmp_path / "deeper.svg"
    assert one.stem == "a"
    assert maps_picture(signals, scored, plain) == maps_picture(signals, scored, deeper, truth=["--truth", "b"]) == 0
    own, other = (written(path)[1].query("map == 'observed'")["contacts"].dropna().sum() for path in (plain, deeper))
    assert own != other, "the map that stands above is that of the other sample"
    assert maps_picture(signals, scored, deeper, truth=["--truth", "bb"]) != 0
    assert "did you mean 'b'" in capsys.readouterr().err


def test_draw_strata(scored, tmp_path):
    words = ["draw_strata", "--strata", str(scored / "hic/strata.tsv"), "--config", json.dumps(BASELINES)]
    assert run([*words, "--output", str(tmp_path / "strata.svg")]) == 0
    picture, source = written(tmp_path / "strata.svg")
    assert all(f">{name}<" in picture for name in ("observed", "perfect", "flat"))
    whole = read_tsv(scored / "hic/strata.tsv", STRATA)
    assert set(source["sample"]) == {"all"} and len(source) == (whole["sample"] == "all").sum()


def test_draw_profiles(signals, scored, tmp_path):
    assert profiles_picture(signals, scored, tmp_path / "profiles.svg") == 0
    picture, source = written(tmp_path / "profiles.svg")
    assert all(f">{name}<" in picture for name in ("measured", "perfect", "flat"))
    assert set(source["panel"]) == {"genes", "profiles", "starts"}
    assert set(source["chrom"]) == {"chr2"}
    drawn = source[source["panel"] == "profiles"].pivot(index="start", columns="profile", values="value")
    assert drawn["perfect"].to_numpy() == pytest.approx(drawn["measured"].to_numpy(), abs=1e-4)
    assert drawn["flat"].nunique() == 1
    assert len(drawn) == 300_000 // RESOLUTION


def test_a_baseline_is_grey_and_a_model_is_not(signals, scored, tmp_path):
    words = ["draw_strata", "--strata", str(scored / "hic/strata.tsv"), "--output", str(tmp_path / "a.svg")]
    assert run([*words, "--config", '{"baselines": []}']) == 0
    coloured = colours(tmp_path / "a.svg")
    assert run([*words, "--config", json.dumps(BASELINES)]) == 0
    compared = colours(tmp_path / "a.svg")
    assert len(coloured) == len(compared) + 1, "one line less has a colour"


def colours(path) -> set[str]:
    """The strokes of a picture that are not grey."""
    strokes = set(re.findall(r"stroke: #([0-9a-f]{6})", path.read_text()))
    parts = {stroke: [int(stroke[at : at + 2], 16) for at in (0, 2, 4)] for stroke in strokes}
    return {stroke for stroke, rgb in parts.items() if max(rgb) - min(rgb) > 24}


def test_without_a_prediction_of_the_observed_sample_there_is_no_picture(signals, scored, tmp_path, capsys):
    with pytest.raises(InputError, match="no prediction is of sample 'c'"):
        choose_files(signals.files("maps", "mcool"), "c", pd.DataFrame(), ((), []))
    renamed = signals.results / "predict/maps/perfect/seed1/z.mcool"
    assert maps_picture(signals, scored, tmp_path / "maps.svg", [renamed]) == 1
    assert "unknown sample 'z'" in capsys.readouterr().err
    assert profiles_picture(signals, scored, tmp_path / "profiles.svg", target="cag") == 1
    assert "unknown target 'cag'; did you mean 'cage'?" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
