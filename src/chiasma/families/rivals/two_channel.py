"""A small image network over contacts and accessibility around a pair, after DLoopCaller (Wang et al., 2022).

Axes: B example, N contact bin of a window, S track bin of both strips, W bin of the part looked at, K channel.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from chiasma.contracts import Batch, TileShape
from chiasma.core.errors import ConfigError
from chiasma.families.rivals.config import Config

KERNELS = (5, 3, 3)


class TwoChannel(nn.Module):
    """Contacts beside the product of both bins' mean accessibility, to one token (B, 1, D)."""

    def __init__(self, config: Config, shape: TileShape) -> None:
        super().__init__()
        if config.accessibility >= shape.tracks:
            raise ConfigError(f"rivals: accessibility {config.accessibility} is no track; there are {shape.tracks}")
        half = min(config.window_bins // 2, (shape.tile_bins - 1) // 2)
        if half < 4:
            raise ConfigError(f"rivals: tile_bins {shape.tile_bins} is too small for two_channel; it needs 9 or more")
        centre, self.track = shape.tile_bins // 2, config.accessibility
        self.part, self.bins = slice(centre - half, centre + half + 1), shape.tile_bins
        layers, channels = [], 2
        for kernel, scale in zip(KERNELS, (1, 2, 2), strict=True):
            layers.append(nn.Conv2d(channels, scale * config.width, kernel, padding=kernel // 2))
            channels = scale * config.width
            layers += [nn.BatchNorm2d(channels), nn.ReLU(), nn.AvgPool2d(2)]
        self.width, left = 4 * config.width, (2 * half + 1) // 8
        self.layers = nn.Sequential(*layers, nn.Flatten(), nn.Linear(channels * left**2, self.width), nn.ReLU())

    def image(self, batch: Batch) -> Tensor:
        """Return (B, 2, W, W) about the pair's own pixel, rows of the first window."""
        signal_BS = batch["tracks"][..., self.track]
        mean_B2N = signal_BS.unflatten(1, (2, self.bins, -1)).mean(dim=3)
        both_BNN = mean_B2N[:, 0, :, None] * mean_B2N[:, 1, None]
        return torch.stack([batch["contacts"], both_BNN], dim=1)[:, :, self.part, self.part]

    def forward(self, batch: Batch) -> Tensor:
        """Return (B, 1, D)."""
        return self.layers(self.image(batch))[:, None]
