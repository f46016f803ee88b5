"""The scales on which models read contacts and signal.

Axes: B example, N contact bin; signal of any shape.
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


def log2_signal(signal: np.ndarray) -> np.ndarray:
    """Return log2 of one plus the signal; negative signal counts as 0."""
    return np.log2(1 + np.maximum(signal, 0))
