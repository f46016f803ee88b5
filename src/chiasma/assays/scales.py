"""The scales on which models read contacts and signal.

Axes: B example, N contact bin, I bins of a chromosome, D distance in bins; signal of any shape.
"""

from __future__ import annotations

import numpy as np


def fill_missing(contacts_BNN: np.ndarray, neutral_BNN: np.ndarray | float, valid_BNN: np.ndarray) -> np.ndarray:
    """Return contacts (B, N, N) float32 in which a pixel without a value is ``neutral``, for instance its expected value."""
    return np.where(valid_BNN, np.asarray(contacts_BNN, dtype=np.float32), neutral_BNN)


def log2_oe(contacts_BNN: np.ndarray, expected_BNN: np.ndarray, pseudo_contacts: float, bound: float) -> np.ndarray:
    """Return log2 of observed over expected contacts, ``pseudo_contacts`` added to both, cut at minus and plus ``bound``."""
    ratio = np.log2((contacts_BNN + pseudo_contacts) / (expected_BNN + pseudo_contacts))
    return np.clip(ratio, -bound, bound)


def contacts_of_ratio(r_ID: np.ndarray, expected_D: np.ndarray) -> np.ndarray:
    """Return the contacts (I, D) float32 behind r = log((contacts + 1) / (expected + 1)); never negative, nan where r is.

    Parameters
    ----------
    expected_D : contacts expected at each distance, of D distances or more
    """
    return np.maximum((expected_D[: r_ID.shape[1]] + 1) * np.exp(r_ID) - 1, 0).astype(np.float32)


def log2_signal(signal: np.ndarray) -> np.ndarray:
    """Return log2 of one plus the signal; negative signal counts as 0."""
    return np.log2(1 + np.maximum(signal, 0))
