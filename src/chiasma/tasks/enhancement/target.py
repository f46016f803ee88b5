"""What is predicted of a window of a shallow map, and where the prediction starts from.

Apart from the head, so that a baseline needs no torch. Axes: B examples, N bins of a window.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from chiasma.contracts import Examples
from chiasma.tasks.enhancement.config import Config


def encode(examples: Examples, config: Config) -> Mapping[str, np.ndarray]:
    """Return what head and loss read of examples.

    raw            (B, N, N) float32, log((depth * contacts + 1) / (depth * expected + 1)) of the shallow map; 0 where masked
    target         (B, N, N) float32, the same of the deep map's contacts, nan where it is masked; all nan without a deep map
    distance_bins  (B,) int64, between the centres of both windows
    """
    depth_B11 = depths(examples, config)[:, None, None]
    contacts_BNN, expected_BNN = (np.asarray(examples[name], np.float32) for name in ("contacts", "expected"))
    floor_BNN = np.log1p(depth_B11 * expected_BNN)
    raw_BNN = np.where(examples["valid"], np.log1p(depth_B11 * contacts_BNN) - floor_BNN, np.float32(0))
    target_BNN = np.full_like(raw_BNN, np.nan)
    if "deeper_contacts" in examples:
        deep_BNN = np.log1p(np.asarray(examples["deeper_contacts"], np.float32))
        target_BNN = np.where(examples["deeper_valid"], deep_BNN - floor_BNN, np.float32(np.nan))
    distance_B = np.asarray(examples["distance_bins"], np.int64)
    return {"raw": raw_BNN, "target": target_BNN, "distance_bins": distance_B}


def depths(examples: Examples, config: Config) -> np.ndarray:
    """Return how many times deeper the map of each example is to be (B,) float32."""
    count = len(examples["contacts"])
    return np.asarray(examples.get("depth", np.full(count, config.depth)), np.float32)
