"""The enhancement head: features of each pixel change its own contacts, at first not at all.

It starts at the identity, so that nothing learnt is the input at matched depth. What is learnt is how far each pixel moves from its
own value to smoother ones, and what is added: where counts are few, and that is told by what is expected there, much is taken
from around; where they are many, nothing.

Axes: B examples, N bins of a window, D width, K scales, H hidden.
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

SMALLEST_ERROR = 1e-6  # of the input, so that what is left of it stays finite


class EnhancementHead(nn.Module):
    """Grid (B, N, N, D) to r (B, N, N) = raw + sum of weight * (smoother - raw) + shift; weights and shift of each pixel by a
    Linear, ReLU, Linear of its features, its scales, what is expected of it, and its distance."""

    def __init__(self, config: Config, width: int) -> None:
        super().__init__()
        self.mix = nn.Linear(width + len(config.sigmas) + 2, config.hidden)
        self.place = nn.Linear(WAVES, config.hidden, bias=False)
        self.change = nn.Linear(config.hidden, len(config.sigmas) + 1)
        nn.init.zeros_(self.change.weight)
        nn.init.zeros_(self.change.bias)

    def forward(self, grid_BNND: Tensor, batch: Batch) -> Tensor:
        """Return r (B, N, N); that of a window on the diagonal is exactly symmetric."""
        scales_BNNK, distance_B, kind = batch["scales"], batch["distance_bins"], grid_BNND.dtype
        features_BKF = distance_features(diagonal_distances(distance_B, grid_BNND.shape[1]))
        read_BNNE = torch.cat([scales_BNNK, torch.log1p(batch["expected"])[..., None]], dim=-1).to(kind)
        mixed_BNNH = self.mix(torch.cat([grid_BNND, read_BNNE], dim=-1))
        change_BNNK = self.change(torch.relu(mixed_BNNH + spread_diagonals(self.place(features_BKF.to(kind))))).float()
        raw_BNN = scales_BNNK[..., 0]
        r_BNN = (
            raw_BNN + (change_BNNK[..., 1:] * (scales_BNNK[..., 1:] - raw_BNN[..., None])).sum(-1) + change_BNNK[..., 0]
        )
        symmetric_BNN = (r_BNN + r_BNN.transpose(1, 2)) / 2
        return torch.where((distance_B == 0)[:, None, None], symmetric_BNN, r_BNN)


def build_head(config: Config, width: int) -> nn.Module:
    """Build the head for grids of ``width`` channels."""
    return EnhancementHead(config, width)


def step(outputs: Tensor, batch: Batch, config: Config) -> StepOutput:
    """Return the weighted mean square of outputs (B, N, N) less the target, over the pixels that are valid in the deep map.

    Beside it ``raw``, the same of the input, which is what an untrained head has, ``weighted_mse_left``, what is left of
    that, and ``mse``, unweighted.
    """
    target_BNN, weight_BNN = batch["target"], batch["weight"]
    loss = masked_mse(outputs, target_BNN, weight_BNN)
    raw = masked_mse(batch["scales"][..., 0], target_BNN, weight_BNN)
    parts = {
        "weighted_mse": loss,
        "weighted_mse_left": loss.detach() / raw.clamp(min=SMALLEST_ERROR),
        "raw": raw,
        "mse": masked_mse(outputs, target_BNN).detach(),
    }
    return StepOutput(loss, parts, len(outputs))


def references(examples: pd.DataFrame) -> Mapping[str, Reference]:
    """Return what is known without the contacts: of the losses that a copy of the input leaves all of its error, and the metrics
    of a constant."""
    errors = dict.fromkeys(("weighted_mse", "raw", "mse"), Reference(float("nan"), 0.0))
    errors["weighted_mse_left"] = Reference(1.0, 0.0)
    return errors | dict.fromkeys(("pearson", "window_pearson", "r2"), Reference(0.0, 1.0))


def score(outputs: Tensor) -> Tensor:
    """Return r (B, N, N)."""
    return outputs.float()


def truth(batch: Batch) -> Tensor:
    """Return r of the deep map (B, N, N), nan where a bin is masked there."""
    return batch["target"]
