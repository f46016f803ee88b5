"""From genes to a bigWig, by the commands: a small network on the planted tileset finds what was planted."""

from __future__ import annotations

import json
from types import SimpleNamespace

import numpy as np
import pytest
import strip_family
from planted_profiles import CHROMS, CONFIG, LENGTH, RESOLUTION, SAMPLES, TEST, genes, log2_signal, splits
from run_command import run

from chiasma.io.bed import write_peaks
from chiasma.io.predicted_profiles import read_predicted_profile
from chiasma.io.tables import read_tsv, write_tsv
from chiasma.schema.tables import HISTORY, SPLITS

NUMBERS = {name: getattr(CONFIG, name) for name in ("target", "channel", "background_stride_bins")}
LABELLING = NUMBERS | {"min_nonzero_fraction": CONFIG.min_nonzero_fraction}
HEAD = {"target": "cage", "channel": 1, "hidden": 32}
MODEL = {
    "family": "strip",
    "revision": 1,
    "finetune": {"epochs": 40, "batch_size": 4, "learning_rate": 1e-2, "monitor": "total"},
}


@pytest.fixture(scope="module")
def made(arrays, tmp_path_factory):
    """Label, fine-tune on a, predict c, which has no measurement, and so with each baseline."""
    folder = tmp_path_factory.mktemp("commands")
    tiles, table, examples, bed = arrays.folder.parent, *(folder / name for name in ("s.tsv", "e.parquet", "genes.bed"))
    write_tsv(splits(), table, SPLITS)
    write_peaks(genes(), bed)
    chosen = json.dumps({"parameters": LABELLING, "train_samples": ["a"]})
    given = [word for sample in SAMPLES for word in ("--labels", f"{sample}={bed}")]
    shared = ["--examples", examples, "--tiles", tiles, "--splits", table, "--sample", "c"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("chiasma.training.checkpoint.load_family", strip_family.family)
        run(
            "label", "expression", "--tiles", tiles, "--splits", table, "--output", examples, "--config", chosen, *given
        )
        run(
            "finetune", "expression", "--config", json.dumps(MODEL), "--task-config", json.dumps(HEAD), "--examples", examples,
            "--tiles", tiles, "--seed", 1, "--output", folder / "model",
        )  # fmt: skip
        task = json.dumps(LABELLING | HEAD)
        run("predict", "--model", folder / "model", "--task-config", task, *shared, "--output", folder / "strip")
        for name, numbers in {"mean": {}, "ridge": {}, "activity_by_contact": {"reach_bins": 20}}.items():
            chosen = json.dumps({"task": "expression", "parameters": NUMBERS, "baseline": numbers})
            run(
                "predict_baseline",
                name,
                "--task-config",
                chosen,
                *shared,
                "--contacts",
                table,
                "--output",
                folder / name,
            )
    return SimpleNamespace(folder=folder)


def error(made, name: str) -> float:
    """Return the mean squared error of the predicted log2 signal in the test region of c."""
    found = read_predicted_profile(made.folder / name / "c.bw", dict.fromkeys(CHROMS, LENGTH), RESOLUTION)
    return float(np.square(found["chr2"] - log2_signal("c", "chr2"))[slice(*TEST)].mean())


def test_training_finds_the_signal_of_held_out_windows(made):
    history = read_tsv(made.folder / "model/history.tsv", HISTORY)
    own = history[(history["split"] == "valid") & (history["part"] == "pearson")]
    assert own["value"].iloc[-1] > 0.9
    assert (own["chance"] == 0).all() and (own["floor"] == 1).all()


def test_the_signal_of_a_cell_type_without_a_measurement_is_predicted(made):
    assert error(made, "strip") < 0.3 * error(made, "mean")
    assert error(made, "ridge") < 0.01 * error(made, "mean")
    assert np.isfinite(error(made, "activity_by_contact"))
