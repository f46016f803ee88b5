"""Ridge regression of r on the tracks at both bins of a pixel: what tracks tell without a network.

Sums of products over pixels are all that the fit needs, so memory does not grow with the pixels, and the validation error of
every penalty comes from the same sums.

Axes: I bins of a chromosome, C tracks, N bins of a window, n windows, P pixels, F features.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from chiasma.assays.scales import log2_signal
from chiasma.contracts import Inputs
from chiasma.core.errors import InputError
from chiasma.core.log import log
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


@dataclass
class Moments:
    """Sums over pixels of products of (1, features, r), which say all that a linear fit needs: (F + 2, F + 2)."""

    products: np.ndarray

    @property
    def pixels(self) -> float:
        """Number of pixels."""
        return float(self.products[0, 0])

    def error(self, weights_F1: np.ndarray) -> float:
        """Return the mean square of r less its prediction by ``weights_F1``, the intercept first."""
        difference = np.append(weights_F1, -1.0)
        return float(difference @ self.products @ difference) / self.pixels


def moments(config: Config, numbers: Ridge, features: PixelFeatures, windows: pd.DataFrame) -> Moments:
    """Return the sums over the valid pixels of ``windows``, of all samples and chromosomes."""
    total = 0.0
    for _, place, bin1, bin2 in in_pieces(windows):
        target_nNN = encode(features.arrays.windows(*place, bin1, bin2), config)["target"]
        known = np.isfinite(target_nNN)
        x_PF, r_P = features.of_windows(place, bin1, bin2)[known], target_nNN[known]
        rows = np.concatenate([np.ones((len(r_P), 1), np.float32), x_PF, r_P[:, None]], axis=1)
        total = total + (rows.T @ rows).astype(np.float64)
    if not np.ndim(total):
        raise InputError("ridge: there are no windows to learn from; label again with other splits or distances")
    return Moments(total)


def solve(sums: Moments, alpha: float) -> np.ndarray:
    """Return intercept and weights (1 + F,) that minimise mean square error + alpha * |weights of standardised features|^2."""
    mean_F = sums.products[0, 1:-1] / sums.pixels
    covariance_FF = sums.products[1:-1, 1:-1] / sums.pixels - np.outer(mean_F, mean_F)
    mean_r = sums.products[0, -1] / sums.pixels
    shared_F = sums.products[1:-1, -1] / sums.pixels - mean_F * mean_r
    scale_F = np.sqrt(np.maximum(np.diag(covariance_FF), 1e-12))
    penalised_FF = covariance_FF / np.outer(scale_F, scale_F) + alpha * np.eye(len(scale_F))
    weights_F = np.linalg.solve(penalised_FF, shared_F / scale_F) / scale_F
    return np.append(mean_r - mean_F @ weights_F, weights_F)


def fit_ridge(config: Config, numbers: Ridge, inputs: Inputs, features: PixelFeatures) -> np.ndarray:
    """Return intercept and weights (1 + F,) fitted to the kept training windows, the penalty chosen on validation windows."""
    kept = inputs.examples[inputs.examples["kept"]]
    train, valid = (evenly_spread(kept[kept["split"] == split], numbers.max_examples) for split in ("train", "valid"))
    sums = moments(config, numbers, features, train)
    fits = {alpha: solve(sums, alpha) for alpha in numbers.alphas}
    if not len(valid):
        log.warning("ridge: no validation windows to choose a penalty with: taking %g", numbers.alphas[0])
        return fits[numbers.alphas[0]]
    judge = moments(config, numbers, features, valid)
    errors = {alpha: judge.error(weights) for alpha, weights in fits.items()}
    log.info("ridge: validation error by penalty: %s", errors)
    return fits[min(errors, key=lambda alpha: errors[alpha])]


def score_windows(features: PixelFeatures, weights_F1: np.ndarray, windows: pd.DataFrame) -> np.ndarray:
    """Return r (n, N, N) float32 of windows, in their order."""
    bins = features.arrays.meta.tile_bins
    r_nNN = np.empty((len(windows), bins, bins), np.float32)
    for at, place, bin1, bin2 in in_pieces(windows):
        x_nNNF = features.of_windows(place, bin1, bin2)
        r_nNN[at] = x_nNNF @ weights_F1[1:].astype(np.float32) + np.float32(weights_F1[0])
    return r_nNN
