"""Attention and the blocks of the two towers.

Axes: B example, L M token, D channel, A attention head, K channel of a head, H W contact grid.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

Level = nn.ModuleList  # blocks of one resolution


class Attention(nn.Module):
    """Multi-head attention by torch's fused kernel; queries from ``x``, keys and values from ``context`` or ``x``."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.query = nn.Linear(width, width)
        self.key_value = nn.Linear(width, 2 * width)
        self.output = nn.Linear(width, width)

    def _split(self, x_BLD: Tensor) -> Tensor:
        return x_BLD.unflatten(2, (self.heads, -1)).transpose(1, 2)

    def forward(self, x_BLD: Tensor, context_BMD: Tensor | None = None) -> Tensor:
        """Return (B, L, D): each token of ``x`` as a mixture of the context's values."""
        key_BMD, value_BMD = self.key_value(x_BLD if context_BMD is None else context_BMD).chunk(2, dim=2)
        mixed_BALK = F.scaled_dot_product_attention(
            self._split(self.query(x_BLD)), self._split(key_BMD), self._split(value_BMD)
        )
        return self.output(mixed_BALK.transpose(1, 2).flatten(2))


class TrackLayer(nn.Module):
    """Transformer encoder layer of the track tower: ReLU network of twice the width (spec 2.2).

    ``batch_axis`` repeats the released code, which attends over the examples of a batch at one position of the genome.
    """

    def __init__(self, width: int, heads: int, *, norm_first: bool, batch_axis: bool) -> None:
        super().__init__()
        self.norm_first, self.batch_axis = norm_first, batch_axis
        self.attention = Attention(width, heads)
        self.network = nn.Sequential(nn.Linear(width, 2 * width), nn.ReLU(), nn.Linear(2 * width, width))
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)

    def _attend(self, x_BLD: Tensor) -> Tensor:
        if self.batch_axis:
            return self.attention(x_BLD.transpose(0, 1)).transpose(0, 1)
        return self.attention(x_BLD)

    def forward(self, x_BLD: Tensor) -> Tensor:
        """Return (B, L, D)."""
        if self.norm_first:
            x_BLD = x_BLD + self._attend(self.norm1(x_BLD))
            return x_BLD + self.network(self.norm2(x_BLD))
        x_BLD = self.norm1(x_BLD + self._attend(x_BLD))
        return self.norm2(x_BLD + self.network(x_BLD))


class ConvolvedNetwork(nn.Module):
    """Feed-forward network with a 3 x 3 depthwise convolution between its two linear maps (LeFF, spec 2.1)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.widen = nn.Linear(width, 2 * width)
        self.convolution = nn.Conv2d(2 * width, 2 * width, 3, padding=1, groups=2 * width)
        self.narrow = nn.Linear(2 * width, width)

    def forward(self, x_BHWD: Tensor) -> Tensor:
        """Return (B, H, W, D)."""
        x_BDHW = F.gelu(self.widen(x_BHWD)).permute(0, 3, 1, 2)
        return self.narrow(F.gelu(self.convolution(x_BDHW)).permute(0, 2, 3, 1))


class ContactBlock(nn.Module):
    """Attention over the whole contact grid, then the convolved network, each on a normalised input (spec 2.1)."""

    def __init__(self, width: int, heads: int, *, attends: bool) -> None:
        super().__init__()
        self.attention = Attention(width, heads) if attends else None
        self.norm1 = nn.LayerNorm(width) if attends else None
        self.norm2 = nn.LayerNorm(width)
        self.network = ConvolvedNetwork(width)

    def forward(self, x_BHWD: Tensor) -> Tensor:
        """Return (B, H, W, D)."""
        if self.attention is not None and self.norm1 is not None:
            mixed_BLD = self.attention(self.norm1(x_BHWD).flatten(1, 2))
            x_BHWD = x_BHWD + mixed_BLD.view_as(x_BHWD)
        return x_BHWD + self.network(self.norm2(x_BHWD))


def run_blocks(blocks: Level, x: Tensor, save_memory: bool) -> Tensor:
    """Pass ``x`` through ``blocks``; with ``save_memory`` their activations are recomputed in the backward pass."""
    for block in blocks:
        x = checkpoint(block, x, use_reentrant=False) if save_memory and torch.is_grad_enabled() else block(x)
    return x


def resample(x_BLD: Tensor, tokens: int) -> Tensor:
    """Return (B, tokens, D): means of the tokens under each of as many equal parts."""
    return F.adaptive_avg_pool1d(x_BLD.transpose(1, 2), tokens).transpose(1, 2)


def sine_positions(places_L: Tensor, width: int) -> Tensor:
    """Return (L, width): sines and cosines of each place at ``width / 2`` wavelengths from 2 pi to 1000 times 2 pi."""
    rates_K = torch.exp(-math.log(1000.0) * torch.arange(width // 2) / max(width // 2 - 1, 1))
    phases_LK = places_L[:, None].float() * rates_K
    return torch.cat([phases_LK.sin(), phases_LK.cos()], dim=1)


def initialise(module: nn.Module, std: float) -> None:
    """Draw the weights of linear maps from a normal distribution cut at two standard deviations; zero their biases."""
    if isinstance(module, nn.Linear) and std > 0:
        nn.init.trunc_normal_(module.weight, std=std, a=-2 * std, b=2 * std)
        nn.init.zeros_(module.bias)
