"""A throw-away family for the tests: the log2 tracks of a bin and two bins to each side, through one layer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from chiasma.contracts import Family
from chiasma.tiles.strand import flip_strand

REACH = 2


@dataclass(frozen=True)
class Config:
    width: int = 16


class Strip(nn.Module):
    """Tracks (B, 2L, C) to one token (B, 2N, D) for each bin of both windows."""

    def __init__(self, config: Config, shape) -> None:
        super().__init__()
        self.bins, self.width = shape.tile_bins, config.width
        self.encoder = nn.Linear((2 * REACH + 1) * shape.tracks, config.width)

    def forward(self, batch: dict[str, Tensor]) -> Tensor:
        tracks = batch["tracks"]
        signal = torch.log2(1 + tracks.reshape(len(tracks), 2, self.bins, -1, tracks.shape[-1]).mean(dim=3))
        padded = nn.functional.pad(signal, (0, 0, REACH, REACH))
        around = padded.unfold(2, 2 * REACH + 1, 1).flatten(-2)
        return self.encoder(around.flatten(1, 2))


def encode(examples, config, rng):
    return {"tracks": torch.from_numpy(np.asarray(examples["tracks"], np.float32))}


def augment(examples, config, rng):
    return examples


def flipping(examples, config, rng):
    return flip_strand(examples, np.ones(len(examples["tracks"]), bool))


def family(name: str = "strip") -> Family:
    parts = dict.fromkeys(Family.__dataclass_fields__)
    return Family(
        **parts
        | {
            "name": name,
            "config": Config,
            "yields": lambda config: ("strip",),
            "reads": lambda config: frozenset({"tracks"}),
            "shares": lambda config: False,
            "build_representation": lambda config, shape, need: Strip(config, shape),
            "augment": augment,
            "encode": encode,
        }
    )
