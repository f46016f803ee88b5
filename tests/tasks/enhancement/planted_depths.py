"""A small synthetic tileset of one structured map at two depths: the shallow one keeps one in eight of the deep one's reads."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from scipy.ndimage import gaussian_filter

from chiasma.tasks.enhancement.config import Config
from chiasma.tiles.arrays import ArraysMeta, TileArrays, band_of, write_arrays

RESOLUTION, TILE, FARTHEST, BINS, THINNED = 10_000, 16, 40, 150, 8
LENGTH = BINS * RESOLUTION - 3000  # the last bin is cut short
CHROMS = ("chr1", "chr2", "chr3")
MASKED = {"deep": [30], "shallow": [30, 60]}
CONFIG = Config(stride_bins=5, distance_step_bins=8, max_distance_bins=30, predict_stride_bins=8)


def splits() -> pd.DataFrame:
    """chr1 is train, chr2 valid, chr3 test."""
    rows = [(chrom, 0, LENGTH, split) for chrom, split in zip(CHROMS, ("train", "valid", "test"), strict=True)]
    return pd.DataFrame(rows, columns=["chrom", "start", "end", "split"])


def plant(rng: np.random.Generator) -> dict[str, dict[str, np.ndarray]]:
    """Return the arrays of one chromosome at both depths: Poisson counts around decay times smooth structure, thinned."""
    rough_II = gaussian_filter(rng.standard_normal((BINS, BINS)), 4)
    structure_II = np.exp(8 * (rough_II + rough_II.T))
    at = np.arange(BINS)
    deep_II = np.triu(rng.poisson(300 / (np.abs(at[:, None] - at) + 2) ** 0.8 * structure_II))
    counts = {"deep": deep_II, "shallow": rng.binomial(deep_II, 1 / THINNED)}
    weights_I = rng.uniform(0.8, 1.25, BINS)
    return {name: arrays_of(own_II, weights_I, MASKED[name]) for name, own_II in counts.items()}


def arrays_of(counts_II: np.ndarray, weights_I: np.ndarray, masked: list[int]) -> dict[str, np.ndarray]:
    """Return the arrays of a map whose balanced contacts are its counts."""
    valid_I = ~np.isin(np.arange(BINS), masked)
    return {
        "contacts": band_of(counts_II + np.triu(counts_II, 1).T, FARTHEST + TILE),
        "valid": valid_I,
        "weights": weights_I,
        "tracks": np.zeros((BINS, 0)),
    }


def chromosome_arrays() -> dict[tuple[str, str], dict[str, np.ndarray]]:
    """Return the arrays of all samples, always the same; ``alone`` is the shallow map again, without a deeper one."""
    rng = np.random.default_rng(5)
    planted = {chrom: plant(rng) for chrom in CHROMS}
    names = {"deep": "deep", "shallow": "shallow", "alone": "shallow"}
    return {(sample, chrom): planted[chrom][name] for sample, name in names.items() for chrom in CHROMS}


def write(folder: Path, made: dict[tuple[str, str], dict[str, np.ndarray]]) -> TileArrays:
    """Write arrays, which a test may have changed, as a tileset."""
    samples = tuple(dict.fromkeys(sample for sample, _ in made))
    meta = ArraysMeta(
        RESOLUTION, RESOLUTION, TILE, FARTHEST, (), samples, dict.fromkeys(CHROMS, LENGTH), dict.fromkeys(samples, 1.0),
        deeper={"shallow": "deep"}, depth={"shallow": float(THINNED)},
    )  # fmt: skip
    return write_arrays(folder / "arrays", meta, made)
