"""Cascading residual blocks over the contacts of a window, after HiCARN-1 (Hicks and Oluwadare, Bioinformatics 2022).

Axes: B example, K channel inside, H W pixel, N contact bin, D channel of a pixel.
"""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor, nn

from chiasma.contracts import Batch
from chiasma.families.rivals.config import Config
from chiasma.families.rivals.hicplus import CHANNELS, initialise

RESIDUALS = 3  # in a cascading block
QUIET = 0.1  # what residuals add at first, over what they would: no norm keeps the sum of so many from growing


class Residual(nn.Module):
    """Two convolutions of 3 x 3 inside a residual, with ReLU after the first and after the sum."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(width, width, 3, padding=1), nn.ReLU(), nn.Conv2d(width, width, 3, padding=1)
        )

    def forward(self, x_BKHW: Tensor) -> Tensor:
        """Return (B, K, H, W)."""
        return torch.relu(x_BKHW + self.layers(x_BKHW))


class Cascade(nn.Module):
    """Parts one after the other; each is given all that was made before it, merged pixel by pixel to the width of one.

    The first part's input is the cascade's. After each part a convolution of 1 x 1 and ReLU merge that input and the outputs of
    all parts so far, and the last merger's output is the cascade's.
    """

    def __init__(self, parts: Iterable[nn.Module], width: int) -> None:
        super().__init__()
        self.parts = nn.ModuleList(parts)
        self.mergers = nn.ModuleList(nn.Conv2d((made + 2) * width, width, 1) for made in range(len(self.parts)))

    def forward(self, x_BKHW: Tensor) -> Tensor:
        """Return (B, K, H, W)."""
        made = [x_BKHW]
        for part, merger in zip(self.parts, self.mergers, strict=True):
            made.append(part(x_BKHW))
            x_BKHW = torch.relu(merger(torch.cat(made, dim=1)))
        return x_BKHW


class HicArn(nn.Module):
    """A convolution, a cascade of cascades of residual blocks, and a convolution to the features of a pixel."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.width = config.pixel_width
        blocks = (
            Cascade((Residual(config.width) for _ in range(RESIDUALS)), config.width) for _ in range(config.layers)
        )
        self.entry = nn.Sequential(nn.Conv2d(CHANNELS, config.width, 3, padding=1), nn.ReLU())
        self.blocks = Cascade(blocks, config.width)
        self.exit = nn.Conv2d(config.width, config.pixel_width, 3, padding=1)
        self.apply(initialise)
        self.apply(quieten)

    def forward(self, batch: Batch) -> Tensor:
        """Return (B, N, N, D), rows of the first window."""
        return self.exit(self.blocks(self.entry(batch["contacts"]))).permute(0, 2, 3, 1)


def quieten(module: nn.Module) -> None:
    """Scale down what a residual adds."""
    if isinstance(module, Residual):
        with torch.no_grad():
            module.layers[-1].weight.mul_(QUIET)
