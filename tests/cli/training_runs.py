"""Short words for the training commands on the planted tileset: tiny numbers, one epoch or two."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from chiasma.cli.main import main
from chiasma.io.tables import write_parquet
from chiasma.schema.tables import TILES
from chiasma.tiles.arrays import TileArrays
from chiasma.tiles.index import TilesetConfig, build_index

MODEL = {
    "family": "mixhic",
    "tileset": "windows",
    "revision": 1,
    "parameters": {"width": 4, "heads": 2, "depth": 1, "stem": "strided", "contrastive_only_epochs": 1},
    "pretrain": {"epochs": 2, "batch_size": 16, "learning_rate": 1e-3, "monitor": "contrastive"},
    "finetune": {"epochs": 1, "batch_size": 32, "learning_rate": 1e-3, "max_examples": 64},
}
VIT = {  # a family whose layers say how deep they lie, and whose weights others release
    "family": "hicfoundation",
    "tileset": "windows",
    "parameters": {
        "width": 16,
        "depth": 2,
        "heads": 2,
        "decoder_width": 16,
        "decoder_depth": 1,
        "decoder_heads": 2,
        "patch": 4,
    },
    "pretrain": {"epochs": 2, "batch_size": 16, "learning_rate": 1e-3, "monitor": "total", "max_examples": 64},
    "finetune": {"epochs": 1, "batch_size": 32, "learning_rate": 1e-3, "max_examples": 32},
}
WRITTEN = {"config.json", "history.tsv", "provenance.json", "tensorboard", "weights.safetensors"}


def with_numbers(stage: str, **numbers: object) -> dict:
    """Return `MODEL` with changed training numbers of a stage, or with changed parameters."""
    return MODEL | {stage: MODEL[stage] | numbers}


def write_index(folder: Path, splits) -> None:
    """Write index.parquet of the planted tileset: few tiles, on and off the diagonal."""
    arrays = TileArrays.open(folder / "arrays")
    meta = arrays.meta
    config = TilesetConfig(
        chromosomes=tuple(meta.chromosomes),
        resolution_bp=meta.resolution_bp,
        track_bp=meta.track_bp,
        tracks=meta.tracks,
        tile_bins=meta.tile_bins,
        max_distance_bins=meta.max_distance_bins,
        diagonal_stride_bins=20,
        pairs_per_mb=10,
    )
    write_parquet(build_index(arrays, splits, config), folder / "index.parquet", TILES)


def run(words: list[str]) -> int:
    """Run a command and return its exit code."""
    with pytest.raises(SystemExit) as stop:
        main(words)
    return stop.value.code


def pretrain(tiles: Path, output: Path, model: dict = MODEL, seed: int = 1, *more: str) -> int:
    words = ["pretrain", "--config", json.dumps(model), "--tiles", str(tiles), "--seed", str(seed)]
    return run([*words, "--output", str(output), *more])


def finetune(files, output: Path, model: dict = MODEL, seed: int = 1, *more: str, task: str = "loops") -> int:
    words = ["finetune", task, "--config", json.dumps(model), "--task-config", '{"max_distance_bins": 60}']
    words += ["--examples", str(files.examples), "--tiles", str(files.tiles), "--seed", str(seed)]
    return run([*words, "--output", str(output), *more])


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def copied(folder: Path, to: Path, **changes: object) -> Path:
    """Return a copy of a model folder whose config.json says something else."""
    shutil.copytree(folder, to)
    config = json.loads((folder / "config.json").read_text())
    (to / "config.json").write_text(json.dumps(config | changes))
    return to
