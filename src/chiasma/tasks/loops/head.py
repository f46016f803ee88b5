"""The loop head: tokens of a pair of bins to the log-odds of a loop (MIX-HIC, section 2.6).

Axes: B examples, T tokens, D width.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from chiasma.contracts import Reference, StepOutput
from chiasma.tasks.loops.config import Config


class AttentionPool(nn.Module):
    """A mean over tokens with learned weights; starts as the plain mean."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.weigh = nn.Linear(width, 1)
        nn.init.zeros_(self.weigh.weight)
        nn.init.zeros_(self.weigh.bias)

    def forward(self, tokens_BTD: Tensor) -> Tensor:
        weights_BT1 = self.weigh(tokens_BTD).softmax(dim=1)
        return (weights_BT1 * tokens_BTD).sum(dim=1)


class MeanPool(nn.Module):
    """The mean over tokens."""

    def forward(self, tokens_BTD: Tensor) -> Tensor:
        return tokens_BTD.mean(dim=1)


class LoopHead(nn.Module):
    """Tokens (B, T, D) to logits (B,): pool, Linear, ReLU, Dropout, Linear."""

    def __init__(self, config: Config, width: int) -> None:
        super().__init__()
        self.pool = AttentionPool(width) if config.pooling == "attention" else MeanPool()
        self.score = nn.Sequential(
            nn.Linear(width, config.hidden), nn.ReLU(), nn.Dropout(config.dropout), nn.Linear(config.hidden, 1)
        )

    def forward(self, tokens_BTD: Tensor) -> Tensor:
        return self.score(self.pool(tokens_BTD)).squeeze(-1)


def build_head(config: Config, width: int) -> nn.Module:
    """Build the head for tokens of ``width`` channels."""
    return LoopHead(config, width)


def step(outputs: Tensor, labels: Tensor) -> StepOutput:
    """Return the mean binary cross-entropy of logits (B,) against labels (B,) of 0 and 1, in nats."""
    loss = F.binary_cross_entropy_with_logits(outputs.float(), labels.float())
    return StepOutput(loss, {"cross_entropy": loss}, len(outputs))


def references(positive_fraction: float) -> Mapping[str, Reference]:
    """Return the cross-entropy of a model that always answers ``positive_fraction``, and the floor 0."""
    both = np.array([positive_fraction, 1 - positive_fraction])
    known = both[both > 0]
    return {"cross_entropy": Reference(chance=float(-(known * np.log(known)).sum()), floor=0.0)}


def score(outputs: Tensor) -> Tensor:
    """Return the probability of a loop (B,) from logits (B,)."""
    return torch.sigmoid(outputs.float())
