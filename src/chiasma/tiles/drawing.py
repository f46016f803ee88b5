"""Which windows are drawn: along the diagonal at even steps, and pairs off it at random."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from chiasma.core.seed import generator
from chiasma.tiles.arrays import TileArrays
from chiasma.tiles.density import WindowDensity

if TYPE_CHECKING:
    from chiasma.tiles.index import TilesetConfig

Place = tuple[str, str]  # sample, chromosome


def draw_diagonal(arrays: TileArrays, place: Place, config: TilesetConfig) -> pd.DataFrame:
    """Return tiles on the diagonal every ``diagonal_stride_bins``, the first flush with the chromosome's start."""
    stride, bins = config.diagonal_stride_bins, arrays.meta.bins(place[1])
    bin1 = np.arange(arrays.meta.half_bins, bins, stride) if stride else np.zeros(0, np.int64)
    return _drawn(place, bin1, bin1, "tiling")


def draw_pairs(arrays: TileArrays, place: Place, config: TilesetConfig, density: WindowDensity) -> pd.DataFrame:
    """Return ``pairs_per_mb`` pairs per Mb, their distance uniform, their place uniform where they fit.

    With ``dense_only`` each pair whose window is dense enough is as likely as any other, and drawn at most once.
    """
    rng = generator(config.seed, "pairs", *place)
    room = arrays.meta.bins(place[1]) - arrays.meta.tile_bins  # positions of a tile on the diagonal
    nearest, farthest = config.pairs_min_distance_bins, min(config.max_distance_bins, room)
    wanted = round(config.pairs_per_mb * arrays.meta.chromosomes[place[1]] / 1e6)
    if farthest < nearest:
        wanted, farthest = 0, nearest
    if wanted and config.dense_only:
        bins = density.draw_dense(rng, wanted, (nearest, farthest), config.min_nonzero_fraction)
        return _drawn(place, *bins, "pairs")
    distance = rng.integers(nearest, farthest, wanted, endpoint=True)
    bin1 = arrays.meta.half_bins + rng.integers(0, room - distance, endpoint=True)
    return _drawn(place, bin1, bin1 + distance, "pairs")


def _drawn(place: Place, bin1: np.ndarray, bin2: np.ndarray, source: str) -> pd.DataFrame:
    return pd.DataFrame({"bin1": bin1, "bin2": bin2, "source": source, "sample": place[0], "chrom": place[1]})
