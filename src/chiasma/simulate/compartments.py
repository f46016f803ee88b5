"""Two compartments: blocks of active (A, positive) and inactive (B, negative) chromatin, most of them shared by the cell types."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from chiasma.core.seed import generator
from chiasma.genome.bins import count_bins
from chiasma.simulate.config import Config

BORDER_BP = 20_000  # standard deviation of a border's position over cells
ROUNDNESS = 3.0  # shape of the gamma distribution of block lengths


def build_compartments(config: Config, chrom: str) -> dict[str, NDArray[np.float64]]:
    """Return the compartment of each bin, (n_bins,) in [-1, 1], of each sample and of ``shared``."""
    ends, values = _blocks(config, chrom)
    compartments = {"shared": _painted(config, chrom, ends, values)}
    for sample in config.samples:
        flipped = generator(config.seed, "compartment", chrom, sample).random(len(values)) < config.compartment_flip
        compartments[sample] = _painted(config, chrom, ends, np.where(flipped, -values, values))
    return compartments


def _blocks(config: Config, chrom: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the end in bp and the value of each block; signs alternate."""
    rng = generator(config.seed, "compartment", chrom)
    count = 10 + 3 * config.chromosomes[chrom] // config.compartment_block_bp
    ends = np.cumsum(rng.gamma(ROUNDNESS, config.compartment_block_bp / ROUNDNESS, count))
    signs = np.where(np.arange(count) % 2 == rng.integers(2), 1.0, -1.0)
    return ends, signs * rng.uniform(0.6, 1.0, count)


def _painted(config: Config, chrom: str, ends: NDArray, values: NDArray) -> NDArray[np.float64]:
    """Return the blocks' values per bin with softened borders."""
    centres = (np.arange(count_bins(config.chromosomes[chrom], config.resolution_bp)) + 0.5) * config.resolution_bp
    return gaussian_filter1d(values[np.searchsorted(ends, centres)], BORDER_BP / config.resolution_bp, mode="nearest")
