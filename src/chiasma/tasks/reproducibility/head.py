"""The head: tokens of a window to a point on a sphere, where replicates are to lie together.

Published (Wang et al., bioRxiv 2024.12.16.628821; spec 4.1 to 4.3): the window's token after the decoder, 512 channels, and a triplet loss
of cosine distances. Here a linear map of the weighted mean of all tokens, so that any family's tokens will do.

Axes: B examples, three rows a triplet, G triplets, T tokens, D width, E channels of the embedding.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import torch
from torch import Tensor, nn
from torch.nn import functional

from chiasma.contracts import Batch, Examples, Reference, StepOutput
from chiasma.tasks.reproducibility.config import GROUP, Config

RELATION = np.array(
    [1.0, 1.0, -1.0], np.float32
)  # of anchor, replicate and other: on which side of the sphere they belong
SHORT = 1e-6  # a vector no longer than this has no direction


class EmbeddingHead(nn.Module):
    """Tokens (B, T, D) to unit vectors (B, E): a weight for each token, their mean, Dropout, Linear."""

    def __init__(self, config: Config, width: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width, elementwise_affine=False)
        self.weigh = nn.Linear(width, 1, bias=False)
        self.embed = nn.Sequential(nn.Dropout(config.dropout), nn.Linear(width, config.width))

    def forward(self, tokens_BTD: Tensor, batch: Batch) -> Tensor:
        """Return the embedding (B, E) of each window, of length 1."""
        tokens_BTD = self.norm(tokens_BTD)
        weight_BT1 = self.weigh(tokens_BTD).softmax(dim=1)
        return functional.normalize(self.embed((weight_BT1 * tokens_BTD).sum(dim=1)).float(), dim=-1, eps=SHORT)


def build_head(config: Config, width: int) -> nn.Module:
    """Build the head for tokens of ``width`` channels."""
    return EmbeddingHead(config, width)


def encode(examples: Examples, config: Config) -> Mapping[str, np.ndarray]:
    """Return ``target`` (B, E) float32: an embedding without error, the first channel 1 for anchor and replicate, -1 for the other.

    nan where the examples are no triplets.
    """
    target_BE = np.zeros((len(examples["contacts"]), config.width), np.float32)
    target_BE[:, 0] = RELATION[examples["label"]] if "label" in examples else np.nan
    return {"target": target_BE}


def step(outputs: Tensor, batch: Batch, config: Config) -> StepOutput:
    """Return the triplet loss of outputs (B, E) in units of the margin: max(0, margin + d(replicate) - d(other)) / margin.

    d is the cosine distance to the anchor, the first row of a triplet. Which of the other two rows is the replicate the
    targets say: one on the anchor's side is drawn near, one on the other side is pushed away.
    """
    relation_G3 = batch["target"][:, 0].reshape(-1, GROUP)
    side_G2 = relation_G3[:, 1:] * relation_G3[:, :1]
    cosine_G2 = anchor_cosines(outputs)
    loss = functional.relu(config.margin - (side_G2 * cosine_G2).sum(dim=1)).mean() / config.margin
    return StepOutput(loss, {"triplet": loss}, len(outputs))


def anchor_cosines(outputs: Tensor) -> Tensor:
    """Return the cosine (G, 2) of a triplet's second and third row with its first, of unit vectors (B, E)."""
    vectors_G3E = outputs.float().reshape(-1, GROUP, outputs.shape[-1])
    return (vectors_G3E[:, 1:] * vectors_G3E[:, :1]).sum(dim=-1)


def references(examples: pd.DataFrame) -> Mapping[str, Reference]:
    """Return what an embedding has that puts all windows in one place, and the best there could be."""
    return {
        "triplet": Reference(1.0, 0.0),
        "triplet_order": Reference(0.5, 1.0),
        "triplet_margin": Reference(0.0, 2.0),
    }


def score(outputs: Tensor) -> Tensor:
    """Return the embedding (B, E)."""
    return outputs.float()


def truth(batch: Batch) -> Tensor:
    """Return an embedding without error (B, E)."""
    return batch["target"]


def metrics(scores: np.ndarray, truths: np.ndarray) -> dict[str, float]:
    """Return how well an embedding (n, E) orders the triplets, n / 3.

    triplet_order : share in which the replicate lies nearer to the anchor than the other biosample; a tie is half
    triplet_margin : mean of how much nearer, in cosine distance
    """
    cosine_G2 = anchor_cosines(functional.normalize(torch.from_numpy(np.asarray(scores)).float(), dim=-1)).numpy()
    gap_G = cosine_G2[:, 0] - cosine_G2[:, 1]
    order_G = np.where(gap_G == 0, 0.5, gap_G > 0)
    return {"triplet_order": float(order_G.mean()), "triplet_margin": float(gap_G.mean())}
