"""The profile head: one token of each bin to log2 of one plus its signal (Yang et al., arXiv 2504.09060; spec 2.6).

Axes: B examples, N bins of a window, D width.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import torch
from torch import Tensor, nn

from chiasma.contracts import Batch, Examples, Reference, StepOutput
from chiasma.evaluation.agreement import pearson_and_r2
from chiasma.nn.masked import masked_mse
from chiasma.tasks.expression.config import Config


class ProfileHead(nn.Module):
    """Strips (B, 2N, D) to log2 signal (B, 2N): Linear, ReLU, Dropout, Linear at each bin."""

    def __init__(self, config: Config, width: int) -> None:
        super().__init__()
        self.score = nn.Sequential(
            nn.Linear(width, config.hidden), nn.ReLU(), nn.Dropout(config.dropout), nn.Linear(config.hidden, 1)
        )

    def forward(self, strip_B2ND: Tensor, batch: Batch) -> Tensor:
        """Return log2(1 + signal) (B, 2N); on the diagonal both halves are one locus, and exactly equal: their mean."""
        signal_B2N = self.score(strip_B2ND).squeeze(-1)
        first_BN, second_BN = signal_B2N.chunk(2, dim=1)
        mean_BN = (first_BN + second_BN) / 2
        return torch.where(on_diagonal(batch), torch.cat([mean_BN, mean_BN], dim=1), signal_B2N)


def on_diagonal(batch: Batch) -> Tensor:
    """Return whether both windows of each example are the same (B, 1)."""
    return (batch["distance_bins"] == 0)[:, None]


def build_head(config: Config, width: int) -> nn.Module:
    """Build the head for strips of ``width`` channels."""
    return ProfileHead(config, width)


def encode(examples: Examples, config: Config) -> Mapping[str, np.ndarray]:
    """Return ``target`` (B, 2N) float32, and ``distance_bins`` (B,) int64 between the centres of both windows.

    The target is log2(1 + signal) of each bin; nan where it was not measured.
    """
    signal_B2N = np.asarray(examples["targets"], np.float32)[:, :, config.channel]
    return {"target": np.log2(1 + signal_B2N), "distance_bins": np.asarray(examples["distance_bins"], np.int64)}


def step(outputs: Tensor, batch: Batch, config: Config) -> StepOutput:
    """Return the mean square of outputs (B, 2N) less the target, over measured bins, each of a window counted once."""
    loss = masked_mse(outputs, truth(batch))
    return StepOutput(loss, {"mse": loss}, len(outputs))


def references(examples: pd.DataFrame) -> Mapping[str, Reference]:
    """Return what is known without the signal: nothing of the loss of a constant, and its metrics."""
    return {
        "mse": Reference(float("nan"), 0.0),
        "pearson": Reference(0.0, 1.0),
        "r2": Reference(0.0, 1.0),
    }


def score(outputs: Tensor) -> Tensor:
    """Return the predicted log2(1 + signal) (B, 2N)."""
    return outputs.float()


def truth(batch: Batch) -> Tensor:
    """Return the measured log2(1 + signal) (B, 2N): nan where unknown, and in the second half of a window on the diagonal.

    The bins of that half are those of the first, so that each bin of a window counts once.
    """
    target_B2N = batch["target"]
    bins = target_B2N.shape[1]
    is_second = torch.arange(bins, device=target_B2N.device) >= bins // 2
    return torch.where(on_diagonal(batch) & is_second, float("nan"), target_B2N)


def metrics(scores: np.ndarray, truths: np.ndarray) -> dict[str, float]:
    """Return Pearson's correlation and the explained share of variance of log2 signal (n, 2N), over all known bins together."""
    pearson, r2 = pearson_and_r2(scores, truths)
    return {"pearson": pearson, "r2": r2}
