"""A line fitted with a penalty from sums of products alone, so that memory does not grow with the rows it is fitted to.

Axes: F features, G = 1 + F + 1: a one, the features, the target.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from chiasma.core.log import log


def fit_line(sums_GG: np.ndarray, alpha: float) -> np.ndarray:
    """Return intercept and weights (1 + F,) that minimise the mean square error plus ``alpha`` times the standardised weights' square.

    A feature that is constant has no weight.

    Parameters
    ----------
    sums_GG : sums over rows of products of a one, the features and the target
    """
    mean_G = sums_GG[0] / sums_GG[0, 0]
    covariance = sums_GG[1:, 1:] / sums_GG[0, 0] - np.outer(mean_G[1:], mean_G[1:])
    spread_F = np.sqrt(np.maximum(np.diag(covariance)[:-1], 0))
    spread_F[spread_F < 1e-9] = np.inf
    correlation_FF = covariance[:-1, :-1] / np.outer(spread_F, spread_F)
    standard_F = np.linalg.solve(correlation_FF + alpha * np.eye(len(spread_F)), covariance[:-1, -1] / spread_F)
    weights_F = standard_F / spread_F
    return np.append(mean_G[-1] - weights_F @ mean_G[1:-1], weights_F)


def line_error(line: np.ndarray, sums_GG: np.ndarray) -> float:
    """Return the mean square error of intercept and weights (1 + F,) on the rows behind the sums of products."""
    residual_G = np.append(-line, 1.0)
    return float(residual_G @ sums_GG @ residual_G / sums_GG[0, 0])


def choose_line(train_GG: np.ndarray, valid_GG: np.ndarray, alphas: Sequence[float], name: str) -> np.ndarray:
    """Return the line (1 + F,) of the penalty with the least validation error, of the first one without validation rows.

    Parameters
    ----------
    train_GG, valid_GG : sums of products; [0, 0] is the number of rows
    name : of the fit, for the log
    """
    if not valid_GG[0, 0]:
        log.warning("%s: nothing in validation to choose a penalty with: taking %g", name, alphas[0])
        return fit_line(train_GG, alphas[0])
    lines = {alpha: fit_line(train_GG, alpha) for alpha in alphas}
    errors = {alpha: line_error(line, valid_GG) for alpha, line in lines.items()}
    log.info("%s: validation error by penalty: %s", name, errors)
    return lines[min(errors, key=errors.__getitem__)]
