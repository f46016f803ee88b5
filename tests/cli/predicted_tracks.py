"""A study of two tracks in little: what was measured, as a prediction, and a baseline that is flat. Sample b lacks atac."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from predicted_signals import BINS, CHROMS, EVALUATION, FARTHEST, FOLDERS, RESOLUTION, SAMPLES, TASKS, TILE, TRACK

from chiasma.io.predictions import write_prediction
from chiasma.io.tables import write_tsv
from chiasma.schema.tables import SPLITS
from chiasma.tiles.arrays import ArraysMeta, TileArrays, band_of, write_arrays

TARGETS = ("atac", "ctcf")


@dataclass(frozen=True)
class Tracks:
    """Where the files of the study lie."""

    results: Path
    arrays: TileArrays
    splits: Path

    def folders(self) -> list[Path]:
        """The predictions, baseline first: what is drawn does not hang on their order."""
        return [
            self.results / "predict/marks" / own / f"{name}.tracks" for own in reversed(FOLDERS) for name in SAMPLES
        ]


def _measured(rng: np.random.Generator, lacks: bool) -> dict[str, np.ndarray]:
    at = np.arange(BINS)
    counts = np.triu(rng.poisson(90 / (np.abs(at[:, None] - at) + 1) ** 0.7))
    targets = rng.gamma(1, 2, (BINS, len(TARGETS)))
    if lacks:
        targets[:, 0] = np.nan
    return {
        "contacts": band_of(counts + np.triu(counts, 1).T, FARTHEST + TILE),
        "valid": at != 20,
        "tracks": rng.gamma(1, 1, (BINS * RESOLUTION // TRACK, 1)),
        "targets": targets,
    }


@pytest.fixture(scope="session")
def tracks(tmp_path_factory) -> Tracks:
    """The tileset, its splits, and every prediction; chr1 is train, chr2 test."""
    folder, rng = tmp_path_factory.mktemp("marks"), np.random.default_rng(3)
    meta = ArraysMeta(
        RESOLUTION, TRACK, TILE, FARTHEST, ("dnase",), SAMPLES, CHROMS, dict.fromkeys(SAMPLES, 1.0), TARGETS
    )
    made = {(sample, chrom): _measured(rng, sample == "b") for sample in SAMPLES for chrom in CHROMS}
    arrays = write_arrays(folder / "tiles/arrays", meta, made)
    rows = [("chr1", 0, CHROMS["chr1"], "train"), ("chr2", 0, CHROMS["chr2"], "test")]
    write_tsv(pd.DataFrame(rows, columns=SPLITS.names), folder / "splits.tsv", SPLITS)
    for own in FOLDERS:
        for sample in SAMPLES:
            signal = np.nan_to_num(np.log2(1 + arrays.targets(sample, "chr2").astype(float)), nan=1.0)
            shown = np.full_like(signal, 1.5) if own.startswith("flat") else signal
            content = {target: {"chr2": shown[:, place]} for place, target in enumerate(TARGETS)}
            write_prediction({"tracks": content}, folder / "predict/marks" / own, sample, (dict(CHROMS), RESOLUTION))
    return Tracks(folder, arrays, folder / "splits.tsv")


def tracks_words(tracks: Tracks, output: Path, **changes) -> list[str]:
    """The words of an evaluate_tracks command; ``changes`` replace option values, ``targets`` names the signals."""
    parameters = {"targets": changes.pop("targets", TARGETS)}
    options = {
        "folder": tracks.results / "predict/marks", "predictions": FOLDERS, "sample": SAMPLES, "tiles": tracks.arrays.folder.parent,
        "splits": tracks.splits, "config": json.dumps({"task": TASKS["tracks"], "parameters": parameters, "evaluation": EVALUATION}),
        "output": output,
    }  # fmt: skip
    several = {
        name: value if isinstance(value, list | tuple) else [value] for name, value in (options | changes).items()
    }
    words = [word for name, values in several.items() for value in values for word in (f"--{name}", str(value))]
    return ["evaluate_tracks", "marks", *words]
