"""Juicer's .hic, versions 6 to 9: pixels through hictkpy, normalisation vectors through hic-straw."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import hictkpy
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from chiasma.core.atomic import writing
from chiasma.core.errors import InputError
from chiasma.genome.bins import count_bins
from chiasma.io.pixels import Pixels, missing_weights, stripe_bins


@contextmanager
def _reading(path: str) -> Iterator[None]:
    """Turn hictkpy's errors about a damaged file into a user's."""
    try:
        yield
    except RuntimeError as error:
        raise InputError(f"{path}: cannot be read as .hic, fetch it again: {error}") from error


class HicSource:
    """The contacts of a .hic file; see `chiasma.io.pixels.ContactSource`."""

    def __init__(self, path: str | Path) -> None:
        self.path = str(path)
        if not Path(path).is_file():
            raise InputError(f"{path}: no such file")
        if not hictkpy.is_hic(self.path):
            raise InputError(
                f"{path}: not a .hic file, or its end is missing; compare its size with the source's and fetch it again"
            )
        with _reading(self.path):
            header = hictkpy.MultiResFile(self.path)
            self.resolutions = sorted(int(size) for size in header.resolutions())
            self.chromosomes = {name: int(length) for name, length in header.chromosomes().items()}
        self._widest = self._file(self.resolutions[-1])
        self.integral = all(self._sum(name, name).is_integer() for name in self.chromosomes)

    def _file(self, resolution_bp: int) -> hictkpy.File:
        with _reading(self.path):
            return hictkpy.File(self.path, resolution_bp)

    def _sum(self, first: str, second: str) -> float:
        """Return the contacts between two chromosomes, from the file's widest bins."""
        with _reading(self.path):
            return float(self._widest.fetch(first, second, count_type="float64").sum())

    def stripes(self, name: str, resolution_bp: int, multiple: int = 1) -> Iterator[Pixels]:
        """Yield the pixels of a chromosome in stripes of rows, as the protocol says."""
        file, length = self._file(resolution_bp), self.chromosomes[name]
        step = stripe_bins(count_bins(length, resolution_bp), multiple) * resolution_bp
        for start in range(0, length, step):
            rows, columns = f"{name}\t{start}\t{min(start + step, length)}", f"{name}\t{start}\t{length}"
            yield self._fetch(file, rows, columns, self._first_bin(name, resolution_bp))

    def trans_stripes(self, name: str, resolution_bp: int, multiple: int = 1) -> Iterator[tuple[str, Pixels]]:
        """Yield the pixels between a chromosome and each that comes later in the file, as the protocol says."""
        file, length, names = self._file(resolution_bp), self.chromosomes[name], list(self.chromosomes)
        for other in names[names.index(name) + 1 :]:
            first = [self._first_bin(chrom, resolution_bp) for chrom in (name, other)]
            step = stripe_bins(count_bins(self.chromosomes[other], resolution_bp), multiple) * resolution_bp
            for start in range(0, length, step):
                rows, columns = (
                    f"{name}\t{start}\t{min(start + step, length)}",
                    f"{other}\t0\t{self.chromosomes[other]}",
                )
                bin1, bin2, count = self._fetch(file, rows, columns, 0)
                yield other, Pixels(bin1 - first[0], bin2 - first[1], count)

    def _fetch(self, file: hictkpy.File, rows: str, columns: str, first_bin: int) -> Pixels:
        with _reading(self.path):
            table = file.fetch(rows, columns, count_type="float64", query_type="BED").to_arrow()
        bin1, bin2, count = (table[column].to_numpy() for column in ("bin1_id", "bin2_id", "count"))
        return Pixels(bin1 - first_bin, bin2 - first_bin, count)  # hictkpy counts bins through all chromosomes

    def weights(self, name: str, resolution_bp: int, balance: str) -> NDArray[np.float64]:
        """Return multiplicative weights, the reciprocal of the file's vector, as the protocol says.

        The names and the presence of a value are asked of hictkpy first: hic-straw dies on a vector that does not exist.
        """
        file = self._file(resolution_bp)
        found = file.avail_normalizations()
        if balance not in found:
            raise missing_weights(f"{self.path} at {resolution_bp} bp", balance, found)
        start = self._first_bin(name, resolution_bp)
        n_bins = count_bins(self.chromosomes[name], resolution_bp)
        if not np.isfinite(file.weights(balance)[start : start + n_bins]).any():
            return np.full(n_bins, np.nan)
        return np.reciprocal(read_vector(self.path, name, resolution_bp, balance)[:n_bins])

    def _first_bin(self, name: str, resolution_bp: int) -> int:
        names = list(self.chromosomes)
        return sum(count_bins(self.chromosomes[other], resolution_bp) for other in names[: names.index(name)])

    def totals(self, names: list[str]) -> tuple[float, float]:
        """Return cis contacts of ``names`` and contacts with an end in them, summed over the file's widest bins."""
        order = list(self.chromosomes)
        cis = sum(self._sum(name, name) for name in names)
        if len(order) == 1:
            return cis, float("nan")
        pairs = {tuple(sorted((name, other), key=order.index)) for name in names for other in order if other != name}
        return cis, cis + sum(self._sum(first, second) for first, second in pairs)


def read_vector(path: str | Path, name: str, resolution_bp: int, balance: str) -> NDArray[np.float64]:
    """Return a chromosome's divisive normalisation vector through hic-straw, (n_bins,) or longer; nan where masked.

    The vector must exist (`HicSource.weights` asks first).
    """
    import hicstraw

    file = hicstraw.HiCFile(str(path))
    index = next(chrom.index for chrom in file.getChromosomes() if chrom.name == name)
    zoom = file.getMatrixZoomData(name, name, "observed", balance, "BP", resolution_bp)
    with np.errstate(divide="ignore"):
        vector = np.array(zoom.getNormVector(index), np.float64)
    return np.where(vector > 0, vector, np.nan)


def write_hic(
    path: str | Path,
    lengths: Mapping[str, int],
    resolutions: Sequence[int],
    pixels: Iterable[pd.DataFrame],
    assembly: str = "unknown",
    compression_level: int = 6,
) -> None:
    """Write a .hic (version 9), atomically; coarser resolutions are summed from the finest.

    Parameters
    ----------
    lengths : chromosome -> length in bp, in order
    resolutions : bin sizes in bp, rising; ``pixels`` are of the first
    pixels : frames with bin1_id, bin2_id (counted through all chromosomes, bin1_id <= bin2_id) and count
    assembly : name in the header
    compression_level : 1 (fast) to 12
    """
    with writing(path) as part:
        writer = hictkpy.hic.FileWriter(
            part, dict(lengths), [int(size) for size in resolutions], assembly, compression_lvl=compression_level
        )
        for frame in pixels:
            writer.add_pixels(frame, validate=True)
        writer.finalize()
