"""The network to pre-train: two towers, a shared and a specific head each, and a linear map each way.

Axes: B example, C input channel, N contact bin, S track bin, L M token, H head channel (4E), D tower channel (8E).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from chiasma.contracts import Batch, TileShape
from chiasma.families.mixhic.config import Config
from chiasma.families.mixhic.fusion import MixhicRepresentation
from chiasma.families.mixhic.layers import resample
from chiasma.families.mixhic.towers import TRACK_TOWERS, ContactTower

MODALITIES = ("contacts", "tracks")


@dataclass(frozen=True)
class Features:
    """One modality of a batch: its tokens after each head, of norm 1."""

    shared_BLH: Tensor
    specific_BLH: Tensor

    @property
    def tokens_BLD(self) -> Tensor:
        """Shared and specific channels side by side; tokens of norm sqrt(2)."""
        return torch.cat([self.shared_BLH, self.specific_BLH], dim=2)


@dataclass(frozen=True)
class Aligned:
    """Both modalities of a batch, each mapped to the other's tokens, and the temperature of their contrast."""

    contacts: Features
    tracks: Features
    inferred_contacts_BMD: Tensor
    inferred_tracks_BLD: Tensor
    temperature: Tensor


def pooled(tokens_BLH: Tensor) -> Tensor:
    """Return (B, H), the plain mean over tokens, in float32 (spec 2.3)."""
    return tokens_BLH.float().mean(dim=1)


class Head(nn.Module):
    """A linear map per token, then norm 1 (spec 2.3).

    With ``norm`` each channel of each token place is first centred and scaled over the batch: what all examples have in
    common would else fill the unit vectors, and leave the contrast nothing to work on.
    """

    def __init__(self, width: int, tokens: int, norm: bool) -> None:
        super().__init__()
        self.linear = nn.Linear(width, width // 2)
        self.norm = nn.BatchNorm1d(tokens * width // 2, affine=False) if norm else None

    def forward(self, x_BLD: Tensor) -> Tensor:
        """Return (B, L, H), float32."""
        x_BLH = self.linear(x_BLD).float()
        if self.norm is not None:
            x_BLH = self.norm(x_BLH.flatten(1)).view_as(x_BLH)
        return F.normalize(x_BLH, dim=2)


class Mixhic(nn.Module):
    """MIX-HIC as pre-trained; every weight of it is taken over at fine-tuning."""

    def __init__(self, config: Config, shape: TileShape) -> None:
        super().__init__()
        self.config, self.tile_bins, width = config, shape.tile_bins, 8 * config.width
        self.towers = nn.ModuleDict(
            {"contacts": ContactTower(config, shape), "tracks": TRACK_TOWERS[config.strips](config, shape)}
        )
        self.contact_tokens = _final_grid(shape.tile_bins // config.patch) ** 2
        strips = {"joint": 1, "separate": 2}[config.strips]  # that both windows are read as
        self.track_tokens = strips * _final_grid(2 * shape.tile_bins // strips)
        self.shared, self.specific = self._heads(width), self._heads(width)
        self.to_contacts = nn.Linear(width, width)
        self.to_tracks = nn.Linear(width, width)
        self.temperature = nn.Parameter(torch.tensor(config.temperature_init))

    def _heads(self, width: int) -> nn.ModuleDict:
        norm, tokens = self.config.head_norm == "batch", (self.contact_tokens, self.track_tokens)
        return nn.ModuleDict({name: Head(width, count, norm) for name, count in zip(MODALITIES, tokens, strict=True)})

    def encode(self, modality: str, x: Tensor) -> Features:
        """Return the features of one modality, ``x`` being its tensor of the batch."""
        return self.split(modality, self.towers[modality](x)[-1])

    def split(self, modality: str, last: Tensor) -> Features:
        """Return the features of one modality, ``last`` being the end of its tower: (B, L, D) or (B, H, W, D)."""
        last_BLD = last.flatten(1, -2)
        return Features(self.shared[modality](last_BLD), self.specific[modality](last_BLD))

    def forward(self, batch: Batch) -> Aligned:
        """Return the features of both modalities and the maps between them."""
        contacts, tracks = (self.encode(name, batch[name]) for name in MODALITIES)
        return Aligned(
            contacts, tracks, self.infer_contacts(tracks), self.infer_tracks(contacts), self._bounded_temperature()
        )

    def infer_contacts(self, tracks: Features) -> Tensor:
        """Return contact tokens (B, M, D) mapped from track tokens, of free norm (E2M, spec 2.4)."""
        return self.to_contacts(resample(tracks.tokens_BLD, self.contact_tokens))

    def infer_tracks(self, contacts: Features) -> Tensor:
        """Return track tokens (B, L, D) mapped from contact tokens, of free norm (M2E)."""
        return self.to_tracks(resample(contacts.tokens_BLD, self.track_tokens))

    def _bounded_temperature(self) -> Tensor:
        """Return the temperature, first brought back between its bounds when training (spec 2.4)."""
        low, high = self.config.temperature_min, self.config.temperature_max
        if self.training:
            with torch.no_grad():
                self.temperature.clamp_(low, high)
            return self.temperature
        return self.temperature.clamp(low, high)


def _final_grid(length: int) -> int:
    for _ in range(3):
        length //= 2
    return length


def build_model(config: Config, shape: TileShape) -> Mixhic:
    """Build the network to pre-train for tiles of ``shape``; ConfigError when such tiles cannot be cut up."""
    return Mixhic(config, shape)


def build_representation(config: Config, shape: TileShape, need: str) -> MixhicRepresentation:
    """Build the network that tasks fine-tune: the pre-trained one as ``encoder``, the fusion, and a decoder to bins."""
    return MixhicRepresentation(build_model(config, shape), config, need)


def embed_tokens(model: Mixhic, batch: Batch) -> dict[str, Tensor]:
    """Return the tokens (B, T, 4E) of both heads of both modalities; the model is read as in evaluation.

    Contact tokens run over the rows of the window's last grid; track tokens from the strip of the first anchor to that of
    the second.
    """
    training = model.training
    model.eval()
    with torch.no_grad():
        features = {name: model.encode(name, batch[name]) for name in MODALITIES}
    model.train(training)
    vectors = {}
    for name, feature in features.items():
        vectors[f"{name}_shared"] = feature.shared_BLH
        vectors[f"{name}_specific"] = feature.specific_BLH
    return vectors


def embed(model: Mixhic, batch: Batch) -> dict[str, Tensor]:
    """Return the pooled vectors (B, 4E) of both heads of both modalities; the model is read as in evaluation."""
    return {name: pooled(tokens_BLH) for name, tokens_BLH in embed_tokens(model, batch).items()}
