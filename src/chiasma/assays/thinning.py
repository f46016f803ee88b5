"""A shallower experiment out of a deep one: reads are kept or lost one by one, without replacement.

Every read has a mark, uniform on [0, 1), drawn in the order of the pixels; thinning to a fraction keeps the reads whose mark
lies below it, or between a start and as much above it. A pixel of n reads so keeps Binomial(n, fraction) of them, never more
than n. As the marks depend on the seed and on the place of a read alone, cutting the pixels into other chunks changes nothing;
the thinned experiments of one seed and start are nested (each read at 1/16 is also there at 1/4), and those of ranges that do
not meet share no read: two halves of one experiment are replicates of each other as far as counting goes.

Axes: n pixels.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from chiasma.core.errors import ConfigError, InputError
from chiasma.core.seed import generator

READS = 4_000_000  # marks held at once
ROUNDING = 1e-9  # by which a start and a fraction may pass 1 together: 2/3 and 1/3
CELLS = 65_536  # steps of the first, coarse look for the mark that lets an exact number of reads through


def read_marks(seed: int, sample: str) -> np.random.Generator:
    """Return the source of the marks of an experiment's reads; other samples have other, independent ones."""
    return generator(seed, "thinning", sample)


def thin_pixels(
    frames: Iterable[pd.DataFrame], fraction: float, seed: int, sample: str, start: float = 0.0
) -> Iterator[pd.DataFrame]:
    """Yield the pixels with each read kept with probability ``fraction``, on its own.

    Thin an experiment as a whole, from its first frame on: marks follow the order of the pixels, so that another order (or a
    map of other bins) loses other reads.

    Parameters
    ----------
    frames : chunks of one experiment's pixels, of any length: columns bin1_id, bin2_id and count (raw reads)
    fraction : share of the reads to keep, above 0 and up to 1; one number to nest by, 1/4, or what `fraction_of_total` gives
    seed, sample : the same two keep the same reads; a smaller fraction keeps a subset of them
    start : smallest mark of a read that is kept, so that [start, start + fraction) are the marks kept

    Yields
    ------
    each frame's pixels that keep a read, in their order and with its columns, count int64; a frame may be empty

    Raises
    ------
    ConfigError
        For a fraction outside (0, 1], or a range of marks that ends beyond 1.
    InputError
        For counts that are not whole numbers, or negative.
    """
    check_fraction(fraction, start)
    return _thinned(frames, (start, start + fraction), read_marks(seed, sample))


def _thinned(
    frames: Iterable[pd.DataFrame], kept: tuple[float, float], marks: np.random.Generator
) -> Iterator[pd.DataFrame]:
    for frame in frames:
        kept_n = thin_counts(whole_counts(frame["count"].to_numpy()), kept, marks)
        yield frame.assign(count=kept_n)[kept_n > 0].reset_index(drop=True)


def thin_counts(count_n: NDArray[np.int64], kept: tuple[float, float], marks: np.random.Generator) -> NDArray[np.int64]:
    """Return how many of each pixel's reads (n,) have a mark in ``kept``, half-open; one mark is drawn for every read.

    Parameters
    ----------
    count_n : reads of each pixel, not negative (`whole_counts`)
    marks : of this experiment (`read_marks`), with those of the pixels before these already drawn
    """
    end_n = np.cumsum(count_n)
    kept_n = np.zeros(len(count_n), np.int64)
    first = 0
    for mark in _draws(int(count_n.sum()), marks):
        read = first + np.flatnonzero((mark >= kept[0]) & (mark < kept[1]))
        pixel, times = np.unique(np.searchsorted(end_n, read, side="right"), return_counts=True)
        kept_n[pixel] += times
        first += len(mark)
    return kept_n


def fraction_of_total(total: int, kept: int, seed: int, sample: str) -> float:
    """Return the fraction at which `thin_pixels` keeps exactly ``kept`` of an experiment's ``total`` reads.

    It is the mark of the first read that is lost, and lies near ``kept / total``. Given their number, all sets of reads are
    equally likely, so a map thinned to it follows the multivariate hypergeometric distribution; and it is nested with those
    of other fractions. Two passes over the marks, none over the pixels, in constant memory.

    Raises
    ------
    ConfigError
        When ``kept`` is not above 0 and up to ``total``.
    """
    if not 0 < kept <= total:
        raise ConfigError(
            f"thinning: {kept} reads of {sample} are to be kept, expected a number above 0 and up to its {total} reads"
        )
    if kept == total:
        return 1.0
    cells = (np.bincount((mark * CELLS).astype(np.int64), minlength=CELLS) for mark in _experiment(total, seed, sample))
    below = np.cumsum(sum(cells))
    cell = int(np.searchsorted(below, kept, side="right"))  # holds the mark that is larger than `kept` others
    inside = np.concatenate(
        [mark[(mark * CELLS).astype(np.int64) == cell] for mark in _experiment(total, seed, sample)]
    )
    rank = kept - (int(below[cell - 1]) if cell else 0)
    return float(np.partition(inside, rank)[rank])


def _experiment(total: int, seed: int, sample: str) -> Iterator[NDArray[np.float64]]:
    return _draws(total, read_marks(seed, sample))


def _draws(reads: int, marks: np.random.Generator) -> Iterator[NDArray[np.float64]]:
    """Yield the next marks of so many reads, `READS` at a time."""
    for start in range(0, reads, READS):
        yield marks.random(min(READS, reads - start))


def check_fraction(fraction: float, start: float = 0.0) -> None:
    """Raise ConfigError unless ``fraction`` lies above 0 and up to 1, and the marks from ``start`` on suffice for it."""
    if not 0 < fraction <= 1:
        raise ConfigError(
            f"thinning: fraction is {fraction}, expected a share of the reads above 0 and up to 1, such as 0.0625 for one in 16"
        )
    if not 0 <= start <= 1 - fraction + ROUNDING:
        raise ConfigError(
            f"thinning: start is {start}, expected at least 0 and at most {1 - fraction:g}, so that a fraction of {fraction:g} follows"
        )


def whole_counts(count_n: NDArray) -> NDArray[np.int64]:
    """Return counts (n,) as whole numbers.

    Raises
    ------
    InputError
        When one is not: balanced or predicted contacts are no reads, and there is nothing to keep or lose.
    """
    if np.issubdtype(count_n.dtype, np.integer):
        wrong_n = count_n < 0
    else:
        wrong_n = ~(np.isfinite(count_n) & (count_n >= 0) & (count_n == np.rint(count_n)))
    if wrong_n.any():
        raise InputError(
            f"thinning: {int(wrong_n.sum())} of {len(count_n)} pixels hold no whole number of reads, the first of them "
            f"{count_n[np.argmax(wrong_n)]:g}; only raw counts can be thinned, so give the map before balancing"
        )
    return count_n.astype(np.int64)
