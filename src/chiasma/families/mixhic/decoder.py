"""From the few fused tokens back to one token for each contact bin of both windows.

Axes: B example, L M token, D channel, N contact bin of one window, G row or column of the last contact grid.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from chiasma.families.mixhic.config import Config
from chiasma.families.mixhic.layers import Level, TrackLayer, initialise, run_blocks


class StripDecoder(nn.Module):
    """Three steps up, each doubling the tokens and taking in the track tower's tokens of that level (spec 2.6)."""

    def __init__(self, config: Config, tile_bins: int) -> None:
        super().__init__()
        width, self.save_memory = config.width, config.checkpoint_activations
        self.skip_widths = (4 * width, 2 * width, width)
        self.lengths = tuple(2 * tile_bins // scale for scale in (4, 2, 1))
        sources = (8 * width, 8 * width, 4 * width)
        self.ups = nn.ModuleList(
            nn.ConvTranspose1d(source, skip, 4, 2, 1) for source, skip in zip(sources, self.skip_widths, strict=True)
        )
        self.levels = nn.ModuleList(
            Level(
                TrackLayer(2 * skip, config.heads, norm_first=config.norm_first, batch_axis=config.legacy_batch_axis)
                for _ in range(config.depth)
            )
            for skip in self.skip_widths
        )
        self.apply(lambda module: initialise(module, config.init_std))

    def forward(self, x_BLD: Tensor, track_levels: list[Tensor] | None) -> Tensor:
        """Return (B, 2N, 2E), the first window's bins first.

        Parameters
        ----------
        x_BLD : fused tokens, as many as the track tower ends in
        track_levels : tokens at the end of each level of the track tower; None when no tracks were read, which is shown to
            the decoder as zeros
        """
        skips = self._no_tracks(x_BLD) if track_levels is None else track_levels[-2::-1]
        for up, blocks, skip_BMD in zip(self.ups, self.levels, skips, strict=True):
            x_BMD = up(x_BLD.transpose(1, 2), output_size=[skip_BMD.shape[1]]).transpose(1, 2)
            x_BLD = run_blocks(blocks, torch.cat([x_BMD, skip_BMD], dim=2), self.save_memory)
        return x_BLD

    def _no_tracks(self, x_BLD: Tensor) -> list[Tensor]:
        sizes = zip(self.lengths, self.skip_widths, strict=True)
        return [x_BLD.new_zeros(len(x_BLD), length, width) for length, width in sizes]


def along_windows(tokens_BMD: Tensor) -> Tensor:
    """Return (B, 2G, D) from contact tokens (B, G * G, D): the mean of each row of the grid, then of each column.

    Rows lie along the first window, columns along the second.
    """
    grid_BGGD = tokens_BMD.unflatten(1, (round(tokens_BMD.shape[1] ** 0.5), -1))
    return torch.cat([grid_BGGD.mean(dim=2), grid_BGGD.mean(dim=1)], dim=1)
