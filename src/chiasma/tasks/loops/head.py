"""The loop head: tokens of a pair of bins to the log-odds of a loop (Yang et al., arXiv 2504.09060; spec 2.6).

Axes: B examples, T tokens, D width.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from chiasma.contracts import Batch, Examples, Reference, StepOutput
from chiasma.evaluation.metrics import auroc, average_precision, rank
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

    def forward(self, tokens_BTD: Tensor, batch: Batch) -> Tensor:
        """Return the log-odds (B,)."""
        return self.score(self.pool(tokens_BTD)).squeeze(-1)


def build_head(config: Config, width: int) -> nn.Module:
    """Build the head for tokens of ``width`` channels."""
    return LoopHead(config, width)


def encode(examples: Examples, config: Config) -> Mapping[str, np.ndarray]:
    """Return ``label`` (B,), 1 for a loop and 0 for none; nothing when the examples have no labels."""
    return {"label": examples["label"]} if "label" in examples else {}


def step(outputs: Tensor, batch: Batch, config: Config) -> StepOutput:
    """Return the mean binary cross-entropy of logits (B,) against the labels, in nats."""
    loss = F.binary_cross_entropy_with_logits(outputs.float(), batch["label"].float())
    return StepOutput(loss, {"cross_entropy": loss}, len(outputs))


def references(examples: pd.DataFrame) -> Mapping[str, Reference]:
    """Return loss and ranking of a model that always answers the examples' fraction of positives, and the best possible."""
    fraction = float((examples["label"] == 1).mean())
    both = np.array([fraction, 1 - fraction])
    known = both[both > 0]
    entropy = float(-(known * np.log(known)).sum())
    return {
        "cross_entropy": Reference(entropy, 0.0),
        "auroc": Reference(0.5, 1.0),
        "aupr": Reference(fraction, 1.0),
    }


def score(outputs: Tensor) -> Tensor:
    """Return the probability of a loop (B,) from logits (B,)."""
    return torch.sigmoid(outputs.float())


def truth(batch: Batch) -> Tensor:
    """Return the labels (B,)."""
    return batch["label"]


def metrics(scores: np.ndarray, labels: np.ndarray) -> dict[str, float]:
    """Return auroc and aupr of the scores (n,) of labels (n,), as `chiasma.evaluation` computes them for the report."""
    ranking = rank(labels, scores)
    return {"auroc": float(auroc(ranking)[0]), "aupr": float(average_precision(ranking)[0])}
