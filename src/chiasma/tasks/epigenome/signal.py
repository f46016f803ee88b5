"""What baselines read of a tileset: the measured signals, and which bins may be learnt from.

Axes: I bins of a chromosome, N bins of a window, K targets, n windows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd

from chiasma.assays.scales import log2_signal
from chiasma.contracts import Inputs
from chiasma.tasks.epigenome.config import Config
from chiasma.tiles.arrays import TileArrays

Place = tuple[str, str]  # sample, chromosome
Profile = Callable[[Place], np.ndarray]  # -> log2(1 + signal) (I, K)


def measured(config: Config, arrays: TileArrays, place: Place) -> np.ndarray:
    """Return the measured log2(1 + signal) (I, K) float64; nan where unknown, and where the map masks the bin."""
    signal_IK = log2_signal(arrays.targets(*place)[:, config.places].astype(np.float64))
    return np.where(arrays.valid(*place)[:, None], signal_IK, np.nan)


def learning_bins(config: Config, inputs: Inputs, split: str) -> Iterator[tuple[Place, np.ndarray, np.ndarray]]:
    """Yield each (sample, chromosome), the bins (n,) in kept windows of ``split``, each once, and their log2 signal (n, K)."""
    half, kept = inputs.arrays.meta.half_bins, inputs.examples[inputs.examples["kept"]]
    for (sample, chrom), own in kept[kept["split"] == split].groupby(["sample", "chrom"], sort=True):
        place = (str(sample), str(chrom))
        bins = np.unique(own["bin1"].to_numpy(np.int64)[:, None] + np.arange(-half, half))
        yield place, bins, measured(config, inputs.arrays, place)[bins]


def score_windows(profile: Profile, arrays: TileArrays) -> Callable[[pd.DataFrame], np.ndarray]:
    """Return windows on the diagonal -> log2(1 + signal) (n, N, K), cut from the profile of their chromosome."""

    def score(windows: pd.DataFrame) -> np.ndarray:
        offsets_N = np.arange(-arrays.meta.half_bins, arrays.meta.half_bins)
        centre_n, found = windows["bin1"].to_numpy(np.int64), {}
        for (sample, chrom), rows in windows.groupby(["sample", "chrom"], sort=True).indices.items():
            values_IK = profile((str(sample), str(chrom)))
            found |= dict(zip(rows.tolist(), values_IK[centre_n[rows][:, None] + offsets_N], strict=True))
        return np.stack([found[row] for row in range(len(windows))])

    return score
