"""Iterative correction (ICE) of one chromosome's contacts, on row blocks so that no matrix is ever dense.

The filters and the update are those of Imakaev et al. 2012 as cooler's ``balance_cooler(cis_only=True)`` applies them;
the test compares the two.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from chiasma.io.pixels import Pixels

IGNORED_DIAGONALS = 2  # self-ligation and undigested fragments
MIN_PIXELS = 10  # bins with fewer non-zero pixels are masked
TOLERANCE = 1e-10  # squared coefficient of variation of the balanced marginals
MAX_SWEEPS = 1000
KEPT_PIXELS = 120_000_000  # 1 GB; a map with more is read again in each sweep


Block = tuple[int, sparse.csr_array]


@dataclass(frozen=True)
class BlocksOnDisk:
    """Row blocks that are read anew each time they are gone through, for a map too large to keep."""

    read: Callable[[], Iterable[Pixels]]
    n_bins: int

    def __iter__(self) -> Iterator[Block]:
        """Yield first row and CSR matrix."""
        return (_block(pixels, self.n_bins) for pixels in self.read() if len(pixels.bin1))


@dataclass(frozen=True)
class Blocks:
    """A symmetric map as row blocks of its upper triangle, the first diagonals left out.

    Attributes
    ----------
    n_bins : bins of the chromosome
    parts : (first row, CSR matrix (rows, n_bins) float32), to be gone through many times
    """

    n_bins: int
    parts: Iterable[Block]

    def times(self, vector: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the symmetric map times ``vector``, (n_bins,)."""
        product = np.zeros(self.n_bins)
        for first, part in self.parts:
            rows = slice(first, first + part.shape[0])
            product[rows] += part @ vector
            product += vector[rows] @ part
        return product

    def filled(self) -> NDArray[np.int64]:
        """Return the number of non-zero pixels in each row of the symmetric map, (n_bins,)."""
        counts = np.zeros(self.n_bins, np.int64)
        for first, part in self.parts:
            counts[first : first + part.shape[0]] += np.diff(part.indptr)
            counts += np.bincount(part.indices, minlength=self.n_bins)
        return counts


def build_blocks(read: Callable[[], Iterable[Pixels]], n_bins: int, n_pixels: int) -> Blocks:
    """Return a chromosome's map from its pixel stripes.

    Parameters
    ----------
    read : called for the stripes; once when the map is kept in memory (8 bytes a pixel), else once a sweep
    n_bins, n_pixels : size of the map; with more than `KEPT_PIXELS` it is not kept
    """
    blocks = BlocksOnDisk(read, n_bins)
    return Blocks(n_bins, tuple(blocks) if n_pixels <= KEPT_PIXELS else blocks)


def _block(pixels: Pixels, n_bins: int) -> Block:
    kept = (pixels.bin2 - pixels.bin1 >= IGNORED_DIAGONALS) & (pixels.count != 0)
    first, last = int(pixels.bin1[0]), int(pixels.bin1[-1])
    starts = np.concatenate([[0], np.cumsum(np.bincount(pixels.bin1[kept] - first, minlength=last - first + 1))])
    parts = pixels.count[kept].astype(np.float32), pixels.bin2[kept].astype(np.int32), starts.astype(np.int32)
    return first, sparse.csr_array(parts, shape=(last - first + 1, n_bins))


def well_covered(
    marginals: Mapping[str, NDArray], filled: Mapping[str, NDArray], mad_max: float
) -> dict[str, NDArray[np.bool_]]:
    """Return chromosome -> which bins are kept, (n_bins,).

    A bin is kept with at least `MIN_PIXELS` non-zero pixels and a coverage, relative to its chromosome's median and on a
    log scale, no more than ``mad_max`` median absolute deviations below the median of all bins.
    """
    relative = {chrom: _relative(marginal) for chrom, marginal in marginals.items()}
    every = np.concatenate(list(relative.values()))
    logs = np.log(every[every > 0])
    if not len(logs):
        return {chrom: np.zeros(len(marginal), bool) for chrom, marginal in marginals.items()}
    median = np.median(logs)
    cutoff = np.exp(median - mad_max * np.median(np.abs(logs - median)))
    return {
        chrom: (filled[chrom] >= MIN_PIXELS) & (relative[chrom] >= cutoff) & (relative[chrom] > 0)
        for chrom in marginals
    }


def _relative(marginal: NDArray) -> NDArray[np.float64]:
    covered = marginal[marginal > 0]
    return marginal / np.median(covered) if len(covered) else np.zeros(len(marginal))


def balance_blocks(blocks: Blocks, kept: NDArray[np.bool_]) -> tuple[NDArray[np.float64], float]:
    """Return multiplicative weights under which each kept bin's contacts sum to 1, and how unequal they are left.

    Parameters
    ----------
    blocks : the chromosome's map
    kept : (n_bins,)

    Returns
    -------
    weights : (n_bins,) float64, nan where a bin is not kept or has no contact with a kept bin
    variation : squared coefficient of variation of the balanced sums; above `TOLERANCE` when `MAX_SWEEPS` ran out
    """
    weights, variation, mean = kept.astype(np.float64), np.inf, np.nan
    for _ in range(MAX_SWEEPS):
        marginals = weights * blocks.times(weights)
        seen = marginals != 0
        if not seen.any():
            return np.full(blocks.n_bins, np.nan), 0.0
        mean = marginals[seen].mean()
        variation = float((marginals[seen] / mean).var())
        weights = np.where(seen, weights, 0)
        if variation < TOLERANCE:
            break
        weights[seen] /= marginals[seen] / mean
    weights[weights == 0] = np.nan
    return weights / np.sqrt(mean), variation
