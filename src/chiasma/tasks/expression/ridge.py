"""Ridge regression of log2 signal on the tracks in and around a bin: what tracks tell without contacts or a network.

Axes: I bins of a chromosome, C tracks, F features, n bins.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from chiasma.contracts import Inputs
from chiasma.core.log import log
from chiasma.tasks.expression.config import Config, Ridge
from chiasma.tasks.expression.signal import gather, training_bins
from chiasma.tiles.arrays import TileArrays
from chiasma.tiles.stitching import Place, Profile


def features(arrays: TileArrays, place: Place, reach: int) -> np.ndarray:
    """Return log2 of one plus each track's mean (I, F) in each bin and ``reach`` bins to either side; 0 beyond the ends.

    F = (2 ``reach`` + 1) C, the bins in order, in each the tracks.
    """
    signal_IC = np.log2(1 + arrays.track_means(*place))
    padded = np.pad(signal_IC, ((reach, reach), (0, 0)))
    around_ICR = sliding_window_view(padded, 2 * reach + 1, axis=0)
    return around_ICR.transpose(0, 2, 1).reshape(len(signal_IC), -1)


def build_ridge(config: Config, numbers: Ridge, inputs: Inputs) -> Profile:
    """Return place -> predicted log2(1 + signal) (I,), fitted to the training bins of all samples."""

    def values(place: Place) -> np.ndarray:
        return features(inputs.arrays, place, numbers.reach_bins)

    model = fit_ridge(numbers, training_bins(config, inputs, values), gather(config, inputs, "valid", values))
    return lambda place: model.predict(values(place))


def fit_ridge(numbers: Ridge, train: tuple[np.ndarray, np.ndarray], valid: tuple[np.ndarray, np.ndarray]) -> Any:
    """Return the regression whose penalty has the smallest squared error on ``valid``, or the first penalty without bins there.

    Parameters
    ----------
    train, valid : features (n, F) and log2 signal (n,)
    """
    from sklearn.linear_model import Ridge as Penalised
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    def fit(alpha: float) -> Any:
        return make_pipeline(StandardScaler(), Penalised(alpha=alpha * len(train[1]))).fit(*train)

    if not len(valid[1]):
        log.warning("ridge: no validation bins to choose a penalty with: taking %g", numbers.alphas[0])
        return fit(numbers.alphas[0])
    models = {alpha: fit(alpha) for alpha in numbers.alphas}
    errors = {alpha: float(np.square(model.predict(valid[0]) - valid[1]).mean()) for alpha, model in models.items()}
    log.info("ridge: validation error by penalty: %s", errors)
    return models[min(errors, key=errors.__getitem__)]
