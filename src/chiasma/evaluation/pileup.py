"""Aggregate peak analysis: the mean observed over expected around loops (Rao et al. 2014).

Axes: n loops, W = 2 * pile_bins + 1 offsets in bins. Rows are offsets of the first anchor, columns of the second, so the
lower left corner (rows after the first anchor, columns before the second) lies nearest to the diagonal.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from chiasma.tiles.arrays import TileArrays

CHUNK = 256  # windows cut at a time; their tracks are cut with them


def cut_piles(arrays: TileArrays, loops: pd.DataFrame, pile_bins: int) -> NDArray[np.float32]:
    """Return observed over expected around each loop (n, W, W).

    Masked bins, distances without contacts, and pixels on or below the diagonal are nan.

    Parameters
    ----------
    loops : columns sample, chrom, bin1, bin2; their tiles must lie on the chromosome
    pile_bins : half-width, below half a tile
    """
    half = arrays.meta.half_bins
    if pile_bins >= half:
        raise ValueError(f"pile_bins is {pile_bins}; a pile-up must fit a tile, so it must be below {half}")
    width = 2 * pile_bins + 1
    piles_nWW = np.full((len(loops), width, width), np.nan, np.float32)
    inner = slice(half - pile_bins, half + pile_bins + 1)
    for (sample, chrom), at in loops.groupby(["sample", "chrom"]).indices.items():
        for part in np.array_split(at, -(-len(at) // CHUNK)):
            own = loops.iloc[part]
            tiles = arrays.windows(sample, chrom, own["bin1"].to_numpy(), own["bin2"].to_numpy())
            piles_nWW[part] = _ratio(*(tiles[name][:, inner, inner] for name in ("contacts", "expected", "valid")))
    return np.where(_distance(loops, pile_bins) > 0, piles_nWW, np.nan)


def _ratio(contacts: NDArray, expected: NDArray, valid: NDArray[np.bool_]) -> NDArray:
    known = valid & (expected > 0)
    return np.divide(contacts, expected, out=np.full(contacts.shape, np.nan, np.float32), where=known)


def _distance(loops: pd.DataFrame, pile_bins: int) -> NDArray[np.int64]:
    offset = np.arange(-pile_bins, pile_bins + 1)
    gap_n = (loops["bin2"] - loops["bin1"]).to_numpy()
    return gap_n[:, None, None] + offset[None, None, :] - offset[None, :, None]


@dataclass(frozen=True)
class Parts:
    """What an APA score is made of, for each loop (n,): the mean over the pixels of a part of its pile; nan where all are masked."""

    centre: NDArray
    lower_left: NDArray
    centre_3x3: NDArray
    corners: NDArray

    def of(self, chosen: NDArray[np.bool_]) -> Parts:
        """Return the parts of some loops."""
        return Parts(self.centre[chosen], self.lower_left[chosen], self.centre_3x3[chosen], self.corners[chosen])


def pile_parts(piles_nWW: NDArray, corner_bins: int) -> Parts:
    """Return each loop's centre pixel, lower left corner, 3 x 3 centre and four corners of ``corner_bins`` squared pixels."""
    middle, low, high = piles_nWW.shape[-1] // 2, slice(None, corner_bins), slice(-corner_bins, None)
    corners = [piles_nWW[:, rows, cols] for rows in (low, high) for cols in (low, high)]
    three = slice(middle - 1, middle + 2)
    return Parts(
        centre=piles_nWW[:, middle, middle],
        lower_left=_mean(piles_nWW[:, high, low]),
        centre_3x3=_mean(piles_nWW[:, three, three]),
        corners=_mean(np.concatenate(corners, axis=1)),
    )


def apa_scores(parts: Parts, weight_Dn: NDArray) -> dict[str, NDArray[np.float64]]:
    """Return the two APA scores, each (D,): centre over lower left corner, and 3 x 3 centre over the four corners."""
    return {
        "apa": _over(_weighted_mean(parts.centre, weight_Dn), _weighted_mean(parts.lower_left, weight_Dn)),
        "apa_corners": _over(_weighted_mean(parts.centre_3x3, weight_Dn), _weighted_mean(parts.corners, weight_Dn)),
    }


def mean_pile(piles_nWW: NDArray) -> NDArray[np.float64]:
    """Return the mean over loops (W, W), of the loops that have a value at the pixel; nan where none has."""
    known = np.isfinite(piles_nWW)
    count = known.sum(axis=0)
    total = np.where(known, piles_nWW, 0).sum(axis=0, dtype=float)
    return np.divide(total, count, out=np.full(count.shape, np.nan), where=count > 0)


def _mean(pixels_nHW: NDArray) -> NDArray[np.float64]:
    return mean_pile(np.moveaxis(pixels_nHW.reshape(len(pixels_nHW), -1), 0, 1)) if len(pixels_nHW) else np.empty(0)


def _weighted_mean(values_n: NDArray, weight_Dn: NDArray) -> NDArray[np.float64]:
    known = np.isfinite(values_n)
    total = weight_Dn @ known
    top = weight_Dn @ np.where(known, values_n, 0)
    return _over(top, total)


def _over(top_D: NDArray, bottom_D: NDArray) -> NDArray[np.float64]:
    return np.divide(top_D, bottom_D, out=np.full(len(top_D), np.nan), where=bottom_D > 0)
