"""Contacts between two chromosomes: compressed sparse rows on disk, opened as memory maps, cut into windows on demand.

Axes: I bins of the first chromosome, J of the second, E pixels that hold contacts, n windows, R rows and K columns of a window.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from chiasma.core.errors import InputError
from chiasma.tiles.cutting import Shape, offsets
from chiasma.tiles.half import as_float16, as_float32

FAR = (
    1 << 30
)  # distance_bins of a pair on two chromosomes: farther than any chromosome is long, exact in float32, no diagonal in sight


class TransMap(NamedTuple):
    """The contacts of one sample between two chromosomes.

    Attributes
    ----------
    start : (I + 1,) int64, the first pixel of each row, and the number of pixels
    column : (E,) int32, bins of the second chromosome, rising within a row
    contacts : (E,) float16, count-like, positive
    expected : mean contacts of pairs of valid bins
    """

    start: NDArray[np.int64]
    column: NDArray[np.int32]
    contacts: NDArray[np.float16]
    expected: float


def trans_path(folder: Path, sample: str, chroms: tuple[str, str], kind: str) -> Path:
    """Return the file of one array of a `TransMap`."""
    return folder / sample / "trans" / chroms[0] / f"{chroms[1]}.{kind}.npy"


def write_trans(
    folder: Path,
    sample: str,
    chroms: tuple[str, str],
    pixels: tuple[NDArray, NDArray, NDArray],
    valid: tuple[NDArray[np.bool_], NDArray[np.bool_]],
) -> None:
    """Write the contacts between two chromosomes into an arrays folder that is being made.

    Parameters
    ----------
    pixels : bin of the first chromosome, bin of the second, contacts (count-like), each pair once in any order; those of a
        masked bin, and zeros, are left out
    valid : whether each bin of the first, and of the second chromosome has a weight
    """
    row_E, column_E, value_E = pixels
    half_E = as_float16(value_E, f"{sample} {chroms[0]} x {chroms[1]} contacts")
    kept_E = (half_E > 0) & valid[0][row_E] & valid[1][column_E]
    row_E, column_E, half_E = row_E[kept_E], column_E[kept_E], half_E[kept_E]
    order = np.lexsort((column_E, row_E))
    pairs = int(valid[0].sum()) * int(valid[1].sum())
    start = np.concatenate([[0], np.cumsum(np.bincount(row_E, minlength=len(valid[0])))])
    expected = half_E.sum(dtype=np.float64) / max(pairs, 1)
    arrays = (start.astype(np.int64), column_E[order].astype(np.int32), half_E[order], np.float64(expected))
    for kind, array in zip(TransMap._fields, arrays, strict=True):
        path = trans_path(folder, sample, chroms, kind)
        path.parent.mkdir(parents=True, exist_ok=True)
        np.save(path, array, allow_pickle=False)


def open_trans(folder: Path, sample: str, chroms: tuple[str, str], bins: tuple[int, int]) -> TransMap:
    """Open the contacts between two chromosomes of so many bins; InputError when the files are of other ones or cut short."""
    paths = {kind: trans_path(folder, sample, chroms, kind) for kind in TransMap._fields}
    for path in paths.values():
        if not path.is_file():
            raise InputError(
                f"{path}: no such file; the tileset has no windows between these chromosomes in this order: set its key "
                "trans_per_mb and tile again"
            )
    start, column, contacts, expected = (
        np.load(path, mmap_mode="r" if kind in ("column", "contacts") else None, allow_pickle=False)
        for kind, path in paths.items()
    )
    found = TransMap(start, np.asarray(column), np.asarray(contacts), float(expected))
    if len(start) != bins[0] + 1 or not start[-1] == len(column) == len(contacts):
        raise InputError(
            f"{paths['start']}: {len(start) - 1} rows and {len(column)} pixels, expected {bins[0]} and {start[-1]}; tile again"
        )
    return found


def cut_trans(found: TransMap, x_n: NDArray[np.int64], y_n: NDArray[np.int64], shape: Shape) -> NDArray[np.float32]:
    """Return the contacts (n, R, K) of windows; those beyond the ends are 0."""
    out_nRK = np.zeros((len(x_n), *shape), np.float16)
    low_nR, high_nR = _spans(found, x_n, y_n, shape)
    pixels_m = (high_nR - low_nR).ravel()
    row_E = np.repeat(np.arange(len(pixels_m)), pixels_m)  # rows of all windows, one after the other
    place_E = np.arange(len(row_E)) + np.repeat(low_nR.ravel() - np.cumsum(pixels_m) + pixels_m, pixels_m)
    first_E = np.repeat(y_n - shape[1] // 2, shape[0])[row_E]
    out_nRK.reshape(-1, shape[1])[row_E, found.column[place_E] - first_E] = found.contacts[place_E]
    return as_float32(out_nRK)


def count_trans(found: TransMap, x_n: NDArray[np.int64], y_n: NDArray[np.int64], shape: Shape) -> NDArray[np.int64]:
    """Return how many pixels of each window hold contacts (n,); no window is cut for it."""
    low_nR, high_nR = _spans(found, x_n, y_n, shape)
    return (high_nR - low_nR).sum(axis=1)


def _spans(
    found: TransMap, x_n: NDArray[np.int64], y_n: NDArray[np.int64], shape: Shape
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the first pixel of each row of each window, and one past the last (n, R)."""
    row_nR, bins = x_n[:, None] + offsets(shape[0]), len(found.start) - 1
    inside_nR, row_nR = (row_nR >= 0) & (row_nR < bins), np.clip(row_nR, 0, bins - 1)
    start_nR, end_nR = found.start[row_nR], np.where(inside_nR, found.start[row_nR + 1], found.start[row_nR])
    first_n1 = y_n[:, None] - shape[1] // 2
    low_nR = _first_from(found.column, start_nR, end_nR, first_n1)
    return low_nR, _first_from(found.column, low_nR, end_nR, first_n1 + shape[1])


def _first_from(
    column_E: NDArray[np.int32], low: NDArray[np.int64], high: NDArray[np.int64], wanted: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return the first place of each span [low, high) whose column is ``wanted`` or later, ``high`` where none is: all bisected at once."""
    for _ in range(int((high - low).max(initial=0)).bit_length()):
        searched, middle = low < high, (low + high) // 2
        earlier = searched & (column_E[np.where(searched, middle, 0)] < wanted)
        low, high = np.where(earlier, middle + 1, low), np.where(searched & ~earlier, middle, high)
    return low
