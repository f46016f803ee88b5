"""Compare how a whole chromosome's windows are read and put together with a loop over the chromosome's list of contacts.

Not a test: run it on request, from the checkout, as

    python -m tests.benchmarks.bench_enhance [--bins 10000] [--window 224] [--stride 20] [--repeats 3]

chiasma cuts windows from the stored band and adds their values up, with weights that fall to the borders, a few windows at a
time. The loop costs what the released HiCFoundation's does (specification 5 and 8.1): for each window all contacts of the
chromosome are filtered by rows and columns, the coordinates, values and weights of all windows are kept, and the mean is taken at
the end. No network runs in between: what becomes of a window is one and the same function. Weights are the same too (the
released ones are 1), so the maps must be equal, and are checked.

The ways take turns, each in a process of its own, on one thread. Time is the processor's, which others on the machine disturb
least, for reading and putting together, the list in memory or the arrays open before; peak memory is over what is held then. The last lines are the bytes on disk a window: of our arrays, and of
the peer's tiles, dense float64 of twice the width every half of that (specification 1.2: 448 x 448, stride 224).

Axes: I bin of the chromosome, D distance in bins, N bin of a window, n windows, Z contacts of the list.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from tests.benchmarks.processes import apart, forget_peak, resident_mb

from chiasma.core.seed import generator
from chiasma.tiles.arrays import ArraysMeta, TileArrays, write_arrays
from chiasma.tiles.stitching import centres, stitch_map, tent

CHROM, SAMPLE, RESOLUTION_BP = "chr1", "s", 5000
NEAREST, FARTHEST = 60.0, 2000  # contacts expected of a bin and itself; distances, in bins, that the list reaches
BATCH = 32  # windows that a network would be given
WAYS = ("arrays", "loop")
LIST = ("row", "col", "count")


@dataclass(frozen=True)
class Case:
    """A chromosome on disk, and the windows on its diagonal."""

    folder: Path
    bins: int
    window: int
    stride: int

    @property
    def centres_n(self) -> np.ndarray:
        """The bins that windows are centred on."""
        return centres(0, self.bins, self.window // 2, self.stride)


def simulate(case: Case) -> int:
    """Write the list of a map whose contacts fall with distance, each pair once, and its arrays; return the list's length."""
    rng, parts = generator("bench_enhance", case.bins), []
    for distance in range(min(case.bins, FARTHEST)):
        count_I = rng.poisson(NEAREST / (1 + distance), case.bins - distance)
        row_Z = np.flatnonzero(count_I)
        parts.append(np.stack([row_Z, row_Z + distance, count_I[row_Z]]))
    list_3Z = np.concatenate(parts, axis=1)
    list_3Z = list_3Z[:, np.lexsort(list_3Z[1::-1])]
    for name, values_Z in zip(LIST, list_3Z, strict=True):
        np.save(case.folder / f"{name}.npy", values_Z)
    tile(case, list_3Z)
    return list_3Z.shape[1]


def tile(case: Case, list_3Z: np.ndarray) -> None:
    """Write the arrays of the listed contacts for the case's windows."""
    row_Z, col_Z, count_Z = list_3Z[:, list_3Z[1] - list_3Z[0] < case.window]
    band_ID = np.zeros((case.bins, case.window), np.float32)
    band_ID[row_Z, col_Z - row_Z] = count_Z
    lengths = {CHROM: case.bins * RESOLUTION_BP}
    meta = ArraysMeta(RESOLUTION_BP, RESOLUTION_BP, case.window, 0, (), (SAMPLE,), lengths, {SAMPLE: 1.0})
    arrays = {"contacts": band_ID, "valid": np.ones(case.bins, bool), "tracks": np.zeros((case.bins, 0), np.float32)}
    write_arrays(case.folder / "arrays", meta, {(SAMPLE, CHROM): arrays})


def enhanced(window: np.ndarray) -> np.ndarray:
    """Return what stands for a network: the log of one plus the contacts."""
    return np.log1p(window)


# ------------------------------------------------------------------------------------------------------ the ways


def from_arrays(case: Case, arrays: TileArrays) -> np.ndarray:
    """Return the map (I, D) by chiasma's way."""
    at_n = case.centres_n

    def score(piece: pd.DataFrame) -> np.ndarray:
        values_nNN = np.empty((len(piece), case.window, case.window), np.float32)
        for start in range(0, len(piece), BATCH):
            at = piece["bin1"].to_numpy()[start : start + BATCH]
            values_nNN[start : start + BATCH] = enhanced(arrays.contact_windows(SAMPLE, CHROM, at, at))
        return values_nNN

    windows = pd.DataFrame({"sample": SAMPLE, "chrom": CHROM, "bin1": at_n, "bin2": at_n})
    return stitch_map(windows, score, (case.bins, case.window), case.window)


def from_list(case: Case, list_3Z: Sequence[np.ndarray]) -> np.ndarray:
    """Return the map (I, D) by the loop: each window filters the whole list, and all stay until the end."""
    row_Z, col_Z, count_Z = list_3Z
    weight_NN, kept = np.outer(tent(case.window), tent(case.window)), []
    for start in case.centres_n - case.window // 2:
        end = start + case.window
        inside_Z = (row_Z >= start) & (row_Z < end) & (col_Z >= start) & (col_Z < end)
        window_NN = np.zeros((case.window, case.window), np.float32)
        window_NN[row_Z[inside_Z] - start, col_Z[inside_Z] - start] = count_Z[inside_Z]
        window_NN = np.maximum(window_NN, window_NN.T)
        row_k, col_k = (side_NN.ravel() + start for side_NN in np.indices(window_NN.shape))
        kept.append(
            (np.minimum(row_k, col_k), np.maximum(row_k, col_k), enhanced(window_NN).ravel(), weight_NN.ravel())
        )
    low_k, high_k, value_k, weight_k = (np.concatenate(parts) for parts in zip(*kept, strict=True))
    sums, weights = (
        coo_array((each_k, (low_k, high_k)), shape=(case.bins, case.bins)).tocsr()
        for each_k in (weight_k * value_k, weight_k)
    )
    return as_band(case, sums, weights)


def as_band(case: Case, sums: coo_array, weights: coo_array) -> np.ndarray:
    """Return sums over weights (I, D), nan where no window lies."""
    band_ID = np.full((case.bins, case.window), np.nan)
    for distance in range(case.window):
        weight_I = weights.diagonal(distance)
        seen_I = np.flatnonzero(weight_I)
        band_ID[seen_I, distance] = sums.diagonal(distance)[seen_I] / weight_I[seen_I]
    return band_ID


def measure(case: Case, way: str) -> tuple[float, float]:
    """Return seconds and peak MB of one way, and write its map; for a process of its own."""
    if way == "arrays":
        arrays = TileArrays.open(case.folder / "arrays")
        function, held = from_arrays, arrays
        arrays.contact_windows(SAMPLE, CHROM, case.centres_n[:1], case.centres_n[:1])
    else:
        function, held = from_list, [np.load(case.folder / f"{name}.npy") for name in LIST]
    before = forget_peak()
    began = time.process_time()
    band_ID = function(case, held)
    taken, peak = time.process_time() - began, resident_mb("VmHWM") - before
    np.save(case.folder / f"{way}.npy", band_ID)
    return taken, peak


# -------------------------------------------------------------------------------------------------------- report


def spread(values: Sequence[float], form: str) -> str:
    """Return median, and min and max in brackets, as text."""
    return f"{np.median(values):{form}} ({min(values):{form}} to {max(values):{form}})"


def report(case: Case, measured: dict[str, list[tuple[float, float]]]) -> None:
    """Print time and memory of both ways; ratios are of one turn."""
    count = len(case.centres_n)
    print("\n| way | s, median (range) | ms a window | peak, MB |\n|---|---|---|---|")
    for way, turns in measured.items():
        taken, peaks = zip(*turns, strict=True)
        print(f"| {way} | {spread(taken, '.2f')} | {1e3 * np.median(taken) / count:.2f} | {spread(peaks, '.0f')} |")
    for number, what in enumerate(("time", "peak memory")):
        ratios = [loop[number] / own[number] for own, loop in zip(*(measured[way] for way in WAYS), strict=True)]
        print(f"{what} of the loop over that of the arrays: {spread(ratios, '.1f')}")


def report_disk(case: Case, list_3Z: np.ndarray) -> None:
    """Print the bytes a window of arrays made for the peer's tiles, at the peer's stride and at ours."""
    wide = replace(case, folder=case.folder / "wide", window=2 * case.window, stride=case.window)
    wide.folder.mkdir()
    tile(wide, list_3Z)
    stored = sum(path.stat().st_size for path in (wide.folder / "arrays").rglob("*") if path.is_file())
    copied = wide.window**2 * np.dtype(np.float64).itemsize
    print(
        f"\nbytes a window of {wide.window} x {wide.window} on the diagonal: stored as float64, {copied / 1e3:.0f} kB each"
    )
    for stride in (wide.stride, case.stride):
        count = len(replace(wide, stride=stride).centres_n)
        print(
            f"arrays, stride {stride}: {stored / count / 1e3:.1f} kB a window ({count} windows share {stored / 1e6:.1f} MB), "
            f"1/{copied * count / stored:.1f} of that"
        )


def main() -> None:
    """Make the chromosome, let both ways take turns, and check that their maps are equal."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bins", type=int, default=10_000)
    parser.add_argument("--window", type=int, default=224)
    parser.add_argument("--stride", type=int, default=20)
    parser.add_argument("--repeats", type=int, default=3)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as text:
        case = Case(Path(text), chosen.bins, chosen.window, chosen.stride)
        contacts = simulate(case)
        print(
            f"{case.bins} bins, {contacts / 1e6:.2f} million contacts in the list, {len(case.centres_n)} windows of ",
            end="",
        )
        print(f"{case.window} every {case.stride} bins; load {os.getloadavg()[0]:.1f}")
        measured: dict[str, list[tuple[float, float]]] = {way: [] for way in WAYS}
        for _ in range(chosen.repeats):
            for way in WAYS:
                measured[way].append(apart(measure, case, way))
            np.testing.assert_allclose(*(np.load(case.folder / f"{way}.npy") for way in WAYS), rtol=1e-5)
        report(case, measured)
        report_disk(case, np.stack([np.load(case.folder / f"{name}.npy") for name in LIST]))
    print(f"load at the end {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
