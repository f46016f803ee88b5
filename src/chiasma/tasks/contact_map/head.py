"""The map head: features of each pixel to the log of observed over expected contacts.

The paper's head predicts contacts (Yang et al., arXiv 2504.09060; spec 2.6); here decay with distance is divided out of the target, is not
learned, and a pixel's distance is told to the head, for what structure does to contacts depends on it.

Axes: B examples, N bins of a window, D width, F features of a distance.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import torch
from torch import Tensor, nn

from chiasma.contracts import Batch, Reference, StepOutput
from chiasma.evaluation.window_metrics import metrics as metrics
from chiasma.nn.distance import WAVES, diagonal_distances, distance_features, spread_diagonals
from chiasma.nn.masked import masked_mse
from chiasma.tasks.contact_map.config import Config
from chiasma.tasks.contact_map.target import encode as encode  # what the room's head must offer


class MapHead(nn.Module):
    """Grid (B, N, N, D) to r (B, N, N): Linear, ReLU, Dropout, Linear at each pixel, its distance beside its features."""

    def __init__(self, config: Config, width: int) -> None:
        super().__init__()
        self.mix = nn.Linear(width, config.hidden)
        self.place = nn.Linear(WAVES, config.hidden, bias=False)
        self.score = nn.Sequential(nn.ReLU(), nn.Dropout(config.dropout), nn.Linear(config.hidden, 1))

    def forward(self, grid_BNND: Tensor, batch: Batch) -> Tensor:
        """Return r (B, N, N); that of a window on the diagonal is exactly symmetric."""
        distance_B = batch["distance_bins"]
        features_BKF = distance_features(diagonal_distances(distance_B, grid_BNND.shape[1]))
        place_BNNH = spread_diagonals(self.place(features_BKF.to(grid_BNND.dtype)))
        r_BNN = self.score(self.mix(grid_BNND) + place_BNNH).squeeze(-1)
        symmetric_BNN = (r_BNN + r_BNN.transpose(1, 2)) / 2
        return torch.where((distance_B == 0)[:, None, None], symmetric_BNN, r_BNN)


def build_head(config: Config, width: int) -> nn.Module:
    """Build the head for grids of ``width`` channels."""
    return MapHead(config, width)


def step(outputs: Tensor, batch: Batch, config: Config) -> StepOutput:
    """Return the mean square of outputs (B, N, N) less the target, over the pixels of two valid bins."""
    loss = masked_mse(outputs, batch["target"])
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
