"""Dilated convolutions along the bins of each window.

Axes: P window, N contact bin, D channel.
"""

from __future__ import annotations

from torch import Tensor, nn

from chiasma.contracts import Batch, TileShape
from chiasma.families.rivals.config import Config
from chiasma.families.rivals.stem import Dilated, WindowStem, join_windows


class Cnn(nn.Module):
    """Tracks to one token for each bin; the reach doubles with each layer."""

    def __init__(self, config: Config, shape: TileShape) -> None:
        super().__init__()
        self.width = config.width
        self.stem = WindowStem(shape, config.width)
        self.layers = nn.Sequential(*(Dilated(config.width, 2**layer, axes=1) for layer in range(config.layers)))

    def forward(self, batch: Batch) -> Tensor:
        """Return (B, 2N, D)."""
        x_PDN = self.layers(self.stem(batch["tracks"]).transpose(1, 2))
        return join_windows(x_PDN.transpose(1, 2))
