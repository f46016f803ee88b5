"""``chiasma predict``: a model's own scores at the right rows, decoded; models of other tiles are refused."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch

from chiasma.cli.main import main
from chiasma.cli.predict import batch_size, score_frame
from chiasma.io.bedpe import read_calls
from chiasma.io.tables import read_parquet
from chiasma.schema.tables import PIXELS
from chiasma.tiles.dataset import TileDataset
from chiasma.training.checkpoint import build_task_module, load_task_module, write_model
from chiasma.training.config import TrainingConfig

FAMILY = {"width": 8, "heads": 2, "depth": 1, "stem": "strided"}


@pytest.fixture(scope="module")
def model(task_files, planted):
    """A fine-tuned model's folder; its weights are random, which is enough to follow the scores."""
    meta, folder = planted.arrays.meta, task_files.tiles / "model"
    config = {
        "kind": "finetune",
        "family": "mixhic",
        "parameters": FAMILY,
        "task": "loops",
        "task_parameters": {},
        "shape": meta.shape,
        "tracks": list(meta.tracks),
        "resolution_bp": meta.resolution_bp,
        "track_bp": meta.track_bp,
        "training": TrainingConfig(1, 8, 1e-3).__dict__,
    }
    torch.manual_seed(0)
    write_model(folder, build_task_module(config).module, config)
    return folder


def words(task_files, model, **changes) -> list[str]:
    options = {
        "model": model,
        "task-config": '{"max_distance_bins": 60, "scan_min_excess": 3.0}',
        "examples": task_files.examples,
        "tiles": task_files.tiles,
        "splits": task_files.splits,
        "sample": "a",
        "output": task_files.tiles / "predicted_by_model",
    } | changes
    return ["predict", *(text for key, value in options.items() for text in (f"--{key}", str(value)))]


def run(words_: list[str], code: int) -> None:
    with pytest.raises(SystemExit) as stop:
        main(words_)
    assert stop.value.code == code


def test_pixels_hold_the_models_scores_and_calls_are_decoded(task_files, planted, model):
    run(words(task_files, model), 0)
    pixels = read_parquet(task_files.tiles / "predicted_by_model/a.parquet", PIXELS)
    assert set(pixels["label"]) == {-1, 0, 1}
    assert set(pixels["split"]) == {"valid", "test"}
    chosen = pixels.sample(20, random_state=0).reset_index(drop=True)
    trained = load_task_module(model)
    examples = TileDataset(chosen, planted.arrays).__getitems__(range(20))
    with torch.no_grad():
        batch = trained.family.encode(examples, trained.family_config, None)
        scores = trained.task.score(trained.module(batch)).numpy()
    assert np.allclose(scores, chosen["score"], atol=1e-6)
    assert scores.std() > 0
    read_calls(task_files.tiles / "predicted_by_model/a.bedpe")


def test_scores_do_not_depend_on_the_batch_a_pixel_is_in(task_files, planted, model, monkeypatch):
    frame = planted.labels["a"].query("chrom1 == 'chr2'").head(11)
    frame = frame.assign(
        sample="a", chrom="chr2", bin1=frame["start1"] // 5000, bin2=frame["start2"] // 5000
    ).reset_index(drop=True)
    trained, device = load_task_module(model), torch.device("cpu")
    whole = score_frame(trained, planted.arrays, frame, device)
    monkeypatch.setattr("chiasma.cli.predict.BATCH", dict.fromkeys(("cpu", "cuda"), 3))
    assert np.allclose(whole, score_frame(trained, planted.arrays, frame, device), atol=1e-6)


@pytest.mark.parametrize(
    ("window", "on_cpu", "on_cuda"),
    [
        ((16, 16), 16, 256),
        ((64, 64), 16, 256),
        ((128, 128), 4, 64),
        ((224, 224), 1, 20),
        ((64, 128), 8, 128),
        ((512, 512), 1, 4),
    ],
)
def test_larger_windows_make_smaller_batches_and_small_ones_none_larger(window, on_cpu, on_cuda):
    """Pixels of a batch are at most those of 16 or 256 windows of 64 bins, unless one window has more."""
    assert (batch_size("cpu", window), batch_size("cuda", window)) == (on_cpu, on_cuda)


def test_a_model_of_other_tracks_is_refused(task_files, model, tmp_path, capsys):
    config = json.loads((model / "config.json").read_text())
    other = tmp_path / "other"
    other.mkdir()
    (other / "weights.safetensors").write_bytes((model / "weights.safetensors").read_bytes())
    (other / "config.json").write_text(json.dumps(config | {"tracks": ["atac", "h3k27ac"]}))
    run(words(task_files, other), 1)
    assert "has tracks ['atac', 'dnase'], the model was trained with ['atac', 'h3k27ac']" in capsys.readouterr().err


def test_an_unknown_sample_names_the_nearest(task_files, model, capsys):
    run(words(task_files, model, sample="bb"), 1)
    assert "did you mean 'b'" in capsys.readouterr().err


def test_a_folder_that_is_no_model_is_explained(task_files, tmp_path, capsys):
    run(words(task_files, tmp_path), 1)
    assert "expected a folder written by `chiasma finetune`" in capsys.readouterr().err


@pytest.mark.parametrize("mode", ["bimodal", "infer_map"])
def test_scores_are_the_same_with_loci_shared_and_without(planted, model, monkeypatch, mode):
    config = json.loads((model / "config.json").read_text())
    config["parameters"] = FAMILY | {"strips": "separate", "mode": mode}
    torch.manual_seed(1)
    trained, device = build_task_module(config), torch.device("cpu")
    trained.module.eval()
    near = pd.DataFrame({"bin1": np.repeat(np.arange(60, 66), 5), "bin2": np.tile(np.arange(80, 85), 6)})
    frame = near.assign(sample="a", chrom="chr2")
    shared = score_frame(trained, planted.arrays, frame, device)
    apart = trained._replace(family=replace(trained.family, shares=lambda config: False))
    alone = score_frame(apart, planted.arrays, frame, device)
    assert np.allclose(shared, alone, rtol=1e-5, atol=1e-7)
    assert np.ptp(alone) > 1e-4
