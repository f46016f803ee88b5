"""The places at which maps are compared: windows on the diagonal of every sample, filtered as a tileset's tiles are."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from chiasma.core.log import progress
from chiasma.tasks.reproducibility.config import Config
from chiasma.tiles.arrays import TileArrays
from chiasma.tiles.index import check_tiles

WINDOW = ["sample", "chrom", "bin1", "bin2", "start", "end", "split", "kept", "reason"]


def tiled_windows(
    config: Config, arrays: TileArrays, splits: pd.DataFrame, samples: Sequence[str], chromosomes: Sequence[str]
) -> pd.DataFrame:
    """Return the windows of samples at the same places, columns `WINDOW`, by sample, chromosome and bin.

    The first window touches the chromosome's start, the others follow every ``stride_bins``. ``start`` and ``end`` are its
    bases, half-open; ``split`` is none where it lies in no single split.
    """
    frames = [pd.DataFrame(columns=WINDOW)]
    places = [(sample, chrom) for sample in samples for chrom in chromosomes]
    for sample, chrom in progress(places, "windows"):
        bins = np.arange(arrays.meta.half_bins, arrays.meta.bins(chrom), config.stride_bins)
        drawn = pd.DataFrame({"sample": sample, "chrom": chrom, "bin1": bins, "bin2": bins})
        if len(drawn):
            found = check_tiles(arrays, splits, drawn, config.min_nonzero_fraction)
            frames.append(found.rename(columns={"start1": "start", "end1": "end"})[WINDOW])
    return pd.concat(frames[1:] or frames, ignore_index=True)
