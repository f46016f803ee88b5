"""Sequence: isochores of an order-1 chain that lacks CpG, islands at promoters, a repeat in the middle, planted motifs.

Bases are codes 0 to 4 for A C G T N.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from chiasma.core.seed import generator
from chiasma.genome.bins import bin_edges
from chiasma.simulate.config import Config
from chiasma.simulate.sites import satellite

LETTERS = np.frombuffer(b"ACGTN", np.uint8)
UNKNOWN = 4
SEGMENT_BP = 1024  # the chain starts anew here, so that all segments run side by side
CLASSES = 16  # of GC content
CPG = 0.25  # CpG observed over expected outside islands
ISLAND_BP, ISLAND_GC, ISLANDS = 1000, 0.66, 0.65  # length, GC content, fraction of promoters with one
MONOMER_BP, DIVERGENCE = 171, 0.04  # of the repeat: length and fraction of changed bases


def build_sequence(config: Config, chrom: str, compartment: NDArray, sites: pd.DataFrame) -> NDArray[np.uint8]:
    """Return a chromosome's bases without motifs, (length_bp,); A compartments are richer in GC."""
    rng = generator(config.seed, "sequence", chrom)
    length = config.chromosomes[chrom]
    bases = _isochores(config, length, compartment, rng)
    for start in sites.start[(sites.kind == "promoter") & (rng.random(len(sites)) < ISLANDS)]:
        first = start - ISLAND_BP // 3
        bases[first : first + ISLAND_BP] = _independent(ISLAND_GC, ISLAND_BP, rng)
    start, end = satellite(config, chrom)
    bases[start:end] = _repeat(end - start, rng)
    bases[: config.genome_unknown_bp] = bases[length - config.genome_unknown_bp :] = UNKNOWN
    return bases


def transitions(gc: float) -> NDArray[np.float64]:
    """Return the probability of the next base (columns) after each base (rows), (4, 4): independent bases but for rare CpG."""
    matrix = np.tile([(1 - gc) / 2, gc / 2, gc / 2, (1 - gc) / 2], (4, 1))
    matrix[1, 2] *= CPG
    return matrix / matrix.sum(axis=1, keepdims=True)


def _isochores(config: Config, length: int, compartment: NDArray, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Return a chain of bases whose GC content follows the compartment, with a share of its own per bin."""
    own = np.repeat(rng.normal(0, 0.3, -(-len(compartment) // 20)), 20)[: len(compartment)]
    level = np.clip((compartment + own + 1) / 2, 0, 1)
    segments = -(-length // SEGMENT_BP)
    middle = np.minimum((np.arange(segments) + 0.5) * SEGMENT_BP, length - 1).astype(np.int64) // config.resolution_bp
    return _chains((level[middle] * (CLASSES - 1)).round().astype(np.int64), config.genome_gc, rng)[:length]


def _chains(classes: NDArray[np.int64], gc: tuple[float, ...], rng: np.random.Generator) -> NDArray[np.uint8]:
    """Return a chain of `SEGMENT_BP` bases for each segment's class of GC content, joined end to end."""
    levels = np.linspace(*gc, CLASSES)
    cumulative = np.stack([transitions(level).cumsum(axis=1)[:, :3] for level in levels]).reshape(-1, 3)
    first, second, third = (cumulative * 65536).astype(np.uint16).T
    chains = np.empty((SEGMENT_BP, len(classes)), np.uint8)
    state = rng.integers(0, 4, len(classes))
    for step in range(SEGMENT_BP):
        key = classes * 4 + state
        drawn = rng.integers(0, 65536, len(classes), np.uint16)
        state = (drawn >= first[key]).astype(np.int64) + (drawn >= second[key]) + (drawn >= third[key])
        chains[step] = state
    return np.ascontiguousarray(chains.T).reshape(-1)


def _independent(gc: float, length: int, rng: np.random.Generator) -> NDArray[np.uint8]:
    return rng.choice(4, length, p=[(1 - gc) / 2, gc / 2, gc / 2, (1 - gc) / 2]).astype(np.uint8)


def _repeat(length: int, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Return a tandem repeat, each copy a little different."""
    bases = np.resize(rng.integers(0, 4, MONOMER_BP, np.uint8), length)
    changed = rng.random(length) < DIVERGENCE
    bases[changed] = rng.integers(0, 4, changed.sum(), np.uint8)
    return bases


def letters(bases: NDArray[np.uint8]) -> str:
    """Return bases as text."""
    return LETTERS[bases].tobytes().decode("ascii")


def bin_statistics(config: Config, bases: NDArray[np.uint8]) -> tuple[NDArray, NDArray, NDArray]:
    """Return per bin the number of GATC sites, the GC fraction of known bases and the fraction of known bases, each (n_bins,)."""
    cut = np.zeros(len(bases), bool)
    cut[:-3] = (bases[:-3] == 2) & (bases[1:-2] == 0) & (bases[2:-1] == 3) & (bases[3:] == 1)
    known = _per_bin(bases != UNKNOWN, config.resolution_bp)
    gc = _per_bin((bases == 1) | (bases == 2), config.resolution_bp)
    size = np.diff(bin_edges(len(bases), config.resolution_bp))
    return _per_bin(cut, config.resolution_bp), gc / np.maximum(known, 1), known / size


def _per_bin(marked: NDArray[np.bool_], bin_bp: int) -> NDArray[np.int64]:
    """Return how many bases of each bin are marked."""
    return np.count_nonzero(np.pad(marked, (0, -len(marked) % bin_bp)).reshape(-1, bin_bp), axis=1)
