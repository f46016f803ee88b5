"""Convolutions and attention along the bins, then a tower over the pixels, after C.Origami (Tan et al., 2023), without DNA.

Axes: B example, L contact bin of both windows, N of one, D channel.
"""

from __future__ import annotations

from torch import Tensor, nn

from chiasma.contracts import Batch, TileShape
from chiasma.families.rivals.config import Config
from chiasma.families.rivals.stem import Dilated, WindowStem, join_windows


class Outer(nn.Module):
    """Tracks to one token for each bin; the attention sees both windows."""

    def __init__(self, config: Config, shape: TileShape) -> None:
        super().__init__()
        self.width = config.width
        self.stem = WindowStem(shape, config.width)
        self.layers = nn.Sequential(
            *(
                nn.TransformerEncoderLayer(
                    config.width, config.heads, 2 * config.width, dropout=0.0, batch_first=True, norm_first=True
                )
                for _ in range(config.layers)
            )
        )

    def forward(self, batch: Batch) -> Tensor:
        """Return (B, 2N, D)."""
        return self.layers(join_windows(self.stem(batch["tracks"])))


class OuterGrid(nn.Module):
    """The tokens of both bins of a pixel side by side, mixed by one linear map, then dilated convolutions over the pixels."""

    def __init__(self, bins: Outer, config: Config) -> None:
        super().__init__()
        self.bins, self.width = bins, config.width
        self.rows = nn.Linear(config.width, config.width)
        self.cols = nn.Linear(config.width, config.width, bias=False)
        self.layers = nn.Sequential(*(Dilated(config.width, 2**layer, axes=2) for layer in range(config.pixel_layers)))

    def forward(self, batch: Batch) -> Tensor:
        """Return (B, N, N, D), rows of the first window."""
        rows_BND, cols_BND = self.bins(batch).chunk(2, dim=1)
        # a linear map of two vectors side by side is the sum of a map of each, so the pairs need not be laid out
        x_BNND = self.rows(rows_BND)[:, :, None] + self.cols(cols_BND)[:, None]
        return self.layers(x_BNND.permute(0, 3, 1, 2)).permute(0, 2, 3, 1)
