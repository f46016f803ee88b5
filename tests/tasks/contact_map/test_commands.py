"""From labels to a map, by the commands: a small network on the planted tileset finds what was planted."""

from __future__ import annotations

import json
from types import SimpleNamespace

import cooler
import grid_family
import numpy as np
import pytest
from planted_maps import CONFIG, TILE, splits
from run_command import run

from chiasma.evaluation.window_metrics import pearson
from chiasma.io.predicted_maps import read_band
from chiasma.io.tables import read_parquet, read_tsv, write_tsv
from chiasma.schema.tables import EXAMPLES, HISTORY, SPLITS

NUMBERS = {name: getattr(CONFIG, name) for name in ("stride_bins", "distance_step_bins", "max_distance_bins")}
PREDICTION = NUMBERS | {"predict_stride_bins": CONFIG.predict_stride_bins}
MODEL = {
    "family": "grid",
    "revision": 1,
    "finetune": {"epochs": 10, "batch_size": 8, "learning_rate": 1e-2, "monitor": "pearson", "monitor_mode": "max"},
}


@pytest.fixture(scope="module")
def made(arrays, tmp_path_factory):
    """Label, fine-tune, predict sample b, and the decay baseline."""
    folder = tmp_path_factory.mktemp("commands")
    tiles, table, examples = arrays.folder.parent, folder / "splits.tsv", folder / "maps.parquet"
    write_tsv(splits(), table, SPLITS)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("chiasma.training.checkpoint.load_family", grid_family.family)
        parameters = json.dumps({"parameters": NUMBERS, "train_samples": ["a"], "test_samples": ["b"]})
        run("label", "contact_map", "--tiles", tiles, "--splits", table, "--output", examples, "--config", parameters)
        run(
            "finetune", "contact_map", "--config", json.dumps(MODEL), "--task-config", "{}", "--examples", examples,
            "--tiles", tiles, "--seed", 1, "--output", folder / "model",
        )  # fmt: skip
        shared = ["--examples", examples, "--tiles", tiles, "--splits", table, "--sample", "b"]
        numbers = ["--task-config", json.dumps(PREDICTION)]
        run("predict", "--model", folder / "model", *numbers, *shared, "--output", folder / "grid")
        chosen = json.dumps({"task": "contact_map", "parameters": PREDICTION})
        run(
            "predict_baseline", "decay", "--task-config", chosen, *shared, "--contacts", table, "--output",
            folder / "decay",
        )  # fmt: skip
    return SimpleNamespace(folder=folder, arrays=arrays, examples=read_parquet(examples, EXAMPLES))


def test_samples_are_kept_apart(made):
    kept = made.examples[made.examples["kept"]]
    assert kept.groupby("split")["sample"].unique().map(list).to_dict() == {
        "train": ["a"],
        "valid": ["a"],
        "test": ["b"],
    }


def test_training_finds_the_structure_of_held_out_windows(made):
    history = read_tsv(made.folder / "model/history.tsv", HISTORY)
    pearson = history[(history["split"] == "valid") & (history["part"] == "pearson")]
    assert pearson["value"].iloc[-1] > 0.5
    assert (pearson["chance"] == 0).all()
    assert (pearson["floor"] == 1).all()


def correlation(made, name):
    """Return the correlation of observed over expected, measured and predicted, on the test region of sample b."""
    band = read_band(made.folder / name / "b.mcool", "chr2", 5000, CONFIG.max_distance_bins + 1)
    expected = made.arrays.expected("b", "chr2")[: band.shape[1]]
    observed = np.asarray(made.arrays.contacts("b", "chr2")[:, : band.shape[1]], np.float32)
    valid = made.arrays.valid_band("b", "chr2")[:, : band.shape[1]] & np.isfinite(band)
    valid[90:] = False
    return pearson(
        np.log1p(band) - np.log1p(expected), np.where(valid, np.log1p(observed) - np.log1p(expected), np.nan)
    )


def test_the_map_of_an_unseen_sample_beats_the_decay(made):
    assert correlation(made, "grid") > 0.5
    assert abs(correlation(made, "decay")) < 0.3


def test_the_map_is_a_whole_file(made):
    clr = cooler.Cooler(f"{made.folder}/grid/b.mcool::resolutions/5000")
    matrix = clr.matrix(balance=True).fetch("chr2")
    assert np.isfinite(matrix[:90, :90]).all()
    assert np.isnan(matrix[90:110]).all()
    assert (np.diag(matrix)[:90] > 0).all()
    assert matrix[TILE, TILE + CONFIG.max_distance_bins] > 0
