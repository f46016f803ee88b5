"""Which windows are drawn: along the diagonal at even steps, pairs off it and pairs between chromosomes at random."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from chiasma.core.errors import InputError
from chiasma.core.seed import generator
from chiasma.tiles.arrays import ArraysMeta, TileArrays
from chiasma.tiles.density import WindowDensity
from chiasma.tiles.splits import SPLIT_NAMES

if TYPE_CHECKING:
    from chiasma.tiles.index import TilesetConfig

Place = tuple[str, str]  # sample, chromosome


def draw_diagonal(arrays: TileArrays, place: Place, config: TilesetConfig) -> pd.DataFrame:
    """Return tiles on the diagonal every ``diagonal_stride_bins``, the first flush with the chromosome's start.

    Of a padded tileset the first holds the whole of a chromosome that is shorter than a tile.
    """
    stride, bins = config.diagonal_stride_bins, arrays.meta.bins(place[1])
    first = max(arrays.meta.window) // 2
    if arrays.meta.pad and bins < 2 * first:
        first = _middle(arrays.valid(*place), min(arrays.meta.window) // 2)
    bin1 = np.arange(first, bins, stride) if stride else np.zeros(0, np.int64)
    return _drawn(place, bin1, bin1, "tiling")


def _middle(valid_I: np.ndarray, half: int) -> int:
    """Return the bin next to a chromosome's middle that is valid, of those a window around which holds the whole of it."""
    bins = len(valid_I)
    holding = np.arange(max(bins - half, 0), min(half, bins - 1) + 1)
    holding = holding[valid_I[holding]]
    return int(min(holding, key=lambda bin: abs(bin - bins // 2), default=bins // 2))


def draw_pairs(arrays: TileArrays, place: Place, config: TilesetConfig, density: WindowDensity) -> pd.DataFrame:
    """Return ``pairs_per_mb`` pairs per Mb, their distance uniform, their place uniform where they fit.

    With ``dense_only`` each pair whose window is dense enough is as likely as any other, and drawn at most once.
    """
    rng = generator(config.seed, "pairs", *place)
    first, end = arrays.meta.centres(place[1])[0], arrays.meta.centres(place[1], 1)[1]
    nearest, farthest = config.pairs_min_distance_bins, min(config.max_distance_bins, end - first)
    wanted = round(config.pairs_per_mb * arrays.meta.chromosomes[place[1]] / 1e6)
    if farthest < nearest:
        wanted, farthest = 0, nearest
    if wanted and config.dense_only:
        bins = density.draw_dense(rng, wanted, (nearest, farthest), config.min_nonzero_fraction)
        return _drawn(place, *bins, "pairs")
    distance = rng.integers(nearest, farthest, wanted, endpoint=True)
    bin1 = first + rng.integers(0, end - first - distance, endpoint=True)
    return _drawn(place, bin1, bin1 + distance, "pairs")


def draw_trans(
    meta: ArraysMeta, sample: str, config: TilesetConfig, split_I: Mapping[tuple[str, int], np.ndarray]
) -> pd.DataFrame:
    """Return ``trans_per_mb`` pairs of bins of two chromosomes per Mb of all of them, each as likely as any other, none twice.

    Both windows lie in regions of one split, so that no draw is lost where splits are whole chromosomes.

    Parameters
    ----------
    split_I : (chromosome, side) -> the split that holds the window around each bin, side 0 for rows, 1 for columns
    """
    kinds = [(*chroms, split) for chroms in combinations(meta.chromosomes, 2) for split in SPLIT_NAMES]
    bins = [
        [np.flatnonzero(split_I[chrom, side] == split) for side, chrom in enumerate(chroms)] for *chroms, split in kinds
    ]
    end = np.cumsum([len(rows) * len(cols) for rows, cols in bins])  # the pairs of all kinds, one after the other
    wanted = min(round(config.trans_per_mb * sum(meta.chromosomes.values()) / 1e6), int(end[-1]) if len(end) else 0)
    if not wanted:
        raise InputError(
            "tileset: trans_per_mb asks for windows between chromosomes, and there is no room for one: no two chromosomes "
            "have a window in the same split; shorten tile_bins, set pad, or split by block"
        )
    rank = np.sort(generator(config.seed, "trans", sample).choice(int(end[-1]), wanted, replace=False))
    frames = []
    for (chrom, chrom2, _), (rows, cols), last in zip(kinds, bins, end, strict=True):
        own = rank[(rank < last) & (rank >= last - len(rows) * len(cols))] - (last - len(rows) * len(cols))
        row, col = np.divmod(own, max(len(cols), 1))
        frames.append(_drawn((sample, chrom), rows[row], cols[col], "trans").assign(chrom2=chrom2))
    return pd.concat(frames, ignore_index=True)


def _drawn(place: Place, bin1: np.ndarray, bin2: np.ndarray, source: str) -> pd.DataFrame:
    return pd.DataFrame({"bin1": bin1, "bin2": bin2, "source": source, "sample": place[0], "chrom": place[1]})
