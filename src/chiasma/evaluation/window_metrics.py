"""How well the pixels of windows are predicted, as training watches it: n windows of N bins, nan where there is no truth."""

from __future__ import annotations

import numpy as np


def metrics(scores: np.ndarray, truths: np.ndarray) -> dict[str, float]:
    """Return how well r (n, N, N) is predicted, over pixels of valid bins.

    pearson : over all pixels; of the log of observed over expected
    window_pearson : mean over windows in which both vary
    r2 : 1 - squared error / variance, over all pixels
    """
    known = np.isfinite(truths)
    error = np.square(scores[known] - truths[known], dtype=np.float64).sum()
    spread = np.square(truths[known] - truths[known].mean(dtype=np.float64)).sum() if known.any() else 0.0
    windows = [pearson(*pair) for pair in zip(scores, truths, strict=True)]
    varying = [value for value in windows if np.isfinite(value)]
    return {
        "pearson": pearson(scores, truths),
        "window_pearson": float(np.mean(varying)) if varying else float("nan"),
        "r2": 1 - float(error / spread) if spread > 0 else float("nan"),
    }


def pearson(scores: np.ndarray, truths: np.ndarray) -> float:
    """Return the correlation over pixels with a truth; nan when either does not vary."""
    known = np.isfinite(truths)
    if known.sum() < 2:
        return float("nan")
    centred = [values[known] - values[known].mean(dtype=np.float64) for values in (scores, truths)]
    lengths = [float(np.sqrt(np.square(values).sum())) for values in centred]
    return float(centred[0] @ centred[1]) / (lengths[0] * lengths[1]) if min(lengths) > 1e-9 else float("nan")
