"""A throw-away family for the tests: log2 of observed over expected of each pixel, through one layer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from chiasma.contracts import Family
from chiasma.tiles.strand import flip_strand


@dataclass(frozen=True)
class Config:
    width: int = 4


class Grid(nn.Module):
    """Contacts (B, N, N) to features (B, N, N, D) of each pixel."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.width = config.width
        self.encoder = nn.Linear(1, config.width)

    def forward(self, batch: dict[str, Tensor]) -> Tensor:
        return self.encoder(batch["contacts"][..., None])


def encode(examples, config, rng):
    assert not {"tracks", "targets"} & set(examples), "only contacts may be read"
    ratio = np.log2((examples["contacts"] + 1) / (examples["expected"] + 1)) * examples["valid"]
    return {"contacts": torch.from_numpy(ratio.astype(np.float32))}


def augment(examples, config, rng):
    return flip_strand(examples, rng.random(len(examples["contacts"])) < 0.5)


def family(name: str = "grid") -> Family:
    parts = dict.fromkeys(Family.__dataclass_fields__)
    return Family(
        **parts
        | {
            "name": name,
            "config": Config,
            "yields": lambda config: ("grid",),
            "reads": lambda config: frozenset({"contacts"}),
            "shares": lambda config: False,
            "build_representation": lambda config, shape, need: Grid(config),
            "augment": augment,
            "encode": encode,
        }
    )
