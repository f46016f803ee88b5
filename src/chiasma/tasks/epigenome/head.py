"""The head: features of a window's pixels to each signal in each of its bins (Wang et al., bioRxiv 2024.12.16.628821; spec 4.1, task 4).

Axes: B examples, N bins of a window, D width, S bins of both windows, K targets.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import torch
from torch import Tensor, nn

from chiasma.assays.scales import log2_signal
from chiasma.contracts import Batch, Examples, Reference, StepOutput
from chiasma.evaluation.agreement import pearson_and_r2
from chiasma.tasks.epigenome.config import Config


class TrackHead(nn.Module):
    """Grids (B, N, N, D) to log2 signals (B, N, K): a bin's mean contact, and its own pixel, through two layers.

    The mean is over the bin's row and over its column, for a window on the diagonal is symmetric.
    """

    def __init__(self, config: Config, width: int) -> None:
        super().__init__()
        self.score = nn.Sequential(
            nn.Linear(2 * width, config.hidden),
            nn.ReLU(),
            nn.Dropout(config.dropout),
            nn.Linear(config.hidden, len(config.targets)),
        )

    def forward(self, grid_BNND: Tensor, batch: Batch) -> Tensor:
        """Return log2(1 + signal) (B, N, K)."""
        mean_BND = (grid_BNND.mean(dim=1) + grid_BNND.mean(dim=2)) / 2
        own_BND = grid_BNND.diagonal(dim1=1, dim2=2).transpose(1, 2)
        return self.score(torch.cat([mean_BND, own_BND], dim=-1))


def build_head(config: Config, width: int) -> nn.Module:
    """Build the head for grids of ``width`` channels."""
    return TrackHead(config, width)


def encode(examples: Examples, config: Config) -> Mapping[str, np.ndarray]:
    """Return ``target`` (B, N, K) float32: log2(1 + signal) of each bin of the first window, which on the diagonal is the second.

    It is nan where it was not measured, and where the map masks the bin: its contacts say nothing.
    """
    valid_BNN = np.asarray(examples["valid"], bool)
    signal_BSK = np.asarray(examples["targets"], np.float32)[:, :, config.places]
    target_BNK = log2_signal(signal_BSK[:, : valid_BNN.shape[1]])
    return {"target": np.where(valid_BNN.any(axis=2)[:, :, None], target_BNK, np.float32("nan"))}


def step(outputs: Tensor, batch: Batch, config: Config) -> StepOutput:
    """Return the mean square of outputs (B, N, K) less the target over each track's measured bins, in the mean over tracks."""
    target_BNK = truth(batch)
    known_BNK = torch.isfinite(target_BNK)
    error_BNK = torch.where(known_BNK, outputs.float() - torch.nan_to_num(target_BNK), 0.0)
    known_K = known_BNK.sum(dim=(0, 1))
    loss_K = error_BNK.square().sum(dim=(0, 1)) / known_K.clamp(min=1)
    loss = loss_K.sum() / (known_K > 0).sum().clamp(min=1)
    return StepOutput(loss, {"mse": loss}, len(outputs))


def references(examples: pd.DataFrame) -> Mapping[str, Reference]:
    """Return what is known without the signals: nothing of the loss of a constant, and its metrics."""
    return {
        "mse": Reference(float("nan"), 0.0),
        "pearson": Reference(0.0, 1.0),
        "r2": Reference(0.0, 1.0),
    }


def score(outputs: Tensor) -> Tensor:
    """Return the predicted log2(1 + signal) (B, N, K)."""
    return outputs.float()


def truth(batch: Batch) -> Tensor:
    """Return the measured log2(1 + signal) (B, N, K), nan where unknown."""
    return batch["target"]


def metrics(scores: np.ndarray, truths: np.ndarray) -> dict[str, float]:
    """Return Pearson's correlation and the explained share of variance over known bins (n, N, K), the mean over tracks.

    A track without a known bin is left out; nan when all are.
    """
    tracks = zip(np.moveaxis(scores, -1, 0), np.moveaxis(truths, -1, 0), strict=True)
    found = [pearson_and_r2(*track) for track in tracks if np.isfinite(track[1]).any()]
    pearson, r2 = np.mean(found, axis=0) if found else (float("nan"), float("nan"))
    return {"pearson": float(pearson), "r2": float(r2)}
