"""A small synthetic tileset whose structure follows from its tracks: r of a pixel is the product of its bins' signals."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from scipy.ndimage import gaussian_filter1d

from chiasma.tasks.contact_map.config import Config
from chiasma.tiles.arrays import ArraysMeta, TileArrays, band_of, write_arrays

RESOLUTION, TRACK, TILE, FARTHEST, BINS = 5000, 1000, 16, 40, 203
LENGTH = BINS * RESOLUTION - 2000  # the last bin is cut short
DEPTH = {"a": 80.0, "b": 40.0}
CHROMS = ("chr1", "chr2")
CONFIG = Config(
    stride_bins=5, distance_step_bins=8, max_distance_bins=30, predict_stride_bins=8, min_nonzero_fraction=0.05
)


def splits() -> pd.DataFrame:
    """chr1 is train; chr2 is test, a gap, then valid up to its end."""
    edges = [0, 90 * RESOLUTION, 110 * RESOLUTION, LENGTH]
    regions = [("chr2", *edges[at : at + 2], name) for at, name in enumerate(("test", "gap", "valid"))]
    return pd.DataFrame([("chr1", 0, LENGTH, "train"), *regions], columns=["chrom", "start", "end", "split"])


def plant(rng: np.random.Generator, depth: float) -> dict[str, np.ndarray]:
    """Return the arrays of one chromosome: Poisson counts around depth * decay * exp(r)."""
    rough_I = gaussian_filter1d(rng.standard_normal(BINS), 2)
    signal_I = 1.5 * (rough_I - rough_I.min()) / np.ptp(rough_I)  # log2(1 + x), from 0 to 1.5
    at = np.arange(BINS)
    mean_II = depth / (np.abs(at[:, None] - at) + 1) ** 0.7 * np.exp(np.outer(signal_I, signal_I) - 0.6)
    counts_II = np.triu(rng.poisson(mean_II))
    valid_I = np.ones(BINS, bool)
    valid_I[[0, 30, 31, 120]] = False
    own_TC = np.repeat(2**signal_I - 1, RESOLUTION // TRACK)[:, None]
    tracks_TC = np.concatenate([own_TC, rng.gamma(1.0, 0.3, own_TC.shape)], axis=1)
    dense_II = counts_II + np.triu(counts_II, 1).T
    return {"contacts": band_of(dense_II, FARTHEST + TILE), "valid": valid_I, "tracks": tracks_TC}


def chromosome_arrays() -> dict[tuple[str, str], dict[str, np.ndarray]]:
    """Return the arrays of both samples, always the same."""
    rng = np.random.default_rng(11)
    return {(sample, chrom): plant(rng, depth) for sample, depth in DEPTH.items() for chrom in CHROMS}


def write(folder: Path, made: dict[tuple[str, str], dict[str, np.ndarray]]) -> TileArrays:
    """Write arrays, which a test may have changed, as a tileset."""
    samples = tuple(dict.fromkeys(sample for sample, _ in made))
    meta = ArraysMeta(
        RESOLUTION, TRACK, TILE, FARTHEST, ("one", "two"), samples, dict.fromkeys(CHROMS, LENGTH),
        dict.fromkeys(samples, 1.0),
    )  # fmt: skip
    return write_arrays(folder / "arrays", meta, made)
