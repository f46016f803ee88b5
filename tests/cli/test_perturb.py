"""``chiasma perturb``: nothing changed is the unchanged model; what a model does not read does not matter; the picture."""

from __future__ import annotations

import json

import pytest
from training_runs import finetune, run

from chiasma.io.tables import read_tsv
from chiasma.schema.tables import PERTURBATIONS

CHOICE = {"attenuation": [0.0, 1.0], "reach_bins": 1, "control_bins": 6, "missing": ["contacts"]}


@pytest.fixture(scope="module")
def trained(task_files, tmp_path_factory):
    folder = tmp_path_factory.mktemp("finetune") / "pairs/small/seed3"
    assert finetune(task_files, folder) == 0
    return folder


def perturb(files, model, output, **changes) -> int:
    options = {"model": model, "examples": files.examples, "tiles": files.tiles, "output": output}
    words = [text for key, value in options.items() for text in (f"--{key}", str(value))]
    return run(["perturb", "--config", json.dumps(CHOICE | changes), *words])


def test_taking_nothing_away_is_the_unchanged_model_and_taking_all_is_not(trained, task_files, tmp_path):
    output = tmp_path / "perturbations.tsv"
    assert perturb(task_files, trained, output, missing=[]) == 0
    table = read_tsv(output, PERTURBATIONS)
    assert {tuple(row) for row in table[["task", "model", "seed"]].to_numpy()} == {("pairs", "small", "3")}
    assert set(table["metric"]) == {"auroc", "aupr", "recall", "log_odds"}
    value = table.set_index(["perturbation", "level", "sample", "metric"])["value"]
    for kind in ("attenuated", "attenuated_beside"):
        for metric in ("aupr", "log_odds"):
            assert value[kind, 0.0, "a", metric] == pytest.approx(value["none", 0.0, "a", metric])
    assert value["attenuated", 1.0, "a", "log_odds"] != pytest.approx(value["none", 0.0, "a", "log_odds"])
    svg = tmp_path / "perturbations.svg"
    assert run(["draw_perturbations", "--table", str(output), "--output", str(svg)]) == 0
    assert "true pairs still called" in svg.read_text()


def test_a_number_that_cannot_be_is_refused(trained, task_files, tmp_path, capsys):
    assert perturb(task_files, trained, tmp_path / "a.tsv", control_bins=2) == 1
    assert "control_bins 2 must be farther than the changed bins reach" in capsys.readouterr().err
    assert perturb(task_files, trained, tmp_path / "a.tsv", missing=["peaks"]) == 1
    assert "missing may hold contacts, tracks, found peaks" in capsys.readouterr().err
    assert not (tmp_path / "a.tsv").exists()
