"""Cooler's .cool and .mcool."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import cooler
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from chiasma.core.atomic import writing
from chiasma.core.errors import InputError
from chiasma.genome.bins import bin_edges
from chiasma.io.pixels import DIVISIVE, Pixels, missing_weights, stripe_bins

CHUNK = 10_000_000  # pixels a read


class CoolerSource:
    """The contacts of a .cool or .mcool file; see `chiasma.io.pixels.ContactSource`."""

    def __init__(self, path: str | Path) -> None:
        self.path = str(path)
        if not Path(path).is_file():
            raise InputError(f"{path}: no such file")
        try:
            names = cooler.fileops.list_coolers(self.path)
            self._coolers = {int(clr.binsize or 0): clr for clr in (cooler.Cooler(f"{path}::{name}") for name in names)}
        except (OSError, KeyError, ValueError) as error:
            raise InputError(f"{path}: not a whole .cool or .mcool file: {error}") from error
        if not self._coolers or 0 in self._coolers:
            raise InputError(
                f"{path}: holds {'bins of varying size' if self._coolers else 'no contact map'}; expected bins of one size"
            )
        self.resolutions = sorted(self._coolers)
        first = self._coolers[self.resolutions[0]]
        if first.storage_mode != "symmetric-upper":
            raise InputError(
                f"{path}: stored as a {first.storage_mode} matrix; expected the upper triangle (symmetric-upper)"
            )
        self.chromosomes = {name: int(length) for name, length in first.chromsizes.items()}
        self.assembly = str(first.info.get("genome-assembly") or "unknown")
        self.integral = np.issubdtype(first.pixels().dtypes["count"], np.integer)

    def stripes(self, name: str, resolution_bp: int, multiple: int = 1) -> Iterator[Pixels]:
        """Yield the pixels of a chromosome in stripes of rows, as the protocol says."""
        clr = self._coolers[resolution_bp]
        first, last = clr.extent(name)
        step = stripe_bins(last - first, multiple)
        with clr.open() as group:
            for low in range(first, last, step):
                yield self._rows(group, low, min(low + step, last), (first, last))

    def trans_stripes(self, name: str, resolution_bp: int, multiple: int = 1) -> Iterator[tuple[str, Pixels]]:
        """Yield the pixels between a chromosome and each that comes later in the file, as the protocol says."""
        clr = self._coolers[resolution_bp]
        first, last = clr.extent(name)
        starts = np.array([clr.offset(other) for other in clr.chromnames])
        step = stripe_bins(len(clr.bins()) - first, multiple)
        with clr.open() as group:
            for low in range(first, last, step):
                pixels = self._rows(group, low, min(low + step, last), (first, len(clr.bins())))
                column = pixels.bin2 + first
                of = np.searchsorted(starts, column, side="right") - 1
                for other in np.unique(of[column >= last]):
                    own = of == other
                    yield (
                        clr.chromnames[other],
                        Pixels(pixels.bin1[own], column[own] - starts[other], pixels.count[own]),
                    )

    def count_pixels(self, name: str, resolution_bp: int) -> int:
        """Return the number of pixels in a chromosome's rows, those with other chromosomes included."""
        clr = self._coolers[resolution_bp]
        with clr.open() as group:
            low, high = group["indexes/bin1_offset"][list(clr.extent(name))].tolist()
        return high - low

    def _rows(self, group, low: int, high: int, bins: tuple[int, int]) -> Pixels:
        """Return the pixels of rows [low, high) whose column is in ``bins``, counted from the chromosome's first bin."""
        try:
            span = slice(*group["indexes/bin1_offset"][[low, high]].tolist())
            bin1, bin2, count = (group["pixels"][column][span] for column in ("bin1_id", "bin2_id", "count"))
        except OSError as error:
            raise InputError(f"{self.path}: pixels cannot be read, the file is damaged: {error}") from error
        kept = bin2 < bins[1]
        return Pixels(
            *(array[kept].astype(np.int64) - bins[0] for array in (bin1, bin2)), count[kept].astype(np.float64)
        )

    def weights(self, name: str, resolution_bp: int, balance: str) -> NDArray[np.float64]:
        """Return multiplicative weights, as the protocol says; a divisive vector (KR, VC, SCALE, or so marked) is inverted."""
        clr = self._coolers[resolution_bp]
        with clr.open() as group:
            found = set(group["bins"]) - {"chrom", "start", "end"}
            if balance not in found:
                raise missing_weights(f"{self.path} at {resolution_bp} bp", balance, found)
            column = group["bins"][balance]
            vector = column[slice(*clr.extent(name))].astype(np.float64)
            divisive = bool(column.attrs.get("divisive_weights", balance in DIVISIVE))
        with np.errstate(divide="ignore"):
            return np.reciprocal(vector) if divisive else vector

    def totals(self, names: list[str]) -> tuple[float, float]:
        """Return cis contacts of ``names`` and contacts with an end in them, summed over the file's widest bins."""
        clr = self._coolers[self.resolutions[-1]]
        chrom = np.repeat(
            np.arange(len(clr.chromnames)), np.diff([*(clr.offset(name) for name in clr.chromnames), len(clr.bins())])
        )
        wanted = np.isin(np.arange(len(clr.chromnames)), [clr.chromnames.index(name) for name in names])
        cis = touching = 0.0
        with clr.open() as group:
            for start in range(0, group["pixels/count"].shape[0], CHUNK):
                bin1, bin2, count = (
                    group["pixels"][column][start : start + CHUNK] for column in ("bin1_id", "bin2_id", "count")
                )
                first, second = chrom[bin1], chrom[bin2]
                cis += count[(first == second) & wanted[first]].sum(dtype=float)
                touching += count[wanted[first] | wanted[second]].sum(dtype=float)
        return cis, touching if len(wanted) > 1 else float("nan")


def bin_table(lengths: Mapping[str, int], resolution_bp: int) -> pd.DataFrame:
    """Return cooler's bin table, columns chrom start end."""
    parts = []
    for chrom, length in lengths.items():
        edges = bin_edges(length, resolution_bp)
        parts.append(pd.DataFrame({"chrom": chrom, "start": edges[:-1], "end": edges[1:]}))
    return pd.concat(parts, ignore_index=True)


def write_cool(
    path: str | Path,
    lengths: Mapping[str, int],
    resolution_bp: int,
    pixels: Iterable[pd.DataFrame],
    assembly: str,
    integral: bool = True,
) -> None:
    """Write a .cool, atomically.

    Parameters
    ----------
    lengths : chromosome -> length in bp, in order
    pixels : frames with bin1_id, bin2_id (counted through all chromosomes) and count, sorted within and between frames
    integral : store counts as int32, else as float64
    """
    with writing(path) as part:
        create_cool(part, lengths, resolution_bp, pixels, assembly, integral)


def create_cool(
    path: str | Path,
    lengths: Mapping[str, int],
    resolution_bp: int,
    pixels: Iterable[pd.DataFrame],
    assembly: str,
    integral: bool = True,
    ordered: bool = True,
) -> None:
    """Write a .cool in place, for a caller that adds to it before it is whole; else as `write_cool`.

    Frames that are not ``ordered``, each sorted by itself, are merged on the disk beside the file.
    """
    cooler.create_cooler(
        str(path),
        bin_table(lengths, resolution_bp),
        pixels,
        dtypes={"count": np.int32 if integral else np.float64},
        ordered=ordered,
        assembly=assembly,
        temp_dir=str(Path(path).parent),
    )


def add_weights(path: str | Path, weights: NDArray[np.float64], attributes: Mapping[str, object]) -> None:
    """Add the column ``weight`` (n_bins,), multiplicative, nan where masked, to a .cool being written."""
    with cooler.Cooler(str(path)).open("r+") as group:
        group["bins"].create_dataset("weight", data=weights, compression="gzip", compression_opts=6)
        group["bins"]["weight"].attrs.update({"divisive_weights": False, **attributes})
