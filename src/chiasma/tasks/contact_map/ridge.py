"""Ridge regression of r on the tracks at both bins of a pixel: what tracks tell without a network.

Sums of products over pixels are all that the fit needs, so memory does not grow with the pixels, and the validation error of
every penalty comes from the same sums.

Axes: I bins of a chromosome, C tracks, N bins of a window, n windows, P pixels, F features, G = 1 + F + 1: a one,
the features, r.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from chiasma.assays.scales import log2_signal
from chiasma.contracts import Inputs
from chiasma.core.errors import InputError
from chiasma.nn.ridge import choose_line
from chiasma.tasks.contact_map.config import Config, Ridge
from chiasma.tasks.contact_map.target import encode
from chiasma.tiles.arrays import TileArrays
from chiasma.tiles.window_grid import evenly_spread, in_pieces


class PixelFeatures:
    """Features of pixels from a tileset's tracks alone; what is read of a chromosome is kept.

    For the first bin of a pixel and then the second: log2 of one plus the mean signal of each track, in that bin and
    ``reach`` bins to either side. Then the product of each track at the first bin with each at the second, the log of the
    distance and its square.
    """

    def __init__(self, numbers: Ridge, arrays: TileArrays) -> None:
        self.numbers, self.arrays = numbers, arrays
        self._signal: dict[tuple[str, str], np.ndarray] = {}

    def signal(self, place: tuple[str, str]) -> np.ndarray:
        """Return log2 of one plus the mean signal (I, C) float32 of each bin."""
        if place not in self._signal:
            self._signal[place] = log2_signal(self.arrays.track_means(*place)).astype(np.float32)
        return self._signal[place]

    def of_windows(self, place: tuple[str, str], bin1: np.ndarray, bin2: np.ndarray) -> np.ndarray:
        """Return the features (n, N, N, F) float32 of windows centred on (bin1, bin2) of one (sample, chromosome)."""
        offsets_N = np.arange(-self.arrays.meta.half_bins, self.arrays.meta.half_bins)
        rows, cols = np.broadcast_arrays(
            (bin1[:, None] + offsets_N)[:, :, None], (bin2[:, None] + offsets_N)[:, None, :]
        )
        return self.of_pixels(place, np.minimum(rows, cols), np.maximum(rows, cols))

    def of_pixels(self, place: tuple[str, str], low: np.ndarray, high: np.ndarray) -> np.ndarray:
        """Return the features (..., F) float32 of pixels, ``low`` (...) their first bins and ``high`` their second."""
        signal_IC, reach = self.signal(place), np.arange(-self.numbers.reach, self.numbers.reach + 1)
        at_IR = np.clip(np.arange(len(signal_IC))[:, None] + reach, 0, len(signal_IC) - 1)
        around_IS = signal_IC[at_IR].reshape(len(signal_IC), -1)
        products = signal_IC[low][..., :, None] * signal_IC[high][..., None, :]
        far = np.log1p((high - low).astype(np.float32))[..., None]
        parts = [around_IS[low], around_IS[high], products.reshape(*low.shape, -1), far, far**2]
        return np.concatenate(parts, axis=-1).astype(np.float32, copy=False)


def products(config: Config, features: PixelFeatures, windows: pd.DataFrame) -> np.ndarray:
    """Return the sums of products (G, G) of a one, features and r over the valid pixels of ``windows``; (1, 1), 0, without any."""
    total_GG = np.zeros((1, 1))
    for _, place, bin1, bin2 in in_pieces(windows):
        target_nNN = encode(features.arrays.windows(*place, bin1, bin2), config)["target"]
        known = np.isfinite(target_nNN)
        x_PF, r_P = features.of_windows(place, bin1, bin2)[known], target_nNN[known]
        rows = np.concatenate([np.ones((len(r_P), 1), np.float32), x_PF, r_P[:, None]], axis=1)
        total_GG = total_GG + (rows.T @ rows).astype(np.float64)
    return total_GG


def fit_ridge(config: Config, numbers: Ridge, inputs: Inputs, features: PixelFeatures) -> np.ndarray:
    """Return intercept and weights (1 + F,) fitted to the kept training windows, the penalty chosen on validation windows.

    InputError when there are no training windows.
    """
    kept = inputs.examples[inputs.examples["kept"]]
    train, valid = (evenly_spread(kept[kept["split"] == split], numbers.max_examples) for split in ("train", "valid"))
    if train.empty:
        raise InputError("ridge: there are no windows to learn from; label again with other splits or distances")
    return choose_line(*(products(config, features, own) for own in (train, valid)), numbers.alphas, "ridge")


def score_windows(features: PixelFeatures, weights_F1: np.ndarray, windows: pd.DataFrame) -> np.ndarray:
    """Return r (n, N, N) float32 of windows, in their order."""
    bins = features.arrays.meta.tile_bins
    r_nNN = np.empty((len(windows), bins, bins), np.float32)
    for at, place, bin1, bin2 in in_pieces(windows):
        x_nNNF = features.of_windows(place, bin1, bin2)
        r_nNN[at] = x_nNNF @ weights_F1[1:].astype(np.float32) + np.float32(weights_F1[0])
    return r_nNN
