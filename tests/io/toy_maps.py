"""A small map that the tests of readers and writers share: two chromosomes, one short last bin each."""

import numpy as np
import pandas as pd

from chiasma.genome.bins import bin_offsets, count_bins
from chiasma.genome.chromosomes import build_assembly

LENGTHS = {"chr1": 99_500, "chr2": 45_000}
BIN = 1000
ASSEMBLY = build_assembly("toy", LENGTHS, {"chr1": ["1"], "chr2": ["2"]}, "test")


def dense(seed=0):
    """Return a symmetric matrix of counts over both chromosomes, sparse off the diagonal, (145, 145)."""
    n_bins = sum(count_bins(length, BIN) for length in LENGTHS.values())
    rng = np.random.default_rng(seed)
    distance = np.abs(np.subtract.outer(np.arange(n_bins), np.arange(n_bins)))
    upper = np.triu(rng.poisson(60 / (1 + distance)))
    upper[10:13], upper[:, 10:13] = 0, 0  # bins without contacts
    return upper + np.triu(upper, 1).T


def pixels(matrix):
    """Return the upper triangle's non-zero pixels, sorted."""
    bin1, bin2 = np.nonzero(np.triu(matrix))
    return pd.DataFrame({"bin1_id": bin1, "bin2_id": bin2, "count": matrix[bin1, bin2]})


def of_chromosome(matrix, chrom, size=BIN):
    """Return one chromosome's block of ``matrix``, which has bins of ``size``."""
    first = bin_offsets(LENGTHS, size)[chrom]
    rows = slice(first, first + count_bins(LENGTHS[chrom], size))
    return matrix[rows, rows]


def coarse(block, factor):
    """Return a dense block of a symmetric matrix with bins ``factor`` times as wide; each pair of bins counted once."""
    n_bins = -(-len(block) // factor)
    upper = np.zeros((n_bins, n_bins), block.dtype)
    rows, columns = np.nonzero(np.triu(block))
    np.add.at(upper, (rows // factor, columns // factor), block[rows, columns])
    return upper + np.triu(upper, 1).T


def rebuilt(stripes, n_bins):
    """Return the dense symmetric matrix of pixel stripes, having checked that they are sorted and upper."""
    parts = [np.stack([np.asarray(array, float) for array in part]) for part in stripes]
    bin1, bin2, count = np.concatenate(parts, axis=1)
    order = bin1 * n_bins + bin2
    assert (np.diff(order) > 0).all(), "pixels are sorted and unique over all stripes"
    assert (bin1 <= bin2).all()
    matrix = np.zeros((n_bins, n_bins))
    matrix[bin1.astype(int), bin2.astype(int)] = count
    return matrix + np.triu(matrix, 1).T
