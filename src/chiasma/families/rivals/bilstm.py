"""A bidirectional LSTM along the bins of each window, after Epiphany (Yang et al., Genome Biology 2023).

Axes: P window, N contact bin, D channel.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from chiasma.contracts import Batch, TileShape
from chiasma.families.rivals.config import Config
from chiasma.families.rivals.stem import WindowStem, join_windows


class BiLstm(nn.Module):
    """Tracks to one token for each bin: convolutions, then recurrent layers with a residual around each."""

    def __init__(self, config: Config, shape: TileShape) -> None:
        super().__init__()
        self.width = config.width
        self.stem = WindowStem(shape, config.width)
        self.layers = nn.ModuleList(
            nn.LSTM(config.width, config.width // 2, batch_first=True, bidirectional=True) for _ in range(config.layers)
        )

    def forward(self, batch: Batch) -> Tensor:
        """Return (B, 2N, D)."""
        x_PND = self.stem(batch["tracks"]).float()
        with torch.autocast(x_PND.device.type, enabled=False):  # not every processor recurs in half precision
            for layer in self.layers:
                x_PND = x_PND + layer(x_PND)[0]
        return join_windows(x_PND)
