"""From a tileset to bigWigs, by the commands: a small network on the planted tileset finds what was planted."""

from __future__ import annotations

import json

import numpy as np
import pixel_family
import pytest
from planted_tracks import CHROMS, CONFIG, LENGTH, MASKED, RESOLUTION, TEST, UNMEASURED, log2_signal, splits
from run_command import run

from chiasma.io.predicted_profiles import read_predicted_profile
from chiasma.io.tables import read_tsv, write_tsv
from chiasma.schema.tables import HISTORY, SPLITS

HEAD = {"targets": CONFIG.targets, "channels": CONFIG.channels}
LABELLING = HEAD | {"stride_bins": CONFIG.stride_bins, "min_nonzero_fraction": CONFIG.min_nonzero_fraction}
MODEL = {
    "family": "grid",
    "revision": 1,
    "finetune": {"epochs": 20, "batch_size": 8, "learning_rate": 1e-2, "monitor": "r2", "monitor_mode": "max"},
}
BASELINES = {"mean": {}, "ridge": {"far_bins": 30, "widths_bins": [5, 10]}}


@pytest.fixture(scope="module")
def folder(arrays, tmp_path_factory):
    """Label, fine-tune on a and b, predict c, which has no measurement, and so with each baseline."""
    folder = tmp_path_factory.mktemp("commands")
    tiles, table, examples = arrays.folder.parent, folder / "s.tsv", folder / "e.parquet"
    write_tsv(splits(), table, SPLITS)
    shared = ["--examples", examples, "--tiles", tiles, "--splits", table, "--sample", UNMEASURED]
    labelling = json.dumps({"parameters": LABELLING})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("chiasma.training.checkpoint.load_family", pixel_family.family)
        run("label", "epigenome", "--tiles", tiles, "--splits", table, "--output", examples, "--config", labelling)
        run(
            "finetune", "epigenome", "--config", json.dumps(MODEL), "--task-config", json.dumps(HEAD), "--examples", examples,
            "--tiles", tiles, "--seed", 1, "--output", folder / "model",
        )  # fmt: skip
        task = json.dumps(LABELLING)
        run("predict", "--model", folder / "model", "--task-config", task, *shared, "--output", folder / "grid")
        for name, numbers in BASELINES.items():
            chosen = json.dumps({"task": "epigenome", "parameters": LABELLING, "baseline": numbers})
            words = ["--task-config", chosen, *shared, "--contacts", table, "--output", folder / name]
            run("predict_baseline", name, *words)
    return folder


def errors(folder, name: str) -> list[float]:
    """Return each track's mean squared error of the predicted log2 signal in the test region of the unmeasured sample."""
    bins, planted = np.setdiff1d(np.arange(*TEST), MASKED), log2_signal(UNMEASURED, "chr2")
    layout = dict.fromkeys(CHROMS, LENGTH), RESOLUTION
    found = [
        read_predicted_profile(folder / name / f"{UNMEASURED}.tracks/{target}.bw", *layout)["chr2"]
        for target in CONFIG.targets
    ]
    return [float(np.square(own[bins] - planted[bins, track]).mean()) for track, own in enumerate(found)]


def test_training_finds_the_signals_of_held_out_windows(folder):
    history = read_tsv(folder / "model/history.tsv", HISTORY)
    own = history[(history["split"] == "valid") & (history["part"] == "pearson")]
    assert own["value"].max() > 0.9


def test_the_tracks_of_a_sample_without_a_measurement_are_predicted(folder):
    for name, share in (("grid", 0.3), ("ridge", 0.3)):
        for own, mean in zip(errors(folder, name), errors(folder, "mean"), strict=True):
            assert own < share * mean, name
