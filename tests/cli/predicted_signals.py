"""A study of maps and profiles in little: a tileset with a target, and predictions written from what was measured."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from chiasma.io.predictions import write_prediction
from chiasma.io.tables import write_tsv
from chiasma.schema.rooms import room_module, room_names
from chiasma.schema.tables import SPLITS
from chiasma.tiles.arrays import ArraysMeta, TileArrays, band_of, write_arrays

RESOLUTION, TRACK, BINS, FARTHEST, TILE = 5000, 1000, 160, 40, 16
CHROMS = {"chr1": BINS * RESOLUTION, "chr2": BINS * RESOLUTION}
SAMPLES = ("a", "b")
TARGET = "cage"
GENE_BINS = np.arange(3, BINS, 6)
TASKS = {room_module("tasks", name, "config").PREDICTS: name for name in room_names("tasks")}
EVALUATION = {
    "interval": "blocks",
    "block_bp": 100_000,
    "draws": 30,
    "permutations": 5,
    "compare": [["perfect", "flat"]],
}
MAPS = {"stratum_pixels": 20, "window_bins": 20, "scc_smooth_bins": 1, "coarse_bp": 20_000, "insulation_bins": 4}
FOLDERS = ("perfect/seed1", "perfect/seed2", "flat/seed1")  # flat is a baseline: a decay, or the mean


@dataclass(frozen=True)
class Signals:
    """Where the files of the study lie."""

    results: Path
    arrays: TileArrays
    splits: Path
    genes: dict[str, Path]

    @property
    def tiles(self) -> Path:
        return self.arrays.folder.parent

    def files(self, kind: str, suffix: str) -> list[Path]:
        """The predictions of one kind, baseline first: what is drawn does not hang on their order."""
        folders = reversed(FOLDERS)
        return [self.results / "predict" / kind / folder / f"{name}.{suffix}" for folder in folders for name in SAMPLES]


def _measured(seed: int) -> dict[str, np.ndarray]:
    """One chromosome: Poisson contacts with domains of their own, tracks, and a target that is high where genes start."""
    rng = np.random.default_rng(seed)
    at = np.arange(BINS)
    domain = np.repeat(rng.normal(0, 0.6, BINS // 10), 10)
    mean = 90 / (np.abs(at[:, None] - at) + 1) ** 0.7 * np.exp(np.add.outer(domain, domain))
    counts = np.triu(rng.poisson(mean))
    valid = np.ones(BINS, bool)
    valid[[20, 21, 90]] = False
    target = rng.gamma(1, 0.05, BINS)
    target[GENE_BINS] = np.exp2(rng.normal(2, 1.5, len(GENE_BINS)))
    return {
        "contacts": band_of(counts + np.triu(counts, 1).T, FARTHEST + TILE),
        "valid": valid,
        "tracks": rng.gamma(1, 1, (BINS * RESOLUTION // TRACK, 1)),
        "targets": target[:, None],
    }


def _decay(arrays: TileArrays, sample: str) -> dict[str, np.ndarray]:
    """The test chromosome as the mean of chr1 at each distance has it."""
    expected = arrays.expected(sample, "chr1").astype(float)
    return {"chr2": np.tile(expected, (BINS, 1))}


def _profile(arrays: TileArrays, sample: str, chrom: str) -> np.ndarray:
    return np.log2(1 + arrays.targets(sample, chrom)[:, 0].astype(float))


def _write(arrays: TileArrays, results: Path) -> None:
    """Write as predictions what was measured, and by the flat baseline what any bin or distance has."""
    layout = (dict(CHROMS), RESOLUTION)
    for folder in FOLDERS:
        for sample in SAMPLES:
            seen = {chrom: _profile(arrays, sample, chrom) for chrom in CHROMS}
            if folder.startswith("flat"):
                maps = _decay(arrays, sample)
                profiles = {chrom: np.full(BINS, own.mean()) for chrom, own in seen.items()}
            else:
                maps, profiles = {"chr2": np.asarray(arrays.contacts(sample, "chr2"), float)}, seen
            write_prediction({"mcool": maps}, results / "predict/maps" / folder, sample, layout)
            write_prediction({"bw": profiles}, results / "predict/profiles" / folder, sample, layout)


@pytest.fixture(scope="session")
def signals(tmp_path_factory) -> Signals:
    """The tileset, its splits and genes, and every prediction; chr1 is train, chr2 test."""
    folder = tmp_path_factory.mktemp("signals")
    meta = ArraysMeta(
        RESOLUTION, TRACK, TILE, FARTHEST, ("atac",), SAMPLES, CHROMS, dict.fromkeys(SAMPLES, 1.0), (TARGET,)
    )
    made = {
        (sample, chrom): _measured(10 * s + c) for s, sample in enumerate(SAMPLES) for c, chrom in enumerate(CHROMS)
    }
    arrays = write_arrays(folder / "tiles/arrays", meta, made)
    rows = [("chr1", 0, CHROMS["chr1"], "train"), ("chr2", 0, CHROMS["chr2"], "test")]
    write_tsv(pd.DataFrame(rows, columns=SPLITS.names), folder / "splits.tsv", SPLITS)
    genes = {sample: folder / f"normalised/{sample}/genes.bed" for sample in SAMPLES}
    lines = [
        f"{chrom}\t{b * RESOLUTION}\t{b * RESOLUTION + 1}\t{chrom}g{b}\t0\t+\n" for chrom in CHROMS for b in GENE_BINS
    ]
    for path in genes.values():
        path.parent.mkdir(parents=True)
        path.write_text("".join(lines))
    _write(arrays, folder)
    return Signals(folder, arrays, folder / "splits.tsv", genes)


def maps_words(signals: Signals, output: Path, **changes) -> list[str]:
    """The words of an evaluate_maps command; ``changes`` replace option values, ``evaluation`` adds numbers."""
    numbers = EVALUATION | MAPS | changes.pop("evaluation", {})
    options = {
        "predictions": [signals.results / "predict/maps" / folder for folder in FOLDERS], "sample": SAMPLES,
        "tiles": signals.tiles, "splits": signals.splits, "config": json.dumps({"task": TASKS["maps"], "parameters": {}, "evaluation": numbers}),
        "output": output,
    }  # fmt: skip
    return ["evaluate_maps", "hic", *_words(options | changes)]


def profiles_words(signals: Signals, output: Path, **changes) -> list[str]:
    """The words of an evaluate_profiles command; ``changes`` replace option values, ``target`` names the signal."""
    numbers = EVALUATION | changes.pop("evaluation", {})
    parameters = {"target": changes.pop("target", TARGET)}
    options = {
        "folder": signals.results / "predict/profiles", "predictions": FOLDERS,
        "truth": [f"{sample}={path}" for sample, path in signals.genes.items()], "tiles": signals.tiles, "splits": signals.splits,
        "config": json.dumps({"task": TASKS["profiles"], "parameters": parameters, "evaluation": numbers}), "output": output,
    }  # fmt: skip
    return ["evaluate_profiles", "rna", *_words(options | changes)]


def _words(options: dict) -> list[str]:
    several = {name: value if isinstance(value, list | tuple) else [value] for name, value in options.items()}
    return [word for name, values in several.items() for value in values for word in (f"--{name}", str(value))]
