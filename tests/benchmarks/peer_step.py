"""The pre-training step that the released MIX-HIC takes, as far as its cost goes, written from facts about it.

Windows and strips stored one by one as float32 arrays and read one by one; the same widths, depths and parameter count (dead
parts allocated); the grid's attention spelt out; AdamW in float32. Of its defects one is left out: track layers attend over
the genome here, not over the batch. Section numbers are those of the MIX-HIC specification.

Axes: B example, L M token, D channel, A head, K channel of a head, N bin of a window, S strip bin of both windows.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.data import Dataset

HEADS, DEPTH, LEVELS = 4, 2, (1, 2, 4, 8)
TAU_RANGE = (0.001, 0.5)
PUBLISHED_PARAMETERS = {64: 18_559_105, 128: 74_047_745, 256: 295_813_633}  # with two tracks, 2.7


class StoredTiles(Dataset):
    """One stored copy of each window (n, N, N) and of its two strips (n, S, C), float32 memory maps (1.4, 1.5)."""

    def __init__(self, folder: Path) -> None:
        self.maps, self.strips = (np.load(folder / f"{name}.npy", mmap_mode="r") for name in ("maps", "strips"))

    def __len__(self) -> int:
        return len(self.maps)

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        """Return the window (1, N, N), and the strips (S, C) on a log scale."""
        return torch.tensor(self.maps[index])[None], torch.log2(torch.tensor(self.strips[index]) + 1)


class GridAttention(nn.Module):
    """Attention with a matrix of weights in memory; separate query, joint key and value (2.1)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.query, self.key_value, self.output = (nn.Linear(width, wide) for wide in (width, 2 * width, width))

    def forward(self, x_BLD: Tensor) -> Tensor:
        """Return (B, L, D)."""
        query, key, value = (
            each.unflatten(2, (HEADS, -1)).transpose(1, 2)
            for each in (self.query(x_BLD), *self.key_value(x_BLD).chunk(2, dim=2))
        )
        weights_BALM = (query * query.shape[-1] ** -0.5 @ key.transpose(2, 3)).softmax(dim=3)
        return self.output((weights_BALM @ value).transpose(1, 2).flatten(2))


class GridBlock(nn.Module):
    """Attention, then the convolved network; a cross-attention is there and never run (2.1)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.attention, self.dead = GridAttention(width), GridAttention(width)
        self.widen, self.narrow = nn.Linear(width, 2 * width), nn.Linear(2 * width, width)
        self.convolution = nn.Conv2d(2 * width, 2 * width, 3, padding=1, groups=2 * width)

    def forward(self, x_BLD: Tensor) -> Tensor:
        """Return (B, L, D)."""
        x_BLD = x_BLD + self.attention(self.norm1(x_BLD))
        grid = round(x_BLD.shape[1] ** 0.5)
        wide = F.gelu(self.widen(self.norm2(x_BLD))).transpose(1, 2).unflatten(2, (grid, grid))
        return x_BLD + self.narrow(F.gelu(self.convolution(wide)).flatten(2).transpose(1, 2))


class GridTower(nn.Module):
    """Patches of 2 x 2 through four levels (2.1)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.embed = nn.Linear(4, width)
        widths = [width * scale for scale in LEVELS]
        self.levels = nn.ModuleList(nn.Sequential(*(GridBlock(wide) for _ in range(DEPTH))) for wide in widths)
        self.downs = nn.ModuleList(nn.Conv2d(wide, 2 * wide, 4, 2, 1) for wide in widths[:-1])

    def forward(self, maps_B1NN: Tensor) -> Tensor:
        """Return (B, 9, 8E)."""
        x_BLD = self.embed(F.pixel_unshuffle(maps_B1NN, 2).flatten(2).transpose(1, 2))
        for index, level in enumerate(self.levels):
            if index:
                grid = round(x_BLD.shape[1] ** 0.5)
                x_BLD = (
                    self.downs[index - 1](x_BLD.transpose(1, 2).unflatten(2, (grid, grid))).flatten(2).transpose(1, 2)
                )
            x_BLD = level(x_BLD)
        return x_BLD


class StripTower(nn.Module):
    """All channels at every 100 bp, convolved and pooled to 5 kb, then torch's encoder layers (2.2)."""

    def __init__(self, tracks: int, width: int) -> None:
        super().__init__()
        self.widen = nn.Linear(tracks, width)
        self.stem = nn.Sequential(*(part for pool in (2, 5, 5, 1) for part in self._convolve(width, pool)))
        widths = [width * scale for scale in LEVELS]
        self.levels = nn.ModuleList(nn.Sequential(*(self._layer(wide) for _ in range(DEPTH))) for wide in widths)
        self.downs = nn.ModuleList(nn.Conv1d(wide, 2 * wide, 4, 2, 1) for wide in widths[:-1])
        self.unused = nn.ModuleList(nn.LayerNorm(wide) for wide in widths[:-1])

    @staticmethod
    def _convolve(width: int, pool: int) -> list[nn.Module]:
        parts = [nn.Conv1d(width, width, 3, padding=1), nn.BatchNorm1d(width), nn.ReLU()]
        return [*parts, nn.MaxPool1d(pool)] if pool > 1 else parts

    @staticmethod
    def _layer(width: int) -> nn.Module:
        return nn.TransformerEncoderLayer(width, HEADS, 2 * width, dropout=0.0, batch_first=True)

    def forward(self, strips_BSC: Tensor) -> Tensor:
        """Return (B, 12, 8E)."""
        x_BLD = self.stem(F.relu(self.widen(strips_BSC)).transpose(1, 2)).transpose(1, 2)
        for index, level in enumerate(self.levels):
            x_BLD = level(self.downs[index - 1](x_BLD.transpose(1, 2)).transpose(1, 2) if index else x_BLD)
        return x_BLD


class Peer(nn.Module):
    """Both towers, a shared and a specific head each, a map each way; called, it gives the loss after epoch 10 (2.3, 2.4)."""

    def __init__(self, tracks: int, width: int) -> None:
        super().__init__()
        self.towers = nn.ModuleList([GridTower(width), StripTower(tracks, width)])
        self.shared, self.specific = (
            nn.ModuleList(nn.Linear(8 * width, 4 * width) for _ in self.towers) for _ in range(2)
        )
        self.maps = nn.ModuleList(nn.Linear(8 * width, 8 * width) for _ in self.towers)
        self.tau = nn.Parameter(torch.tensor(0.07))

    def forward(self, maps_B1NN: Tensor, strips_BSC: Tensor) -> Tensor:
        """Return half of contrast and orthogonality, and half of the maps' distance."""
        self.tau.data.clamp_(*TAU_RANGE)
        ends = [tower(each) for tower, each in zip(self.towers, (maps_B1NN, strips_BSC), strict=True)]
        shared = [F.normalize(head(end), dim=2) for head, end in zip(self.shared, ends, strict=True)]
        specific = [F.normalize(head(end), dim=2) for head, end in zip(self.specific, ends, strict=True)]
        tokens = [torch.cat(pair, dim=2) for pair in zip(shared, specific, strict=True)]
        pooled, own = [each.mean(dim=1) for each in shared], [each.mean(dim=1) for each in specific]
        logits, target = pooled[0] @ pooled[1].T / self.tau, torch.arange(len(maps_B1NN), device=maps_B1NN.device)
        contrast = (F.cross_entropy(logits, target) + F.cross_entropy(logits.T, target)) / 2
        orthogonal = sum((a * b).sum(dim=1).square().mean() for a, b in zip(pooled, own, strict=True))
        distance = sum(
            (F.normalize(self._mapped(at, tokens), dim=2) - F.normalize(tokens[1 - at], dim=2)).norm(dim=2).mean()
            for at in range(2)
        )
        return 0.5 * (contrast + orthogonal) + 0.5 * distance / 2

    def _mapped(self, at: int, tokens: list[Tensor]) -> Tensor:
        wanted = tokens[1 - at].shape[1]
        return self.maps[at](F.adaptive_avg_pool1d(tokens[at].transpose(1, 2), wanted).transpose(1, 2))
