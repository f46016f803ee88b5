"""``chiasma perturb``: nothing changed is the unchanged model; what a model does not read does not matter; the picture."""

from __future__ import annotations

import json
from functools import partial

import numpy as np
import pytest
import torch
from training_runs import finetune, run

from chiasma.cli.perturb import PerturbationChoice, perturbations, predicted
from chiasma.io.tables import read_tsv
from chiasma.schema.tables import PERTURBATIONS
from chiasma.tiles.arrays import TileArrays
from chiasma.tiles.dataset import TileDataset
from chiasma.tiles.perturbation import without
from chiasma.training.checkpoint import load_task_module
from chiasma.training.finetuning import read_examples

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


def test_a_missing_modality_is_measured_as_what_the_model_says_without_it(trained, task_files, tmp_path):
    output = tmp_path / "perturbations.tsv"
    assert perturb(task_files, trained, output, missing=["contacts", "tracks"], attenuation=[]) == 0
    value = read_tsv(output, PERTURBATIONS).set_index(["perturbation", "metric", "sample"])["value"]
    model, arrays = load_task_module(trained), TileArrays.open(task_files.tiles / "arrays")
    test = read_examples(task_files.examples, "loops")["test"]
    own = test[test["sample"] == "a"].reset_index(drop=True)
    for name in ("contacts", "tracks"):
        scores = predicted(model, own, arrays, partial(without, modality=name))
        with torch.no_grad():
            model.module.eval()
            batch = model.family.encode(
                TileDataset(own, arrays).__getitems__(range(len(own))), model.family_config, None
            )
            kept = {key: tensor for key, tensor in batch.items() if key != name}
            assert np.allclose(scores, model.task.score(model.module(kept)).numpy(), atol=1e-5)
        positives = scores[own["label"].to_numpy() == 1]
        odds = np.log(positives / (1 - positives)).mean()
        assert value[f"without_{name}", "log_odds", "a"] == pytest.approx(odds, abs=1e-3)


def test_what_a_model_does_not_read_is_not_perturbed():
    chosen = PerturbationChoice((0.5,), 1, 6, ("contacts", "tracks"))
    assert [kind for kind, _, _ in perturbations(chosen, frozenset({"contacts"}))] == ["none"]
    kinds = [kind for kind, _, _ in perturbations(chosen, frozenset({"tracks"}))]
    assert kinds == ["none", "attenuated", "attenuated_beside"], "without tracks it would read nothing"


def test_a_number_that_cannot_be_is_refused(trained, task_files, tmp_path, capsys):
    assert perturb(task_files, trained, tmp_path / "a.tsv", control_bins=2) == 1
    assert "control_bins 2 must be farther than the changed bins reach" in capsys.readouterr().err
    assert perturb(task_files, trained, tmp_path / "a.tsv", control_bins=99) == 1
    assert "control_bins 99 with reach_bins 1 lies outside a window" in capsys.readouterr().err
    assert perturb(task_files, trained, tmp_path / "a.tsv", missing=["peaks"]) == 1
    assert "missing may hold contacts, tracks, found peaks" in capsys.readouterr().err
    assert not (tmp_path / "a.tsv").exists()
