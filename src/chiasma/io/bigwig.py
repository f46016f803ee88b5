"""bigWig tracks, read and written exactly: sums over bins from the base values, never from zoom levels."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pyBigWig
from numpy.typing import NDArray

from chiasma.core.atomic import writing
from chiasma.core.errors import InputError
from chiasma.genome.bins import bin_edges, count_bins

READ_BP = 10_000_000  # bases a read
WRITE_ROWS = 1_000_000  # intervals a write


def _open(path: str | Path):
    if not Path(path).is_file():
        raise InputError(f"{path}: no such file")
    try:
        file = pyBigWig.open(str(path))
    except RuntimeError as error:
        raise InputError(f"{path}: not a whole bigWig file; fetch it again") from error
    if not file.isBigWig():
        raise InputError(f"{path}: not a bigWig file")
    return file


def read_chromosomes(path: str | Path) -> dict[str, int]:
    """Return the file's chromosome names and lengths in bp."""
    with _open(path) as file:
        return dict(file.chroms())


def read_bin_sums(path: str | Path, name: str, bin_bp: int) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return the sum of the base values in each bin, and the number of bases with a value, each (n_bins,).

    Raises InputError when a value is infinite or the file is damaged.
    """
    with _open(path) as file:
        length = file.chroms(name)
        step = max(READ_BP // bin_bp, 1) * bin_bp
        parts = [
            _sum_stretch(file, name, start, min(start + step, length), bin_bp, str(path))
            for start in range(0, length, step)
        ]
    return np.concatenate([sums for sums, _ in parts]), np.concatenate([covered for _, covered in parts])


def _sum_stretch(file, name: str, start: int, end: int, bin_bp: int, where: str) -> tuple[NDArray, NDArray]:
    try:
        values = file.values(name, start, end, numpy=True)
    except RuntimeError as error:
        raise InputError(f"{where}: values of {name}:{start}-{end} cannot be read, the file is damaged") from error
    if np.isinf(values).any():
        raise InputError(f"{where}: infinite value on {name}:{start}-{end}")
    padded = np.full(count_bins(end - start, bin_bp) * bin_bp, np.nan, np.float32)
    padded[: end - start] = values
    known = ~np.isnan(padded)
    sums = np.where(known, padded, 0).reshape(-1, bin_bp).sum(axis=1, dtype=np.float64)
    return sums, known.reshape(-1, bin_bp).sum(axis=1)


def write_bins(path: str | Path, lengths: Mapping[str, int], means: Mapping[str, NDArray], bin_bp: int) -> None:
    """Write bin values as bigWig, atomically; bins that are nan stay absent, runs of equal bins become one interval.

    Parameters
    ----------
    lengths : chromosome -> length in bp, in order
    means : chromosome -> value of each bin, (n_bins,)
    """
    with writing(path) as part, pyBigWig.open(str(part), "w") as file:
        file.addHeader(list(lengths.items()))
        for chrom, length in lengths.items():
            _write_chromosome(file, chrom, *runs(means[chrom], bin_edges(length, bin_bp)))


def _write_chromosome(file, chrom: str, starts: NDArray, ends: NDArray, values: NDArray) -> None:
    for first in range(0, len(starts), WRITE_ROWS):
        rows = slice(first, first + WRITE_ROWS)
        file.addEntries(
            [chrom] * len(starts[rows]), starts[rows].tolist(), ends=ends[rows].tolist(), values=values[rows].tolist()
        )


def runs(values: NDArray, edges: NDArray[np.int64]) -> tuple[NDArray, NDArray, NDArray]:
    """Return starts, ends and values of the runs of equal bins, those of nan left out.

    Parameters
    ----------
    values : (n_bins,)
    edges : (n_bins + 1,) borders of the bins in bp
    """
    if not len(values):
        return edges[:0], edges[:0], np.asarray(values, np.float64)
    values = np.asarray(values, np.float64)
    change = np.flatnonzero(values[1:] != values[:-1]) + 1  # nan differs from everything, nan included
    first = np.concatenate([[0], change])
    last = np.concatenate([change, [len(values)]])
    kept = ~np.isnan(values[first])
    return edges[first][kept], edges[last][kept], values[first][kept]
