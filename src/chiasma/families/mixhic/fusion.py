"""What fine-tuning adds: fusion of the two token streams.

Axes: B example, L M token, D channel (8E).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch.nn.functional as F
from torch import Tensor, nn

from chiasma.contracts import Batch
from chiasma.families.mixhic.config import READS, Config
from chiasma.families.mixhic.layers import Attention, initialise

if TYPE_CHECKING:
    from chiasma.families.mixhic.model import Features, Mixhic

BLOCKS = 2
UNUSED = {  # parts of the pre-trained network that a mode does not read
    "bimodal": ("to_contacts", "to_tracks", "temperature"),
    "infer_map": ("towers.contacts", "shared.contacts", "specific.contacts", "to_tracks", "temperature"),
    "epi": ("towers.contacts", "shared.contacts", "specific.contacts", "to_contacts", "to_tracks", "temperature"),
    "map": ("towers.tracks", "shared.tracks", "specific.tracks", "to_contacts", "to_tracks", "temperature"),
}


class FusionBlock(nn.Module):
    """Self-attention, then cross-attention to the context, one residual around both; then a network (spec 2.5)."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.self_attention, self.cross_attention = Attention(width, heads), Attention(width, heads)
        self.network = nn.Sequential(nn.Linear(width, 2 * width), nn.GELU(), nn.Linear(2 * width, width))

    def forward(self, x_BLD: Tensor, context_BMD: Tensor) -> Tensor:
        """Return (B, L, D)."""
        x_BLD = x_BLD + self.cross_attention(self.self_attention(self.norm1(x_BLD)), context_BMD)
        return x_BLD + self.network(self.norm2(x_BLD))


class MixhicRepresentation(nn.Module):
    """Fused tokens of a pair; which modalities it reads is ``config.mode``."""

    def __init__(self, encoder: Mixhic, config: Config) -> None:
        super().__init__()
        self.encoder, self.config, self.width = encoder, config, 8 * config.width
        self.fusion = nn.ModuleList(FusionBlock(self.width, config.heads) for _ in range(BLOCKS))
        self.fusion.apply(lambda module: initialise(module, config.init_std))
        for name, parameter in encoder.named_parameters():
            parameter.requires_grad_(not name.startswith(UNUSED[config.mode]))

    def _read(self, batch: Batch) -> dict[str, Features]:
        return {name: self.encoder.encode(name, batch[name]) for name in READS[self.config.mode]}

    def _context(self, features: dict[str, Features]) -> Tensor:
        if self.config.mode == "bimodal":
            return features["contacts"].tokens_BLD
        if self.config.mode != "infer_map":
            return next(iter(features.values())).tokens_BLD
        inferred_BMD = self.encoder.infer_contacts(features["tracks"])
        if not self.config.renormalise_inferred:
            return inferred_BMD
        return F.normalize(inferred_BMD.unflatten(2, (2, -1)), dim=3).flatten(2)

    def forward(self, batch: Batch) -> Tensor:
        """Return the fused tokens (B, L, D): one per track token, or per contact token in mode ``map``."""
        features = self._read(batch)
        x_BLD, context_BMD = features.get("tracks", features.get("contacts")).tokens_BLD, self._context(features)
        for block in self.fusion:
            x_BLD = block(x_BLD, context_BMD)
        return x_BLD
