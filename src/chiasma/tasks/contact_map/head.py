"""The map head: features of each pixel to the log of observed over expected contacts.

The paper's head predicts contacts (MIX-HIC, section 2.6); here decay with distance is divided out of the target, is not
learned, and a pixel's distance is told to the head, for what structure does to contacts depends on it.

Axes: B examples, N bins of a window, D width, F features of a distance.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import torch
from torch import Tensor, nn

from chiasma.contracts import Batch, Reference, StepOutput
from chiasma.tasks.contact_map.config import Config
from chiasma.tasks.contact_map.target import encode as encode  # what the room's head must offer

FREQUENCIES = (0.5, 1.0, 2.0, 4.0)  # of the waves that describe a distance, in radians per e-fold
LONGEST = 7.0  # log of about a thousand bins: scales the log distance to about 1


def pixel_distances(distance_B: Tensor, bins: int) -> Tensor:
    """Return the distance in bins (B, N, N) of each pixel of windows whose centres are ``distance_B`` bins apart."""
    at_N = torch.arange(bins, device=distance_B.device)
    return (distance_B[:, None, None] + at_N - at_N[:, None]).abs()


def distance_features(distance: Tensor) -> Tensor:
    """Return features (..., F) of distances in bins: the log of one plus the distance, and waves of it."""
    log_distance = torch.log1p(distance.float())
    waves = [wave(rate * log_distance) for rate in FREQUENCIES for wave in (torch.sin, torch.cos)]
    return torch.stack([log_distance / LONGEST, *waves], dim=-1)


class MapHead(nn.Module):
    """Grid (B, N, N, D) to r (B, N, N): Linear, ReLU, Dropout, Linear at each pixel, its distance beside its features."""

    def __init__(self, config: Config, width: int) -> None:
        super().__init__()
        self.mix = nn.Linear(width, config.hidden)
        self.place = nn.Linear(1 + 2 * len(FREQUENCIES), config.hidden, bias=False)
        self.score = nn.Sequential(nn.ReLU(), nn.Dropout(config.dropout), nn.Linear(config.hidden, 1))

    def forward(self, grid_BNND: Tensor, batch: Batch) -> Tensor:
        """Return r (B, N, N); that of a window on the diagonal is exactly symmetric."""
        distance_B = batch["distance_bins"]
        features_BNNF = distance_features(pixel_distances(distance_B, grid_BNND.shape[1]))
        r_BNN = self.score(self.mix(grid_BNND) + self.place(features_BNNF.to(grid_BNND.dtype))).squeeze(-1)
        symmetric_BNN = (r_BNN + r_BNN.transpose(1, 2)) / 2
        return torch.where((distance_B == 0)[:, None, None], symmetric_BNN, r_BNN)


def build_head(config: Config, width: int) -> nn.Module:
    """Build the head for grids of ``width`` channels."""
    return MapHead(config, width)


def step(outputs: Tensor, batch: Batch, config: Config) -> StepOutput:
    """Return the mean square of outputs (B, N, N) less the target, over the pixels of two valid bins."""
    target_BNN = batch["target"]
    known_BNN = torch.isfinite(target_BNN)
    error_BNN = torch.where(known_BNN, outputs.float() - torch.nan_to_num(target_BNN), 0.0)
    loss = error_BNN.square().sum() / known_BNN.sum().clamp(min=1)
    return StepOutput(loss, {"mse": loss}, len(outputs))


def references(examples: pd.DataFrame) -> Mapping[str, Reference]:
    """Return what is known without the contacts: nothing of the loss of r = 0, and the metrics of a constant."""
    return {
        "mse": Reference(float("nan"), 0.0),
        "pearson": Reference(0.0, 1.0),
        "window_pearson": Reference(0.0, 1.0),
        "r2": Reference(0.0, 1.0),
    }


def score(outputs: Tensor) -> Tensor:
    """Return r (B, N, N)."""
    return outputs.float()


def truth(batch: Batch) -> Tensor:
    """Return r as measured (B, N, N), nan where a bin is masked."""
    return batch["target"]


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
