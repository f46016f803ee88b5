"""Ridge regression of each signal on features of contacts: what a map tells without a network.

All that is kept of the bins are sums of products, so memory does not grow with the genome.

Axes: I bins of a chromosome, K targets, F features, G = 1 + F + 1: a one, the features, the signal.
"""

from __future__ import annotations

import numpy as np

from chiasma.contracts import Inputs
from chiasma.core.errors import InputError
from chiasma.core.log import log
from chiasma.tasks.epigenome.config import Config, Ridge
from chiasma.tasks.epigenome.features import features
from chiasma.tasks.epigenome.signal import learning_signal
from chiasma.tiles.stitching import Place, Profile


def build_ridge(config: Config, numbers: Ridge, inputs: Inputs) -> Profile:
    """Return place -> predicted log2(1 + signal) (I, K), fitted to the training bins of all samples."""

    def values(place: Place) -> np.ndarray:
        return features(inputs.arrays, place, numbers)

    train_KGG, valid_KGG = (products(config, inputs, split, values) for split in ("train", "valid"))
    lines = [choose(numbers, target, *each) for target, *each in zip(config.targets, train_KGG, valid_KGG, strict=True)]
    intercept_K, weights_KF = np.array([line[0] for line in lines]), np.stack([line[1:] for line in lines])
    return lambda place: intercept_K + values(place) @ weights_KF.T


def products(config: Config, inputs: Inputs, split: str, values: Profile) -> np.ndarray:
    """Return the sums of products (K, G, G) of a one, features and signal over the bins of ``split`` that have the signal.

    InputError when a target was measured in no training bin.

    Parameters
    ----------
    values : place -> features (I, F)
    """
    total_KGG = None
    for place, bins, signal_nK in learning_signal(config, inputs, split):
        if not np.isfinite(signal_nK).any():
            continue
        x_nF = values(place)[bins]
        if total_KGG is None:
            total_KGG = np.zeros((len(config.targets), x_nF.shape[1] + 2, x_nF.shape[1] + 2))
        for sums_GG, y_n in zip(total_KGG, signal_nK.T, strict=True):
            known = np.isfinite(y_n)
            z_nG = np.column_stack([np.ones(known.sum()), x_nF[known], y_n[known]])
            sums_GG += z_nG.T @ z_nG
    found_KGG = np.zeros((len(config.targets), 2, 2)) if total_KGG is None else total_KGG
    for target, sums_GG in zip(config.targets, found_KGG, strict=True):
        if split == "train" and not sums_GG[0, 0]:
            raise InputError(f"{target} was measured in no training bin; label again with other splits or samples")
    return found_KGG


def choose(numbers: Ridge, target: str, train_GG: np.ndarray, valid_GG: np.ndarray) -> np.ndarray:
    """Return intercept and weights (1 + F,) with the smallest squared error on validation, the first penalty's without bins there."""
    if not valid_GG[0, 0]:
        log.warning("ridge: %s: no validation bins to choose a penalty with: taking %g", target, numbers.alphas[0])
        return fit(train_GG, numbers.alphas[0])
    lines = {alpha: fit(train_GG, alpha) for alpha in numbers.alphas}
    errors = {alpha: squared_error(line, valid_GG) for alpha, line in lines.items()}
    log.info("ridge: %s: validation error by penalty: %s", target, errors)
    return lines[min(errors, key=errors.__getitem__)]


def fit(sums_GG: np.ndarray, alpha: float) -> np.ndarray:
    """Return intercept and weights (1 + F,) that minimise the mean square error plus ``alpha`` times the standardised weights' square.

    Parameters
    ----------
    sums_GG : sums of products of a one, features and signal
    """
    mean_G = sums_GG[0] / sums_GG[0, 0]
    covariance = sums_GG[1:, 1:] / sums_GG[0, 0] - np.outer(mean_G[1:], mean_G[1:])
    spread_F = np.sqrt(np.maximum(np.diag(covariance)[:-1], 0))
    spread_F[spread_F < 1e-9] = np.inf  # a constant has no weight
    correlation_FF = covariance[:-1, :-1] / np.outer(spread_F, spread_F)
    standard_F = np.linalg.solve(correlation_FF + alpha * np.eye(len(spread_F)), covariance[:-1, -1] / spread_F)
    weights_F = standard_F / spread_F
    return np.append(mean_G[-1] - weights_F @ mean_G[1:-1], weights_F)


def squared_error(line: np.ndarray, sums_GG: np.ndarray) -> float:
    """Return the mean square error of intercept and weights (1 + F,) on the bins behind the sums of products."""
    residual_G = np.append(-line, 1.0)
    return float(residual_G @ sums_GG @ residual_G / sums_GG[0, 0])
