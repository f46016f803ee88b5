"""What is predicted of a window: how far each pixel's contacts depart from those of its distance.

Apart from the head, so that a baseline needs no torch. Axes: B examples, N bins of a window.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from chiasma.contracts import Examples
from chiasma.tasks.contact_map.config import Config


def encode(examples: Examples, config: Config) -> Mapping[str, np.ndarray]:
    """Return ``target`` (B, N, N) float32, and ``distance_bins`` (B,) int64 between the centres of both windows.

    The target is r = log((contacts + 1) / (expected + 1)), in count-like contacts; nan where a bin is masked.
    """
    contacts_BNN, expected_BNN = (np.asarray(examples[name], np.float32) for name in ("contacts", "expected"))
    r_BNN = np.log1p(contacts_BNN) - np.log1p(expected_BNN)
    target_BNN = np.where(examples["valid"], r_BNN, np.float32(np.nan))
    return {"target": target_BNN, "distance_bins": np.asarray(examples["distance_bins"], np.int64)}
