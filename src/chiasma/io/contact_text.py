"""Juicer's text form of one chromosome's raw contacts: lines ``position1 position2 count``, positions in bp."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from chiasma.core.errors import InputError
from chiasma.genome.chromosomes import Assembly
from chiasma.io.pixels import Pixels, missing_weights, stripe_bins
from chiasma.io.text import is_gzip

ROWS = 5_000_000  # lines a read
TYPES = (np.int32, np.int32, np.float64)  # position1, position2, count


class TextSource:
    """The contacts of a text file; see `chiasma.io.pixels.ContactSource`. All pixels are held in memory (16 bytes each)."""

    def __init__(self, path: str | Path, assembly: Assembly, chromosomes: Sequence[str]) -> None:
        self.path = str(path)
        chrom = find_chromosome(path, assembly, chromosomes)
        self.chromosomes = {chrom: assembly.lengths[chrom]}
        position1, position2, self._count = self._read()
        self.resolutions = [self._resolution(position1, position2)]
        self._bin1, self._bin2 = (array // self.resolutions[0] for array in (position1, position2))
        self._check(chrom)
        self._sort()
        self.integral = bool((self._count == np.floor(self._count)).all())

    def _read(self) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.float64]]:
        try:
            compression = "gzip" if is_gzip(self.path) else None
            options = {"sep": r"\s+", "chunksize": ROWS, "compression": compression, "comment": "#", "header": None}
            with pd.read_csv(self.path, **options) as chunks:
                parts = [self._columns(chunk) for chunk in chunks]
        except pd.errors.EmptyDataError as error:
            raise InputError(f"{self.path}: no contacts in the file") from error
        except InputError:
            raise
        except (ValueError, EOFError, OSError, zlib.error) as error:
            raise InputError(
                f"{self.path}: expected lines 'position1 position2 count' in bp, plain or whole gzip: {error}"
            ) from error
        return tuple(np.concatenate(columns) for columns in zip(*parts, strict=True))  # type: ignore[return-value]

    def _columns(self, chunk: pd.DataFrame) -> list[NDArray]:
        """Return the chunk's columns; InputError unless there are three, whole positions first."""
        if len(chunk.columns) != len(TYPES) or any(chunk[column].dtype.kind != "i" for column in (0, 1)):
            raise InputError(
                f"{self.path}: expected lines 'position1 position2 count' with whole positions, "
                f"found '{' '.join(map(str, chunk.iloc[0]))}'"
            )
        return [chunk[column].to_numpy(kind) for column, kind in enumerate(TYPES)]

    def _resolution(self, position1: NDArray, position2: NDArray) -> int:
        size = int(np.gcd(np.gcd.reduce(position1), np.gcd.reduce(position2)))
        if size < 2:
            raise InputError(
                f"{self.path}: positions are not multiples of a bin size; expected the start of each bin in bp"
            )
        return size

    def _check(self, chrom: str) -> None:
        """Raise InputError for a negative or non-finite count, or a position beyond the chromosome."""
        if not (np.isfinite(self._count).all() and (self._count >= 0).all()):
            raise InputError(f"{self.path}: a count is negative or not a number")
        low = int(min(self._bin1.min(), self._bin2.min())) * self.resolutions[0]
        high = int(max(self._bin1.max(), self._bin2.max())) * self.resolutions[0]
        if low < 0 or high >= self.chromosomes[chrom]:
            raise InputError(
                f"{self.path}: position {low if low < 0 else high} lies outside chromosome '{chrom}' of {self.chromosomes[chrom]} bp; "
                "the file is of another assembly or chromosome"
            )

    def _sort(self) -> None:
        """Put each pair above the diagonal and the pairs in order; InputError when one stands there twice."""
        bin1, bin2 = np.minimum(self._bin1, self._bin2), np.maximum(self._bin1, self._bin2)
        order = np.lexsort((bin2, bin1))
        self._bin1, self._bin2, self._count = bin1[order], bin2[order], self._count[order]
        twice = np.flatnonzero((np.diff(self._bin1) == 0) & (np.diff(self._bin2) == 0))
        if len(twice):
            first, second = (int(array[twice[0]]) * self.resolutions[0] for array in (self._bin1, self._bin2))
            raise InputError(
                f"{self.path}: the pair {first} {second} stands there twice; expected one triangle of the map"
            )

    def stripes(self, name: str, resolution_bp: int, multiple: int = 1) -> Iterator[Pixels]:
        """Yield the pixels of the chromosome in stripes of rows, as the protocol says."""
        assert resolution_bp == self.resolutions[0] and name in self.chromosomes
        n_bins = -(-self.chromosomes[name] // resolution_bp)
        step = stripe_bins(n_bins, multiple)
        for low in range(0, n_bins, step):
            rows = slice(*np.searchsorted(self._bin1, [low, low + step]))
            yield Pixels(self._bin1[rows].astype(np.int64), self._bin2[rows].astype(np.int64), self._count[rows])

    def trans_stripes(self, name: str, resolution_bp: int, multiple: int = 1) -> Iterator[tuple[str, Pixels]]:
        """Raise InputError: the format holds one chromosome."""
        raise InputError(
            f"{self.path}: holds the contacts within one chromosome; set normalise.trans to false, or give a .hic, .cool or .mcool"
        )

    def weights(self, name: str, resolution_bp: int, balance: str) -> NDArray[np.float64]:
        """Raise InputError: the format has no weights."""
        raise missing_weights(self.path, balance, ())

    def totals(self, names: list[str]) -> tuple[float, float]:
        """Return the contacts of the chromosome; those with other chromosomes are unknown."""
        return float(self._count.sum()), float("nan")


def find_chromosome(path: str | Path, assembly: Assembly, chromosomes: Sequence[str]) -> str:
    """Return which chromosome a text file holds: the one its name mentions, else the only one of the study.

    Raises InputError when the name mentions several, or none and the study has several.
    """
    words = {word for word in re.split(r"[^A-Za-z0-9]+", Path(path).name) if word}
    named = {chrom for word in words for chrom in assembly.matches(word)}
    if len(named) == 1:
        return named.pop()
    if not named and len(chromosomes) == 1:
        return assembly.resolve(chromosomes[0], "study")
    found = f"mentions {', '.join(sorted(named))}" if named else "mentions none"
    raise InputError(
        f"{path}: cannot tell which chromosome it holds: the file name {found}, and the study has {', '.join(chromosomes)}. "
        "Put the chromosome in the file name, as in sample_chr22_5kb.RAWobserved.gz"
    )
