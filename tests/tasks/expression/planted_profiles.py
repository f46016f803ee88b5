"""A small synthetic tileset whose signal follows from its tracks: a bin's own and its neighbours', exactly.

Sample c is a cell type whose signal was not measured.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from chiasma.tasks.expression.config import Config
from chiasma.tiles.arrays import ArraysMeta, TileArrays, band_of, write_arrays

RESOLUTION, TRACK, TILE, FARTHEST, BINS = 5000, 1000, 16, 40, 203
LENGTH = BINS * RESOLUTION - 2000  # the last bin is cut short
SAMPLES, UNMEASURED, CHROMS, TARGETS = ("a", "b", "c"), "c", ("chr1", "chr2"), ("rna", "cage")
WEIGHTS = {-1: 0.2, 0: 0.5, 2: -0.1}  # of the first track's log2 in a bin at this offset
CONFIG = Config(channel=1, background_stride_bins=16, min_nonzero_fraction=0.05)
TEST, VALID = (0, 90), (110, BINS)  # bins of chr2
STARTS = {"chr1": (40, 41, 41, 90, 150), "chr2": (30, 70, 130, 170)}  # bins where transcription starts


def splits() -> pd.DataFrame:
    """chr1 is train; chr2 is test, a gap, then valid up to its end."""
    edges = [0, TEST[1] * RESOLUTION, VALID[0] * RESOLUTION, LENGTH]
    regions = [("chr2", *edges[at : at + 2], name) for at, name in enumerate(("test", "gap", "valid"))]
    return pd.DataFrame([("chr1", 0, LENGTH, "train"), *regions], columns=["chrom", "start", "end", "split"])


def genes() -> pd.DataFrame:
    """Starts of transcription in the middle of their bins."""
    rows = [(chrom, bin_ * RESOLUTION + 2500 + at) for chrom, bins in STARTS.items() for at, bin_ in enumerate(bins)]
    frame = pd.DataFrame(rows, columns=["chrom", "start"])
    return frame.assign(end=frame["start"] + 1, name="gene", score=0.0, strand="+")


def planted_log2(means_I: np.ndarray) -> np.ndarray:
    """Return log2(1 + signal) (I,) of a chromosome from the mean of the first track in each bin; 0 beyond its ends."""
    reach = max(map(abs, WEIGHTS))
    padded = np.pad(np.log2(1 + means_I), reach)
    return 1 + sum(weight * padded[reach + at : reach + at + len(means_I)] for at, weight in WEIGHTS.items())


def plant(rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Return the arrays of one chromosome; tracks are exact in half precision."""
    at = np.arange(BINS)
    counts_II = np.triu(rng.poisson(60 / (np.abs(at[:, None] - at) + 1) ** 0.7))
    valid_I = np.ones(BINS, bool)
    valid_I[[0, 30, 31, 120]] = False
    tracks_TC = rng.integers(0, 64, (BINS * RESOLUTION // TRACK, 2)) / 4
    signal_I = 2 ** planted_log2(tracks_TC[:, 0].reshape(BINS, -1).mean(axis=1)) - 1
    targets_IK = np.stack([rng.gamma(1.0, 1.0, BINS), signal_I], axis=1)
    dense_II = counts_II + np.triu(counts_II, 1).T
    contacts_ID = band_of(dense_II, FARTHEST + TILE)
    return {"contacts": contacts_ID, "valid": valid_I, "tracks": tracks_TC, "targets": targets_IK}


def chromosome_arrays() -> dict[tuple[str, str], dict[str, np.ndarray]]:
    """Return the arrays of all samples, always the same; the signal of c is nan throughout."""
    rng = np.random.default_rng(5)
    made = {(sample, chrom): plant(rng) for sample in SAMPLES for chrom in CHROMS}
    for chrom in CHROMS:
        made[UNMEASURED, chrom]["targets"][:, 1] = np.nan
    return made


def log2_signal(sample: str, chrom: str) -> np.ndarray:
    """Return the planted log2(1 + signal) (I,), of the sample without a measurement too."""
    tracks_TC = chromosome_arrays()[sample, chrom]["tracks"]
    return planted_log2(tracks_TC[:, 0].reshape(BINS, -1).mean(axis=1))


def write(folder: Path, made: dict[tuple[str, str], dict[str, np.ndarray]]) -> TileArrays:
    """Write arrays, which a test may have changed, as a tileset."""
    samples = tuple(dict.fromkeys(sample for sample, _ in made))
    meta = ArraysMeta(
        RESOLUTION, TRACK, TILE, FARTHEST, ("atac", "noise"), samples, dict.fromkeys(CHROMS, LENGTH),
        dict.fromkeys(samples, 1.0), TARGETS,
    )  # fmt: skip
    return write_arrays(folder / "arrays", meta, made)
