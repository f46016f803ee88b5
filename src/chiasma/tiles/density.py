"""How many pixels of a window hold contacts: read at the window's corners, from sums made once per sample and chromosome.

Axes: I bins of a chromosome, E distance in bins, n windows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from chiasma.tiles.arrays import TileArrays

ROWS = 4096  # rows of the band summed at a time
PLACES = 1 << 20  # windows looked up at a time


@dataclass(frozen=True)
class DensityMap:
    """Sums over the pixels of one map that hold contacts.

    Attributes
    ----------
    before : (I + 1, E + 1), [i, e] the pixels (row, col), row <= col, with row < i and col < i + e; no pixel farther than E - 1
        bins from the diagonal is counted
    diagonal : (I + 1,) the pixels of the diagonal before each bin
    """

    before: NDArray[np.integer]
    diagonal: NDArray[np.integer]

    def count(
        self, rows: tuple[NDArray[np.int64], NDArray[np.int64]], cols: tuple[NDArray[np.int64], NDArray[np.int64]]
    ) -> NDArray[np.int64]:
        """Return how many pixels of each window hold contacts, those below the diagonal as their mirror images.

        Parameters
        ----------
        rows, cols : first bins and one past the last ones, any shapes that broadcast; bins beyond the ends hold nothing
        """
        bins = len(self.diagonal) - 1
        (top, bottom), (left, right) = ([np.clip(bin, 0, bins) for bin in side] for side in (rows, cols))
        above = self._above((top, bottom), (left, right))
        mirrored = self._above((left, right), (top, bottom))  # the pixels below the diagonal, and again those on it
        first, end = np.maximum(top, left), np.minimum(bottom, right)
        return above + mirrored - (self.diagonal[np.maximum(first, end)] - self.diagonal[first])

    def _above(self, rows: tuple[NDArray, NDArray], cols: tuple[NDArray, NDArray]) -> NDArray[np.int64]:
        """Return how many pixels of a window lie on or above the diagonal and hold contacts."""
        corners = [[self._before(row, col).astype(np.int64) for col in cols] for row in rows]
        return corners[1][1] - corners[0][1] - corners[1][0] + corners[0][0]

    def _before(self, row: NDArray, col: NDArray) -> NDArray[np.integer]:
        low = np.minimum(row, col)  # on or above the diagonal no pixel left of col lies below row col
        return self.before[low, col - low]


def density_map(band_ID: NDArray, reach_bins: int) -> DensityMap:
    """Return the sums over a band of contacts (I, D), for windows whose pixels lie less than ``reach_bins`` off the diagonal.

    Rows follow from each other: a column's pixels before row i + 1 are those before row i, and row i's own.
    """
    reach = min(reach_bins, band_ID.shape[1])
    kind = np.int32 if band_ID.shape[0] * reach < 1 << 31 else np.int64
    before = np.zeros((len(band_ID) + 1, reach + 1), kind)
    for start in range(0, len(band_ID), ROWS):
        own_IE = np.cumsum(holds_contacts(band_ID[start : start + ROWS, :reach]), axis=1, dtype=kind)
        for row, own_E in enumerate(own_IE, start):
            np.add(before[row, 1:], own_E, out=before[row + 1, :-1])
            before[row + 1, -1] = before[row, -1] + own_E[-1]
    diagonal = np.concatenate([[0], np.cumsum(holds_contacts(band_ID[:, 0]))])
    return DensityMap(before, diagonal)


def holds_contacts(contacts: NDArray) -> NDArray[np.bool_]:
    """Return where contacts, which are never negative, are positive; half precision is compared as integers, which is quick."""
    return (contacts.view(np.int16) if contacts.dtype == np.float16 else contacts) > 0


class WindowDensity:
    """The share of pixels that hold contacts, of the windows of one sample and chromosome.

    Parameters
    ----------
    arrays : the tileset's arrays
    place : (sample, chromosome)
    farthest_bins : largest distance of the pairs that will be asked for
    """

    def __init__(self, arrays: TileArrays, place: tuple[str, str], farthest_bins: int) -> None:
        meta, chrom = arrays.meta, place[1]
        self.window, self.bins = meta.window, meta.bins(chrom)
        self.centres = [meta.centres(chrom, side, whole=True) for side in (0, 1)]
        self.map = density_map(arrays.contacts(*place), farthest_bins + sum(meta.window) // 2)

    def fraction(self, bin1: NDArray[np.int64], bin2: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the fraction of the pixels of each pair's window, inside the chromosome, that hold contacts, of any shape; exact."""
        rows, cols = (
            [np.clip(bin + side * (width // 2), 0, self.bins) for side in (-1, 1)]
            for bin, width in zip((bin1, bin2), self.window, strict=True)
        )
        pixels = (rows[1] - rows[0]) * (cols[1] - cols[0])
        return self.map.count(tuple(rows), tuple(cols)) / np.maximum(pixels, 1)

    def draw_dense(
        self, rng: np.random.Generator, wanted: int, distances: tuple[int, int], minimum: float
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Draw pairs whose windows are dense enough, each as likely as any other and none twice, as (bin1, bin2).

        Every place is looked at, none is drawn and refused; where there are fewer than ``wanted``, all are returned.

        Parameters
        ----------
        distances : smallest and largest distance of a pair, both included
        minimum : smallest fraction of pixels that hold contacts
        """
        first = np.arange(self.centres[0][0], self.centres[0][1] + 1)
        stripes = np.array_split(first, max(1, len(first) * (distances[1] - distances[0] + 1) // PLACES))
        counts = [len(self._dense(stripe, distances, minimum)[0]) for stripe in stripes]
        edges = np.concatenate([[0], np.cumsum(counts)])
        ranks = np.sort(rng.choice(edges[-1], min(wanted, edges[-1]), replace=False))
        chosen = []
        for stripe, low, high in zip(stripes, edges, edges[1:], strict=False):
            own = ranks[(ranks >= low) & (ranks < high)] - low
            if len(own):
                chosen.append([bin[own] for bin in self._dense(stripe, distances, minimum)])
        return tuple(np.concatenate(side) for side in zip(*chosen, strict=True)) if chosen else (first[:0], first[:0])

    def _dense(
        self, bin1: NDArray[np.int64], distances: tuple[int, int], minimum: float
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the pairs from ``bin1`` whose windows lie in the chromosome and are dense enough."""
        bin1_n1, distance_E = bin1[:, None], np.arange(distances[0], distances[1] + 1)
        bin2_nE = bin1_n1 + distance_E
        inside_nE = (bin2_nE >= self.centres[1][0]) & (bin2_nE <= self.centres[1][1])
        row, col = np.nonzero(inside_nE & (self.fraction(bin1_n1, bin2_nE) >= minimum))
        return bin1[row], bin2_nE[row, col]
