"""What fine-tuning adds: fusion of the two token streams, and a summary of the pair's own pixel and anchors.

Axes: B example, L M token, D channel (8E), H W contact grid, K channel of a level.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from chiasma.contracts import Batch, TileShape
from chiasma.families.mixhic.config import Config
from chiasma.families.mixhic.layers import Attention, initialise
from chiasma.families.mixhic.towers import SCALES

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

    def __init__(self, encoder: Mixhic, config: Config, shape: TileShape) -> None:
        super().__init__()
        self.encoder, self.config, self.width = encoder, config, 8 * config.width
        self.fusion = nn.ModuleList(FusionBlock(self.width, config.heads) for _ in range(BLOCKS))
        self.centre = CentreSummary(config, shape) if config.centre_summary else None
        self.norm = nn.LayerNorm(self.width) if config.centre_summary else None
        self.fusion.apply(lambda module: initialise(module, config.init_std))
        for name, parameter in encoder.named_parameters():
            parameter.requires_grad_(not name.startswith(UNUSED[config.mode]))

    def _read(self, batch: Batch) -> dict[str, Features]:
        wanted = {"bimodal": ("contacts", "tracks"), "map": ("contacts",)}.get(self.config.mode, ("tracks",))
        return {name: self.encoder.encode(name, batch[name]) for name in wanted}

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
        if self.centre is None or self.norm is None:
            return x_BLD
        return self.norm(x_BLD + self.centre(features)[:, None])


class CentreSummary(nn.Module):
    """What every level of the towers holds at the pair's own pixel and at its two anchors, as one vector.

    The two anchors enter by their sum and their absolute difference, so that their order does not matter.
    """

    def __init__(self, config: Config, shape: TileShape) -> None:
        super().__init__()
        centre, width = shape.tile_bins // 2, config.width
        self.places = {
            "contacts": [_places(centre // config.patch)],
            "tracks": [_places(centre), _places(shape.tile_bins + centre)],
        }
        wanted = {"bimodal": ("contacts", "tracks"), "map": ("contacts",)}.get(config.mode, ("tracks",))
        channels = sum({"contacts": 1, "tracks": 2}[name] * width * sum(SCALES) for name in wanted)
        self.network = nn.Sequential(
            nn.LayerNorm(channels), nn.Linear(channels, 8 * width), nn.GELU(), nn.Linear(8 * width, 8 * width)
        )

    def _look(self, name: str, levels: list[Tensor]) -> list[Tensor]:
        anchors = [
            torch.cat([_at(level, place) for level, place in zip(levels, places, strict=True)], dim=1)
            for places in self.places[name]
        ]
        return anchors if name == "contacts" else [anchors[0] + anchors[1], (anchors[0] - anchors[1]).abs()]

    def forward(self, features: dict[str, Features]) -> Tensor:
        """Return (B, D)."""
        found = [vector for name in sorted(features) for vector in self._look(name, features[name].levels)]
        return self.network(torch.cat(found, dim=1))


def _places(first: float) -> list[float]:
    """Return where cell ``first`` of the first level lies at each level; a down-step centres cell i on 2 i + 0.5."""
    places = [float(first)]
    for _ in SCALES[1:]:
        places.append((places[-1] - 0.5) / 2)
    return places


def _at(level: Tensor, place: float) -> Tensor:
    """Return (B, K): the level at ``place`` of each of its axes, linear between cells."""
    while level.ndim > 2:
        below = min(max(int(place), 0), level.shape[1] - 1)
        above = min(below + 1, level.shape[1] - 1)
        level = torch.lerp(level[:, below], level[:, above], min(max(place - below, 0.0), 1.0))
    return level
