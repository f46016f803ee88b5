"""From labels to scores, by the commands: a small network on the planted depths is nearer to the deep map than its input is."""

from __future__ import annotations

import json
from types import SimpleNamespace

import numpy as np
import pytest
from planted_depths import CONFIG, RESOLUTION, splits
from run_command import run

from chiasma.io.predicted_maps import read_band
from chiasma.io.tables import read_parquet, read_tsv, write_tsv
from chiasma.schema.tables import EXAMPLES, HISTORY, SCORES, SPLITS
from chiasma.tasks.enhancement.config import BASELINES
from chiasma.training.checkpoint import build_task_module, write_model

NUMBERS = {name: getattr(CONFIG, name) for name in ("stride_bins", "distance_step_bins", "max_distance_bins")}
HEAD = {"hidden": 8, "sigmas": [1.0, 2.0, 4.0]}
PREDICTION = NUMBERS | HEAD | {"predict_stride_bins": CONFIG.predict_stride_bins}
MODEL = {
    "family": "rivals",
    "revision": 1,
    "parameters": {"network": "hicplus", "width": 4, "pixel_width": 2},
    "finetune": {"epochs": 4, "batch_size": 16, "learning_rate": 1e-2, "monitor": "weighted_mse"},
}
EVALUATION = {
    "draws": 20, "block_bp": 200_000, "permutations": 2, "coarse_bp": 20_000, "insulation_bins": 4, "scc_smooth_bins": 1,
    "stratum_pixels": 20, "window_bins": 20, "image_bins": 16, "walk_bins": 16, "compare": [["net", "raw"]],
}  # fmt: skip


@pytest.fixture(scope="module")
def made(arrays, tmp_path_factory):
    """Label, fine-tune, predict the shallow map by the model and by the baselines, evaluate."""
    folder = tmp_path_factory.mktemp("commands")
    tiles, table, examples = arrays.folder.parent, folder / "splits.tsv", folder / "deep.parquet"
    write_tsv(splits(), table, SPLITS)
    where = ["--tiles", tiles, "--splits", table]
    run("label", "enhancement", *where, "--output", examples, "--config", json.dumps({"parameters": NUMBERS}))
    run(
        "finetune", "enhancement", "--config", json.dumps(MODEL), "--task-config", json.dumps(HEAD), "--examples",
        examples, "--tiles", tiles, "--seed", 1, "--output", folder / "model",
    )  # fmt: skip
    shared = ["--examples", examples, *where, "--sample", "shallow"]
    words = ["--model", folder / "model", "--task-config", json.dumps(PREDICTION)]
    run("predict", *words, *shared, "--output", folder / "net/seed1")
    for name in BASELINES:
        words = [name, "--task-config", json.dumps({"task": "enhancement", "parameters": PREDICTION})]
        run("predict_baseline", *words, *shared, "--contacts", table, "--output", folder / name / "seed1")
    found = [word for name in ("net", *BASELINES) for word in ("--predictions", folder / name / "seed1")]
    chosen = json.dumps({"task": "enhancement", "parameters": PREDICTION, "evaluation": EVALUATION})
    run(
        "evaluate_maps",
        "deep",
        *found,
        "--sample",
        "shallow",
        *where,
        "--config",
        chosen,
        "--output",
        folder / "scores",
    )
    return SimpleNamespace(folder=folder, where=where, examples=examples)


@pytest.fixture(scope="module")
def scores(made):
    """metric -> model -> value on the test split."""
    table = read_tsv(made.folder / "scores/scores.tsv", SCORES)
    return table[table["seed"] == "all"].pivot_table(index="metric", columns="model", values="value")


def test_only_windows_of_the_map_with_a_deeper_one_are_trained_on(made):
    assert set(read_parquet(made.examples, EXAMPLES)["sample"]) == {"shallow"}


def test_every_prediction_is_scored_against_the_deeper_map(scores):
    assert {"net", *BASELINES} <= {*scores.columns}
    assert scores.loc["mse", "raw"] > 0, "the shallow map is not what it is compared with"


def test_the_model_is_nearer_to_the_deep_map_than_its_input(scores):
    assert scores.loc["mse", "net"] < 0.2 * scores.loc["mse", "raw"]
    assert scores.loc["oe_pearson", "net"] > scores.loc["oe_pearson", "raw"]


def test_what_is_left_of_the_inputs_error_falls_from_its_chance(made):
    history = read_tsv(made.folder / "model/history.tsv", HISTORY)
    left = history[(history["split"] == "valid") & (history["part"] == "weighted_mse_left")]
    assert left["value"].iloc[-1] < 0.3
    assert (left["chance"] == 1).all() and (left["floor"] == 0).all()


def test_a_model_that_changes_nothing_multiplies_a_map_without_a_deeper_one_by_the_studys_depth(made, arrays, tmp_path):
    """The head starts as the identity; fine-tuning is not told the depth, so the model's configuration has the default."""
    depth, config = 4.0, json.loads((made.folder / "model/config.json").read_text())
    assert "depth" not in config["task_parameters"]
    write_model(tmp_path / "model", build_task_module(config).module, config)
    numbers = json.dumps(PREDICTION | {"depth": depth})
    run(
        "predict", "--model", tmp_path / "model", "--task-config", numbers, "--examples", made.examples, *made.where,
        "--sample", "alone", "--output", tmp_path / "predicted",
    )  # fmt: skip
    width = CONFIG.max_distance_bins + 1
    known_ID = arrays.valid_band("alone", "chr3")[:, :width]
    observed_ID = np.asarray(arrays.contacts("alone", "chr3"), float)[:, :width]
    band_ID = read_band(tmp_path / "predicted/alone.mcool", "chr3", RESOLUTION, width)
    assert band_ID[known_ID] == pytest.approx(depth * observed_ID[known_ID], rel=1e-4, abs=1e-2)
