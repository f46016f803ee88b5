"""The two towers: contacts on a grid, tracks along two strips; each ends in a few tokens of 8E channels.

Axes: B example, A anchor, C input channel, N contact bin, S track bin, L token, T token of one strip, D channel,
H W contact grid.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from chiasma.contracts import TileShape
from chiasma.families.mixhic.config import Config, contact_grid, pool_widths
from chiasma.families.mixhic.layers import ContactBlock, Level, TrackLayer, initialise, run_blocks, sine_positions

SCALES = (1, 2, 4, 8)  # width of each level over E


class ContactTower(nn.Module):
    """Patches of the contact window through four levels of blocks, halving the grid between them (spec 2.1)."""

    def __init__(self, config: Config, shape: TileShape) -> None:
        super().__init__()
        self.patch, self.save_memory = config.patch, config.checkpoint_activations
        grid = contact_grid(config, shape)
        self.embed = nn.Linear(config.contact_channels * config.patch**2, config.width)
        widths = [config.width * scale for scale in SCALES]
        self.levels = nn.ModuleList(
            Level(
                ContactBlock(width, config.heads, attends=index >= config.contact_attention_from)
                for _ in range(config.depth)
            )
            for index, width in enumerate(widths)
        )
        self.downs = nn.ModuleList(nn.Conv2d(width, 2 * width, 4, 2, 1) for width in widths[:-1])
        positions = _grid_positions(grid, config.width) if config.positions else None
        self.register_buffer("positions_HWD", positions, persistent=False)
        self.apply(lambda module: initialise(module, config.init_std))

    def forward(self, contacts_BCNN: Tensor) -> list[Tensor]:
        """Return the grid (B, H, W, D) at the end of each level."""
        patches_BDHW = F.pixel_unshuffle(contacts_BCNN, self.patch)
        x_BHWD = self.embed(patches_BDHW.permute(0, 2, 3, 1))
        if self.positions_HWD is not None:
            x_BHWD = x_BHWD + self.positions_HWD
        grids = []
        for index, blocks in enumerate(self.levels):
            if index:
                x_BHWD = self.downs[index - 1](x_BHWD.permute(0, 3, 1, 2)).permute(0, 2, 3, 1)
            x_BHWD = run_blocks(blocks, x_BHWD, self.save_memory)
            grids.append(x_BHWD)
        return grids


def _grid_positions(grid: int, width: int) -> Tensor:
    along_LD = sine_positions(torch.arange(grid), width // 2)
    rows_HWD = along_LD[:, None].expand(grid, grid, -1)
    return torch.cat([rows_HWD, rows_HWD.transpose(0, 1)], dim=2)


class TrackTower(nn.Module):
    """Both strips through a convolutional stem, one token per contact bin, then four levels of layers (spec 2.2)."""

    def __init__(self, config: Config, shape: TileShape) -> None:
        super().__init__()
        self.save_memory = config.checkpoint_activations
        build_stem = {"full": FullStem, "strided": StridedStem}[config.stem]
        self.stem = build_stem(shape.tracks, config.width, pool_widths(shape), config.stem_norm)
        widths = [config.width * scale for scale in SCALES]
        self.levels = nn.ModuleList(
            Level(
                TrackLayer(width, config.heads, norm_first=config.norm_first, batch_axis=config.legacy_batch_axis)
                for _ in range(config.depth)
            )
            for width in widths
        )
        self.downs = nn.ModuleList(nn.Conv1d(width, 2 * width, 4, 2, 1) for width in widths[:-1])
        self.anchor_AD = nn.Parameter(torch.randn(2, config.width) * 0.02) if config.positions else None
        positions = sine_positions(torch.arange(shape.tile_bins), config.width) if config.positions else None
        self.register_buffer("positions_LD", positions, persistent=False)
        self.apply(lambda module: initialise(module, config.init_std))

    def forward(self, tracks_BSC: Tensor) -> list[Tensor]:
        """Return the tokens (B, L, D) at the end of each level."""
        x_BLD = self.stem(tracks_BSC)
        if self.anchor_AD is not None:
            x_BLD = x_BLD + (self.anchor_AD[:, None] + self.positions_LD).flatten(0, 1)
        levels = []
        for index in range(len(self.levels)):
            x_BLD = self._run(index, self._shorten(index, x_BLD))
            levels.append(x_BLD)
        return levels

    def _shorten(self, index: int, x_BLD: Tensor) -> Tensor:
        """Return the tokens that level ``index`` begins with, from those at the end of the level before."""
        return self.downs[index - 1](x_BLD.transpose(1, 2)).transpose(1, 2) if index else x_BLD

    def _run(self, index: int, x_BLD: Tensor) -> Tensor:
        return run_blocks(self.levels[index], x_BLD, self.save_memory)


class SeparateTrackTower(TrackTower):
    """Each strip by itself through all levels but the last, whose few tokens attend over both strips of the pair.

    Up to there a strip's tokens do not depend on its partner. The anchor embedding is added where the strips meet.
    """

    def __init__(self, config: Config, shape: TileShape) -> None:
        super().__init__(config, shape)
        if self.anchor_AD is not None:
            self.anchor_AD = nn.Parameter(torch.randn(2, SCALES[-1] * config.width) * 0.02)

    def encode_loci(self, strips_BSC: Tensor) -> Tensor:
        """Return the tokens (B, T, D) with which single strips enter the last level."""
        x_BLD = self.stem(strips_BSC)
        if self.positions_LD is not None:
            x_BLD = x_BLD + self.positions_LD
        last = len(self.levels) - 1
        for index in range(last):
            x_BLD = self._run(index, self._shorten(index, x_BLD))
        return self._shorten(last, x_BLD)

    def pair_loci(self, loci_BATD: Tensor) -> Tensor:
        """Return the tokens (B, 2T, D) of pairs at the end of the tower, from those of both strips (B, 2, T, D)."""
        if self.anchor_AD is not None:
            loci_BATD = loci_BATD + self.anchor_AD[:, None]
        return self._run(len(self.levels) - 1, loci_BATD.flatten(1, 2))

    def forward(self, tracks_BSC: Tensor) -> list[Tensor]:
        """Return the tokens (B, L, D) at the end of the last level alone."""
        loci_BTD = self.encode_loci(tracks_BSC.unflatten(1, (2, -1)).flatten(0, 1))
        return [self.pair_loci(loci_BTD.unflatten(0, (-1, 2)))]


TRACK_TOWERS = {"joint": TrackTower, "separate": SeparateTrackTower}


def _norm(kind: str, width: int) -> nn.Module:
    return nn.BatchNorm1d(width) if kind == "batch" else nn.GroupNorm(1, width)


def _convolve(width: int, norm: str) -> list[nn.Module]:
    return [nn.Conv1d(width, width, 3, padding=1), _norm(norm, width), nn.ReLU()]


class FullStem(nn.Module):
    """The published stem: all E channels at every track bin, then convolution and pooling by turns."""

    def __init__(self, tracks: int, width: int, pools: list[int], norm: str) -> None:
        super().__init__()
        self.widen = nn.Linear(tracks, width)
        layers = [layer for pool in pools for layer in (*_convolve(width, norm), nn.MaxPool1d(pool))]
        self.layers = nn.Sequential(*layers, *_convolve(width, norm))

    def forward(self, tracks_BSC: Tensor) -> Tensor:
        """Return (B, L, D), one token per contact bin."""
        return self.layers(F.relu(self.widen(tracks_BSC)).transpose(1, 2)).transpose(1, 2)


class StridedStem(nn.Module):
    """A strided convolution in the place of the first pools, so that no layer runs at every track bin."""

    def __init__(self, tracks: int, width: int, pools: list[int], norm: str) -> None:
        super().__init__()
        stride, rest = 1, list(pools)
        while rest and stride * rest[0] <= 10:
            stride *= rest.pop(0)
        self.widen = nn.Conv1d(tracks, width, 3 * stride, stride, padding=stride)
        layers = [layer for pool in rest for layer in (*_convolve(width, norm), nn.MaxPool1d(pool))]
        self.layers = nn.Sequential(_norm(norm, width), nn.ReLU(), *layers, *_convolve(width, norm))

    def forward(self, tracks_BSC: Tensor) -> Tensor:
        """Return (B, L, D), one token per contact bin."""
        return self.layers(self.widen(tracks_BSC.transpose(1, 2))).transpose(1, 2)
