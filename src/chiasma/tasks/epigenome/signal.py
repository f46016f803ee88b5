"""What baselines read of a tileset: the measured signals, and which bins may be learnt from.

Axes: I bins of a chromosome, K targets, n bins.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from chiasma.assays.scales import log2_signal
from chiasma.contracts import Inputs
from chiasma.tasks.epigenome.config import Config
from chiasma.tiles.arrays import TileArrays
from chiasma.tiles.stitching import Place
from chiasma.tiles.targets import learning_bins


def measured(config: Config, arrays: TileArrays, place: Place) -> np.ndarray:
    """Return the measured log2(1 + signal) (I, K) float64; nan where unknown, and where the map masks the bin."""
    signal_IK = log2_signal(arrays.targets(*place)[:, config.places].astype(np.float64))
    return np.where(arrays.valid(*place)[:, None], signal_IK, np.nan)


def learning_signal(config: Config, inputs: Inputs, split: str) -> Iterator[tuple[Place, np.ndarray, np.ndarray]]:
    """Yield each (sample, chromosome), the bins (n,) in kept windows of ``split``, each once, and their log2 signal (n, K)."""
    for place, bins in learning_bins(inputs.arrays, inputs.examples, split):
        yield place, bins, measured(config, inputs.arrays, place)[bins]
