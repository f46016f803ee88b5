"""A small synthetic tileset whose signals follow from its contacts: open bins touch all others more, and carry the marks.

Each bin has an openness; a pair's contacts grow with that of both, log2 of atac with a bin's own, log2 of ctcf falls with it.
Sample b lacks ctcf, sample c was not measured.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from chiasma.tasks.epigenome.config import Config
from chiasma.tiles.arrays import ArraysMeta, TileArrays, band_of, write_arrays

RESOLUTION, TILE, FARTHEST, BINS = 5000, 16, 40, 203
LENGTH = BINS * RESOLUTION - 2000  # the last bin is cut short
SAMPLES, UNMEASURED, CHROMS = ("a", "b", "c"), "c", ("chr1", "chr2")
TARGETS = ("cage", "atac", "ctcf")
CONFIG = Config(targets=("ctcf", "atac"), channels=(2, 1), stride_bins=4, min_nonzero_fraction=0.05)
SLOPES = {"ctcf": -0.5, "atac": 1.0}  # of log2 signal with openness
TEST, VALID = (0, 90), (110, BINS)  # bins of chr2
MASKED = (0, 30, 31, 120)


def splits() -> pd.DataFrame:
    """chr1 is train; chr2 is test, a gap, then valid up to its end."""
    edges = [0, TEST[1] * RESOLUTION, VALID[0] * RESOLUTION, LENGTH]
    regions = [("chr2", *edges[at : at + 2], name) for at, name in enumerate(("test", "gap", "valid"))]
    return pd.DataFrame([("chr1", 0, LENGTH, "train"), *regions], columns=["chrom", "start", "end", "split"])


def planted_log2(openness_I: np.ndarray, target: str) -> np.ndarray:
    """Return log2(1 + signal) (I,) of bins of this openness."""
    return 4 + SLOPES[target] * openness_I


def plant(rng: np.random.Generator) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Return the arrays of one chromosome, and its openness (I,)."""
    at, openness_I = np.arange(BINS), rng.normal(0, 1, BINS)
    mean_II = 400 / (np.abs(at[:, None] - at) + 1) ** 0.7 * 2 ** (0.5 * np.add.outer(openness_I, openness_I))
    counts_II = np.triu(rng.poisson(mean_II))
    valid_I = np.ones(BINS, bool)
    valid_I[list(MASKED)] = False
    signal_IK = np.stack([2 ** planted_log2(openness_I, name) - 1 for name in ("atac", "ctcf")], axis=1)
    found = {
        "contacts": band_of(counts_II + np.triu(counts_II, 1).T, FARTHEST + TILE),
        "valid": valid_I,
        "tracks": rng.exponential(1, (BINS * 5, 1)),
        "targets": np.column_stack([rng.gamma(1.0, 1.0, BINS), signal_IK]),
    }
    return found, openness_I


def _made() -> dict[tuple[str, str], tuple[dict[str, np.ndarray], np.ndarray]]:
    rng = np.random.default_rng(5)
    return {(sample, chrom): plant(rng) for sample in SAMPLES for chrom in CHROMS}


def chromosome_arrays() -> dict[tuple[str, str], dict[str, np.ndarray]]:
    """Return the arrays of all samples, always the same."""
    found = {place: own for place, (own, _) in _made().items()}
    for chrom in CHROMS:
        found["b", chrom]["targets"][:, 2] = np.nan
        found[UNMEASURED, chrom]["targets"][:] = np.nan
    return found


def log2_signal(sample: str, chrom: str) -> np.ndarray:
    """Return the planted log2(1 + signal) (I, K) in the configuration's order, of what was not measured too."""
    openness_I = _made()[sample, chrom][1]
    return np.stack([planted_log2(openness_I, name) for name in CONFIG.targets], axis=1)


def write(folder: Path, made: dict[tuple[str, str], dict[str, np.ndarray]]) -> TileArrays:
    """Write arrays, which a test may have changed, as a tileset."""
    samples = tuple(dict.fromkeys(sample for sample, _ in made))
    meta = ArraysMeta(
        RESOLUTION, 1000, TILE, FARTHEST, ("dnase",), samples, dict.fromkeys(CHROMS, LENGTH),
        dict.fromkeys(samples, 1.0), TARGETS,
    )  # fmt: skip
    return write_arrays(folder / "arrays", meta, made)
