"""Cooler's .mcool written from pixels at hand, each resolution through hictkpy: several times faster than cooler's zoomify."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import h5py
import hictkpy
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from chiasma.core.atomic import writing
from chiasma.genome.bins import bin_offsets, count_bins

Columns = tuple[
    NDArray, NDArray, NDArray
]  # bin1, bin2 (counted through all chromosomes), count; sorted, each pair once
ROWS = 5_000_000  # pixels handed on at a time


def frames(pixels: Columns) -> Iterator[pd.DataFrame]:
    """Yield pixels in pieces as frames bin1_id, bin2_id, count."""
    for start in range(0, len(pixels[0]), ROWS):
        rows = slice(start, start + ROWS)
        yield pd.DataFrame(dict(zip(("bin1_id", "bin2_id", "count"), (column[rows] for column in pixels), strict=True)))


def coarsen(pixels: Columns, lengths: Mapping[str, int], fine_bp: int, coarse_bp: int) -> Columns:
    """Return pixels of bins of ``coarse_bp``, a multiple of ``fine_bp``; counts of pairs that fall together are added up."""
    if coarse_bp == fine_bp:
        return pixels
    offsets = bin_offsets(lengths, coarse_bp)
    parents = [
        np.arange(count_bins(length, fine_bp)) * fine_bp // coarse_bp + offsets[chrom]
        for chrom, length in lengths.items()
    ]
    parent = np.concatenate(parents)
    n_bins = int(parent[-1]) + 1
    code = parent[pixels[0]] * n_bins + parent[pixels[1]]
    order = np.argsort(code, kind="stable")
    code = code[order]
    first = np.flatnonzero(np.concatenate([[True], code[1:] != code[:-1]])[: len(code)])
    count = np.add.reduceat(pixels[2][order], first) if len(first) else pixels[2]
    return code[first] // n_bins, code[first] % n_bins, count


def write_mcool(
    path: str | Path, lengths: Mapping[str, int], resolutions: Sequence[int], pixels: Columns, assembly: str
) -> None:
    """Write raw counts as .mcool, atomically.

    Parameters
    ----------
    lengths : chromosome -> length in bp, in order
    resolutions : bin sizes in bp, rising, each a multiple of the first, which ``pixels`` are of
    pixels : bin1, bin2, count of the upper triangle, sorted by bin1 then bin2
    """
    with writing(path) as part, TemporaryDirectory(dir=part.parent) as scratch, h5py.File(part, "w") as target:
        target.attrs.update({"format": "HDF5::MCOOL", "format-version": 2})
        for size in resolutions:
            _write_level(
                Path(scratch) / f"{size}.cool", lengths, size, coarsen(pixels, lengths, resolutions[0], size), assembly
            )
            with h5py.File(Path(scratch) / f"{size}.cool") as source:
                source.copy(source["/"], target, f"resolutions/{size}")


def _write_level(path: Path, lengths: Mapping[str, int], resolution_bp: int, pixels: Columns, assembly: str) -> None:
    writer = hictkpy.cooler.FileWriter(
        path, dict(lengths), int(resolution_bp), assembly, tmpdir=path.parent, compression_lvl=3
    )
    for frame in frames(pixels):
        writer.add_pixels(frame, sorted=True, validate=False)
    writer.finalize()
