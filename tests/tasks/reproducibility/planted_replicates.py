"""A small synthetic tileset: replicates are drawn from one map, biosamples have maps of their own."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from scipy.ndimage import gaussian_filter1d

from chiasma.tasks.reproducibility.config import Config
from chiasma.tiles.arrays import ArraysMeta, TileArrays, band_of, write_arrays

RESOLUTION, TRACK, TILE, BINS = 5000, 1000, 16, 203
LENGTH = BINS * RESOLUTION - 2000  # the last bin is cut short
REPLICATES = {"a": ("a1", "a2"), "b": ("b1",)}
DEPTH = {"a1": 60.0, "a2": 25.0, "b1": 40.0, "stray": 40.0}
CHROMS = ("chr1", "chr2")
CONFIG = Config(replicates=REPLICATES, stride_bins=5, min_nonzero_fraction=0.05, width=8, dropout=0.0)
MASKED = 120  # a bin of chr1 that only b1 lacks


def splits() -> pd.DataFrame:
    """chr1 is train; chr2 is test, a gap, then valid up to its end."""
    edges = [0, 90 * RESOLUTION, 110 * RESOLUTION, LENGTH]
    regions = [("chr2", *edges[at : at + 2], name) for at, name in enumerate(("test", "gap", "valid"))]
    return pd.DataFrame([("chr1", 0, LENGTH, "train"), *regions], columns=["chrom", "start", "end", "split"])


def plant(sample: str, chrom: str) -> dict[str, np.ndarray]:
    """Return the arrays of one chromosome: Poisson counts around depth * decay * exp(structure of the biosample)."""
    at, biosample = np.arange(BINS), sample.rstrip("12")
    own = np.random.default_rng([ord(biosample[0]), CHROMS.index(chrom)])
    signal_I = 1.2 * gaussian_filter1d(own.standard_normal(BINS), 2) * 2.5
    mean_II = DEPTH[sample] / (np.abs(at[:, None] - at) + 1) ** 0.7 * np.exp(np.outer(signal_I, signal_I).clip(-2, 2))
    rng = np.random.default_rng([*sample.encode(), CHROMS.index(chrom)])
    counts_II = np.triu(rng.poisson(mean_II))
    valid_I = np.ones(BINS, bool)
    valid_I[[30, 31]] = False
    valid_I[MASKED] = (sample, chrom) != ("b1", "chr1")
    tracks_TC = rng.gamma(1.0, 0.3, (BINS * (RESOLUTION // TRACK), 1))
    dense_II = counts_II + np.triu(counts_II, 1).T
    return {"contacts": band_of(dense_II, TILE), "valid": valid_I, "tracks": tracks_TC}


def write(folder: Path) -> TileArrays:
    """Write the tileset."""
    meta = ArraysMeta(
        RESOLUTION, TRACK, TILE, 0, ("one",), tuple(DEPTH), dict.fromkeys(CHROMS, LENGTH), dict.fromkeys(DEPTH, 1.0)
    )
    return write_arrays(
        folder / "arrays", meta, {(sample, chrom): plant(sample, chrom) for sample in DEPTH for chrom in CHROMS}
    )
