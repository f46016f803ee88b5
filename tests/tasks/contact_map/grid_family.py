"""A throw-away family for the tests: the tracks of a pixel's two bins, and their products, through one layer."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor, nn

from chiasma.contracts import Family, load_family
from chiasma.schema.rooms import room_names
from chiasma.tiles.strand import flip_strand


@dataclass(frozen=True)
class Config:
    width: int = 8


class Grid(nn.Module):
    """Tracks (B, 2L, C) to features (B, N, N, D), rows of the first window."""

    def __init__(self, config: Config, shape) -> None:
        super().__init__()
        self.bins, self.width = shape.tile_bins, config.width
        self.encoder = nn.Linear(2 * shape.tracks + shape.tracks**2, config.width)

    def forward(self, batch: dict[str, Tensor]) -> Tensor:
        tracks = batch["tracks"]
        signal = tracks.reshape(len(tracks), 2 * self.bins, -1, tracks.shape[-1]).mean(dim=2)
        row, col = signal[:, : self.bins, None], signal[:, None, self.bins :]
        row, col = torch.broadcast_tensors(row, col)
        products = (row[..., :, None] * col[..., None, :]).flatten(-2)
        return self.encoder(torch.cat([row + col, (row - col).abs(), products], dim=-1))


def encode(examples, config, rng):
    assert not {"contacts", "expected", "valid"} & set(examples)
    return {"tracks": torch.from_numpy(np.log2(1 + examples["tracks"]).astype(np.float32))}


def augment(examples, config, rng):
    return flip_strand(examples, rng.random(len(examples["tracks"])) < 0.5)


def reads(config):
    return frozenset({"tracks"})


def shares(config):
    return False


def yields(config):
    return ("grid",)


def build_representation(config, shape, need):
    return Grid(config, shape)


def family(name: str = "grid") -> Family:
    """Return a bundle whose part in fine-tuning and prediction is this family's; the rest, not called here, is another's."""
    own = {"config": Config, "yields": yields, "reads": reads, "shares": shares, "augment": augment, "encode": encode}
    return replace(load_family(room_names("families")[0]), name=name, build_representation=build_representation, **own)
