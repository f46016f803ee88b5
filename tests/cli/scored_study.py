"""A study in little: predictions of two models and a baseline on the planted tileset, and what evaluate makes of them."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from training_runs import run

from chiasma.core.atomic import write_json
from chiasma.io.bedpe import write_calls
from chiasma.io.tables import write_parquet, write_tsv
from chiasma.schema import tables

RUNS = [("mixnet", 1), ("mixnet", 2), ("mixnet_scratch", 1), ("mixnet_scratch", 2), ("donut", 1)]
NOISE = {"mixnet": 0.2, "mixnet_scratch": 0.6, "donut": 1.0}
CONFIG = {
    "interval": "seeds",
    "compare": [["mixnet", "mixnet_scratch"]],
    "block_bp": 200_000,
    "draws": 40,
    "pile_bins": 5,
    "corner_bins": 2,
}
CHOICE = {"task": "loops", "parameters": {"max_distance_bins": 60}}


@dataclass(frozen=True)
class Study:
    """Where the files of the study lie, and the words for commands that name them."""

    results: Path
    tiles: Path
    splits: Path
    samples: list[str]
    truth: list[str]

    @property
    def scores(self) -> Path:
        return self.results / "evaluate" / "loops" / "scores.tsv"

    def beside(self, name: str) -> Path:
        return self.scores.with_name(name)


def _calls(planted, sample: str, drop: int) -> pd.DataFrame:
    """The planted loops of a sample but every ``drop``-th, as calls."""
    anchors = planted.labels[sample].reset_index(drop=True)
    kept = anchors[np.arange(len(anchors)) % drop != 0]
    regions = planted.splits.set_index("chrom")
    middle = (kept["start1"] + kept["end1"]) // 2
    split = [
        next((row.split for row in regions.loc[[chrom]].itertuples() if row.start <= place < row.end), "none")
        for chrom, place in zip(kept["chrom1"], middle, strict=True)
    ]
    extra = {"score": 0.9, "strand1": ".", "strand2": ".", "pixels": 1, "fdr": 0.1}
    return kept.assign(name=[f"call{place}" for place in range(len(kept))], split=split, **extra)


def write_predictions(folder: Path, planted, examples: Path) -> None:
    """Write noisy scores of the examples and most planted loops as calls, for every run and sample."""
    frame = pd.read_parquet(examples)
    frame = frame[frame["kept"] & frame["split"].isin(["valid", "test"])]
    for model, seed in RUNS:
        rng = np.random.default_rng(seed)
        for sample in planted.labels:
            own = frame[frame["sample"] == sample]
            score = own["label"] + NOISE[model] * rng.normal(size=len(own))
            path = folder / model / f"seed{seed}" / f"{sample}.parquet"
            write_parquet(own.assign(score=score)[tables.PIXELS.names], path, tables.PIXELS)
            write_calls(_calls(planted, sample, 5 if model == "mixnet" else 2), path.with_suffix(".bedpe"))


@pytest.fixture(scope="session")
def study(planted, task_files, tmp_path_factory) -> Study:
    """The study, evaluated."""
    results = tmp_path_factory.mktemp("results")
    write_predictions(results / "predict" / "loops", planted, task_files.examples)
    truth = []
    for sample, path in task_files.labels.items():  # the file's name is the truth's name, the folder's the sample
        place = results / "normalised" / sample / "loops.bedpe"
        place.parent.mkdir(parents=True)
        shutil.copy(path, place)
        truth.append(f"{sample}={place}")
    found = Study(results, task_files.tiles, task_files.splits, list(planted.labels), truth)
    assert run(evaluate_words(found)) == 0
    return found


def options(name: str, values) -> list[str]:
    """Repeat an option for each value."""
    return [word for value in values for word in (name, str(value))]


def evaluate_words(study: Study, runs=None, truth=None, config=None) -> list[str]:
    """The words of an evaluate command."""
    runs = [f"{model}/seed{seed}" for model, seed in RUNS] if runs is None else runs
    return [
        "evaluate", "loops", "--folder", str(study.results / "predict" / "loops"), *options("--predictions", runs),
        *options("--truth", truth or study.truth), "--tiles", str(study.tiles), "--splits", str(study.splits),
        "--config", json.dumps(CHOICE | {"evaluation": CONFIG | (config or {})}), "--output", str(study.scores.parent),
    ]  # fmt: skip


def write_run(folder: Path) -> Path:
    """Write the history and provenance of a training run."""
    rows = [
        (step, 0, split, "contrastive", 4.0 - step / 10, 4.1, 0.0) for split in ("train", "valid") for step in (1, 2)
    ]
    write_tsv(pd.DataFrame(rows, columns=tables.HISTORY.names), folder / "history.tsv", tables.HISTORY)
    write_json(
        folder / "provenance.json",
        {"seed": 1, "device": "cpu", "versions": {"torch": "2"}, "inputs": {"a": "b"}, "code_revision": "c0de"},
    )
    return folder
