"""The enhancement head: features of each pixel change its own contacts, at first not at all.

It starts at the identity, so that nothing learnt is the input at matched depth. Each pixel's value is scaled and shifted by
numbers that its features and its distance tell: where counts are few, scaling by less than one is what shrinks noise.

Axes: B examples, N bins of a window, D width.
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
from chiasma.tasks.enhancement.config import Config
from chiasma.tasks.enhancement.target import encode as encode  # what the room's head must offer


class EnhancementHead(nn.Module):
    """Grid (B, N, N, D) to r (B, N, N) = raw + scale * raw + shift, the last two by Linear, ReLU, Linear at each pixel."""

    def __init__(self, config: Config, width: int) -> None:
        super().__init__()
        self.mix = nn.Linear(width + 1, config.hidden)
        self.place = nn.Linear(WAVES, config.hidden, bias=False)
        self.change = nn.Linear(config.hidden, 2)
        nn.init.zeros_(self.change.weight)
        nn.init.zeros_(self.change.bias)

    def forward(self, grid_BNND: Tensor, batch: Batch) -> Tensor:
        """Return r (B, N, N); that of a window on the diagonal is exactly symmetric."""
        raw_BNN, distance_B = batch["raw"], batch["distance_bins"]
        features_BKF = distance_features(diagonal_distances(distance_B, grid_BNND.shape[1]))
        place_BNNH = spread_diagonals(self.place(features_BKF.to(grid_BNND.dtype)))
        read_BNNE = torch.cat([grid_BNND, raw_BNN[..., None].to(grid_BNND.dtype)], dim=-1)
        hidden_BNNH = torch.relu(self.mix(read_BNNE) + place_BNNH)
        scale_BNN, shift_BNN = self.change(hidden_BNNH).float().unbind(-1)
        r_BNN = raw_BNN + scale_BNN * raw_BNN + shift_BNN
        symmetric_BNN = (r_BNN + r_BNN.transpose(1, 2)) / 2
        return torch.where((distance_B == 0)[:, None, None], symmetric_BNN, r_BNN)


def build_head(config: Config, width: int) -> nn.Module:
    """Build the head for grids of ``width`` channels."""
    return EnhancementHead(config, width)


def step(outputs: Tensor, batch: Batch, config: Config) -> StepOutput:
    """Return the mean square of outputs (B, N, N) less the target, over the pixels that are valid in the deep map.

    Beside it ``raw``, the same of the input: what an untrained head has.
    """
    loss = masked_mse(outputs, batch["target"])
    return StepOutput(loss, {"mse": loss, "raw": masked_mse(batch["raw"], batch["target"])}, len(outputs))


def references(examples: pd.DataFrame) -> Mapping[str, Reference]:
    """Return what is known without the contacts: nothing of the losses, and the metrics of a constant."""
    return {
        "mse": Reference(float("nan"), 0.0),
        "raw": Reference(float("nan"), 0.0),
        "pearson": Reference(0.0, 1.0),
        "window_pearson": Reference(0.0, 1.0),
        "r2": Reference(0.0, 1.0),
    }


def score(outputs: Tensor) -> Tensor:
    """Return r (B, N, N)."""
    return outputs.float()


def truth(batch: Batch) -> Tensor:
    """Return r of the deep map (B, N, N), nan where a bin is masked there."""
    return batch["target"]
