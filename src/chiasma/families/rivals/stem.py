"""From track bins to one vector per contact bin, and the convolution the networks share.

Axes: B example, P window (the two of an example side by side), S track bin, C track, N contact bin, D channel.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from chiasma.contracts import TileShape
from chiasma.core.errors import ConfigError

CONVOLUTIONS = {1: (nn.Conv1d, nn.BatchNorm1d), 2: (nn.Conv2d, nn.BatchNorm2d)}


def prime_factors(number: int) -> list[int]:
    """Return the prime factors, large first; none for 1."""
    factors, factor = [], 2
    while number > 1:
        while number % factor == 0:
            factors.append(factor)
            number //= factor
        factor += 1
    return factors[::-1]


class WindowStem(nn.Module):
    """Convolution and pooling by turns in each window by itself, then a learnt vector for each place of either window.

    It pools widely first, so that few layers run at many places. Distance decides most of a contact, and convolutions do not
    know where they are.
    """

    def __init__(self, shape: TileShape, width: int) -> None:
        super().__init__()
        if not shape.tracks:
            raise ConfigError(
                "rivals: this network reads tracks, and the tileset has none; name some in its key 'tracks'"
            )
        per_bin, rest = divmod(shape.strip_bins, shape.tile_bins)
        if rest or per_bin < 1:
            raise ConfigError(
                f"rivals: {shape.strip_bins} track bins over {shape.tile_bins} contact bins is not a whole number; "
                "choose track_bp that divides resolution_bp"
            )
        layers, channels = [], shape.tracks
        for pool in [*prime_factors(per_bin), 1]:
            layers += [nn.Conv1d(channels, width, 5, padding=2), nn.BatchNorm1d(width), nn.ReLU(), nn.MaxPool1d(pool)]
            channels = width
        self.layers = nn.Sequential(*layers)
        self.places_2ND = nn.Parameter(torch.randn(2, shape.tile_bins, width) * 0.02)

    def forward(self, tracks_BSC: Tensor) -> Tensor:
        """Return (P, N, D)."""
        x_PSC = tracks_BSC.unflatten(1, (2, -1)).flatten(0, 1)
        x_PND = self.layers(x_PSC.transpose(1, 2)).transpose(1, 2)
        return (x_PND.unflatten(0, (-1, 2)) + self.places_2ND).flatten(0, 1)


def join_windows(x_PND: Tensor) -> Tensor:
    """Return (B, 2N, D), the first window's bins first."""
    return x_PND.unflatten(0, (-1, 2)).flatten(1, 2)


class Dilated(nn.Module):
    """A residual step: norm, ReLU and a convolution of width 3 over bins (``axes`` 1) or pixels (2) ``dilation`` apart."""

    def __init__(self, width: int, dilation: int, axes: int) -> None:
        super().__init__()
        convolution, norm = CONVOLUTIONS[axes]
        self.layers = nn.Sequential(
            norm(width), nn.ReLU(), convolution(width, width, 3, padding=dilation, dilation=dilation)
        )

    def forward(self, x: Tensor) -> Tensor:
        """Return a tensor of the shape of ``x``, channels second."""
        return x + self.layers(x)
