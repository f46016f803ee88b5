"""Pixels of a contact map, handed on in stripes, so that a whole chromosome is never in memory as a matrix."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from chiasma.core.errors import InputError

STRIPE_PIXELS = 25_000_000  # most pixels a stripe could hold, were every one of them non-zero
DIVISIVE = ("KR", "VC", "VC_SQRT", "SCALE")  # vectors that counts are divided by, unless the file says otherwise


class Pixels(NamedTuple):
    """Pixels within one chromosome, sorted by bin1 then bin2, each pair once, ``bin1 <= bin2``; arrays (n,).

    Between two chromosomes the same, but that either bin may be the larger.
    """

    bin1: NDArray[np.int64]
    bin2: NDArray[np.int64]
    count: NDArray[np.float64]


class ContactSource(Protocol):
    """A file of raw contacts.

    Attributes
    ----------
    path : the file, for messages
    chromosomes : the file's name of a chromosome -> its length in bp, 0 where the format does not say
    resolutions : bin sizes in the file, rising
    integral : whether all counts are whole numbers
    """

    path: str
    chromosomes: dict[str, int]
    resolutions: list[int]
    integral: bool

    def stripes(self, name: str, resolution_bp: int, multiple: int = 1) -> Iterator[Pixels]:
        """Yield a chromosome's pixels in stripes of rising, disjoint rows whose borders are multiples of ``multiple``."""

    def trans_stripes(self, name: str, resolution_bp: int, multiple: int = 1) -> Iterator[tuple[str, Pixels]]:
        """Yield the pixels between a chromosome and each that comes later in the file, with the other's name.

        ``bin1`` counts the bins of ``name``, ``bin2`` those of the other. Stripes are as of `stripes`, in no set order of the
        others, of which one may come several times or not at all; InputError when the format holds one chromosome.
        """

    def weights(self, name: str, resolution_bp: int, balance: str) -> NDArray[np.float64]:
        """Return multiplicative weights of a chromosome's bins, (n_bins,), nan where masked; InputError when it has none."""

    def totals(self, names: list[str]) -> tuple[float, float]:
        """Return contacts within these chromosomes, and contacts with at least one end in them; nan where unknown."""


def stripe_bins(n_bins: int, multiple: int = 1) -> int:
    """Return the rows a stripe may span, a multiple of ``multiple``."""
    return max(1, STRIPE_PIXELS // max(n_bins, 1) // multiple) * multiple


def pick_resolution(found: Iterable[int], wanted: int, where: str) -> int:
    """Return the coarsest bin size of the file that divides ``wanted``; InputError lists those found."""
    found = sorted(int(size) for size in found)
    fitting = [size for size in found if wanted % size == 0]
    if not fitting:
        raise InputError(
            f"{where}: no bin size divides the study's resolution of {wanted} bp; found {', '.join(map(str, found)) or 'none'}. "
            "Set resolution_bp to one of these or a multiple"
        )
    return fitting[-1]


def sum_duplicates(pixels: Pixels) -> Pixels:
    """Return pixels sorted, with the counts of equal pairs added up."""
    bin1, bin2, count = pixels
    if not len(bin1):
        return pixels
    order = np.lexsort((bin2, bin1))
    bin1, bin2, count = bin1[order], bin2[order], count[order]
    first = np.flatnonzero(np.concatenate([[True], (bin1[1:] != bin1[:-1]) | (bin2[1:] != bin2[:-1])]))
    return Pixels(bin1[first], bin2[first], np.add.reduceat(count, first))


def coarsen(pixels: Pixels, factor: int) -> Pixels:
    """Return pixels of bins ``factor`` times as wide; exact when stripe borders are multiples of ``factor``."""
    if factor == 1:
        return pixels
    return sum_duplicates(Pixels(pixels.bin1 // factor, pixels.bin2 // factor, pixels.count))


def read_stripes(source: ContactSource, name: str, resolution_bp: int) -> Iterator[Pixels]:
    """Yield a chromosome's pixels at ``resolution_bp``, coarsened from a finer bin size where the file has no such one."""
    fine = pick_resolution(source.resolutions, resolution_bp, source.path)
    factor = resolution_bp // fine
    for pixels in source.stripes(name, fine, factor):
        if len(pixels.bin1):
            yield coarsen(pixels, factor)


def read_trans(
    source: ContactSource, names: Sequence[str], name: str, resolution_bp: int
) -> Iterator[tuple[str, Pixels]]:
    """Yield the pixels between a chromosome and others of ``names`` that come later in the file, at ``resolution_bp``.

    Each comes with the other's name; see `ContactSource.trans_stripes`.
    """
    fine = pick_resolution(source.resolutions, resolution_bp, source.path)
    factor = resolution_bp // fine
    for other, pixels in source.trans_stripes(name, fine, factor):
        if other in names and len(pixels.bin1):
            yield other, coarsen(pixels, factor)


def read_weights(source: ContactSource, name: str, resolution_bp: int, balance: str) -> NDArray[np.float64]:
    """Return a chromosome's multiplicative weights from the file, (n_bins,).

    Raises InputError when the file lacks the resolution (weights cannot be coarsened), the vector, or any finite value of it.
    """
    if resolution_bp not in source.resolutions:
        raise InputError(
            f"{source.path}: '{balance}' weights of {resolution_bp} bp bins are asked for, but the file has bin sizes "
            f"{', '.join(map(str, source.resolutions))}, and weights cannot be coarsened; set normalise.balance to ice or none"
        )
    weights = source.weights(name, resolution_bp, balance)
    weights = np.where(np.isfinite(weights) & (weights > 0), weights, np.nan)
    if np.isnan(weights).all():
        raise InputError(
            f"{source.path}: the '{balance}' weights of chromosome '{name}' at {resolution_bp} bp hold no value (the vector is "
            "missing for this chromosome or bin size); set normalise.balance to ice or none"
        )
    return weights


def missing_weights(where: str, balance: str, found: Iterable[str]) -> InputError:
    """Return the error for a file without the weights asked for, naming those it has."""
    names = ", ".join(sorted(found)) or "none"
    return InputError(
        f"{where}: no '{balance}' weights in the file (found: {names}); set normalise.balance to one of these, ice or none"
    )
