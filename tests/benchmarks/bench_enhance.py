"""Compare the way a whole chromosome's windows are read and put together with a loop over the chromosome's list of contacts.

Not a test: run it on request, from the checkout, as

    python -m tests.benchmarks.bench_enhance [--bins 10000] [--window 224] [--stride 20] [--repeats 3]

chiasma cuts windows from the stored band and adds their values up with falling weights, some windows at a time. The loop is
what the released HiCFoundation does, as far as its cost goes (specification 8.1): for each window all contacts of the
chromosome are filtered by its rows and columns, all windows are kept, and the mean is taken at the end. No network runs between:
what each way makes of a window is one and the same function. Weights are the same too, so both maps must be equal, and are
checked. With ``--sample-windows`` the loop takes that many windows, evenly spread, and its time is that of as many times more.

Times and peak memory are of processes of their own, each way after the other in each repeat; the memory is over what is held
before, the list of contacts (the loop) or the open arrays. At the end stand the bytes on disk a window: our arrays,
and stored windows of twice the width at half their width as stride, 448 x 448 float64 for windows of 224 (specification 1.2).

Axes: I bin of the chromosome, D distance in bins, N bin of a window, n windows, Z contacts of the list.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pandas as pd

from chiasma.core.seed import generator
from chiasma.tasks.contact_map.decode import stitch
from chiasma.tiles.arrays import ArraysMeta, TileArrays, write_arrays
from chiasma.tiles.stitching import centres, tent, weighted_mean

CHROM, SAMPLE, RESOLUTION_BP = "chr1", "s", 5000
NEAREST = 60.0  # contacts expected of two neighbouring bins
MB = 1e6
WAYS = ("arrays", "loop")


@dataclass(frozen=True)
class Case:
    """A chromosome on disk: its bins, the windows' width and stride, and at once how many windows chiasma reads."""

    folder: Path
    bins: int
    window: int
    stride: int
    piece: int
    sampled: int

    @property
    def centres_n(self) -> np.ndarray:
        """The bins that windows on the diagonal are centred on."""
        return centres(0, self.bins, self.window // 2, self.stride)


@dataclass(frozen=True)
class Measured:
    """Seconds and peak memory of one way, and the map (I, D) it made; of a sampled loop the windows it took."""

    seconds: float
    peak_mb: float
    band_ID: np.ndarray


def simulate(case: Case) -> int:
    """Write the arrays of a map whose contacts fall with distance, and its list of contacts; return their number.

    The list holds each pair of bins once, as the peer stores it, to the largest distance that a map of this depth has contacts at.
    """
    rng, far = generator("bench_enhance", case.bins), min(case.bins, 2000)
    band_ID = np.zeros((case.bins, case.window), np.float32)
    parts = []
    for distance in range(far):
        count_i = rng.poisson(NEAREST / (1 + distance), case.bins - distance)
        if distance < case.window:
            band_ID[: len(count_i), distance] = count_i
        row_i = np.flatnonzero(count_i)
        parts.append(np.stack([row_i, row_i + distance, count_i[row_i]]))
    contacts_3Z = np.concatenate(parts, axis=1)
    contacts_3Z = contacts_3Z[:, np.lexsort(contacts_3Z[1::-1])]
    for name, values_Z in zip(("row", "col", "count"), contacts_3Z, strict=True):
        np.save(case.folder / f"{name}.npy", values_Z)
    lengths = {CHROM: case.bins * RESOLUTION_BP}
    meta = ArraysMeta(RESOLUTION_BP, RESOLUTION_BP, case.window, 0, (), (SAMPLE,), lengths, {SAMPLE: 1.0})
    arrays = {"contacts": band_ID, "valid": np.ones(case.bins, bool), "tracks": np.zeros((case.bins, 0), np.float32)}
    write_arrays(case.folder / "arrays", meta, {(SAMPLE, CHROM): arrays})
    return contacts_3Z.shape[1]


def enhanced(windows_nNN: np.ndarray) -> np.ndarray:
    """Return what stands for a network: the log of one plus the contacts."""
    return np.log1p(windows_nNN)


def from_arrays(case: Case, arrays: TileArrays) -> np.ndarray:
    """Return the map (I, D) of all windows, cut from the arrays and added up a piece at a time."""
    at_n = case.centres_n
    windows = pd.DataFrame({"sample": SAMPLE, "chrom": CHROM, "bin1": at_n, "bin2": at_n})

    def score(piece: pd.DataFrame) -> np.ndarray:
        parts = np.array_split(piece["bin1"].to_numpy(), -(-len(piece) // case.piece))
        return np.concatenate([enhanced(arrays.contact_windows(SAMPLE, CHROM, each, each)) for each in parts])

    pieces = [windows.iloc[start : start + case.piece] for start in range(0, len(windows), case.piece)]
    assert len(pieces) >= 1
    return stitch(windows, score, (case.bins, case.window))
