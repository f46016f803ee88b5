"""The blocks of a vision transformer, fixed places on a grid, and the count token's embedding.

Axes: B example, T token, D channel, A attention head, K channel of a head, G row or column of the grid of patches.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

EPSILON = 1e-6  # of every layer norm
EXPANSION = 4  # width of a block's network over that of the block


class Attention(nn.Module):
    """Multi-head self-attention by torch's fused kernel."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.query_key_value = nn.Linear(width, 3 * width)
        self.output = nn.Linear(width, width)

    def forward(self, x_BTD: Tensor) -> Tensor:
        """Return (B, T, D)."""
        split_BTAK = (part.unflatten(2, (self.heads, -1)) for part in self.query_key_value(x_BTD).chunk(3, dim=2))
        mixed_BATK = F.scaled_dot_product_attention(*(part.transpose(1, 2) for part in split_BTAK))
        return self.output(mixed_BATK.transpose(1, 2).flatten(2))


class Block(nn.Module):
    """Attention, then a network, each on a normalised input and inside a residual (spec 2.1)."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(width, EPSILON), nn.LayerNorm(width, EPSILON)
        self.attention = Attention(width, heads)
        hidden = EXPANSION * width
        self.network = nn.Sequential(nn.Linear(width, hidden), nn.GELU(), nn.Linear(hidden, width))

    def forward(self, x_BTD: Tensor) -> Tensor:
        """Return (B, T, D)."""
        x_BTD = x_BTD + self.attention(self.norm1(x_BTD))
        return x_BTD + self.network(self.norm2(x_BTD))


class Blocks(nn.Module):
    """Blocks one after the other, and a layer norm."""

    def __init__(self, width: int, heads: int, depth: int, save_memory: bool) -> None:
        super().__init__()
        self.save_memory = save_memory
        self.layers = nn.ModuleList(Block(width, heads) for _ in range(depth))
        self.norm = nn.LayerNorm(width, EPSILON)

    def forward(self, x_BTD: Tensor) -> Tensor:
        """Return (B, T, D); with ``save_memory`` the blocks' activations are recomputed in the backward pass."""
        for block in self.layers:
            recompute = self.save_memory and torch.is_grad_enabled()
            x_BTD = checkpoint(block, x_BTD, use_reentrant=False) if recompute else block(x_BTD)
        return self.norm(x_BTD)


class Places(nn.Module):
    """A fixed vector for each patch of a grid; that of the grid it is built for is kept, of any other computed."""

    def __init__(self, grid: tuple[int, int], width: int) -> None:
        super().__init__()
        self.grid, self.width = grid, width
        self.register_buffer("table_LD", sine_grid(*grid, width), persistent=False)

    def forward(self, grid: tuple[int, int]) -> Tensor:
        """Return (L, D), the patches row by row."""
        return self.table_LD if grid == self.grid else sine_grid(*grid, self.width).to(self.table_LD)


def sines(place_L: Tensor, width: int) -> Tensor:
    """Return (L, width): sines, then cosines of each place at ``width / 2`` wavelengths from 2 pi to 10000 times 2 pi."""
    rate_K = 10_000.0 ** -(torch.arange(width // 2) / (width // 2))
    phase_LK = place_L[:, None] * rate_K
    return torch.cat([phase_LK.sin(), phase_LK.cos()], dim=1)


def sine_grid(rows: int, cols: int, width: int) -> Tensor:
    """Return (rows * cols, width): half of the channels tell the column, half the row (spec 2.1)."""
    row_GG, col_GG = torch.meshgrid(torch.arange(rows), torch.arange(cols), indexing="ij")
    return torch.cat([sines(col_GG.flatten(), width // 2), sines(row_GG.flatten(), width // 2)], dim=1)


def count_embedding(depth_B: Tensor, width: int) -> Tensor:
    """Return (B, width), one plus sines, then cosines of log10 of a number of contacts (spec 2.1).

    The exponent divides by twice the width, as published, so the frequencies span only 1 to 0.1.
    """
    place_B1 = depth_B.float().clamp(min=1).log10()[:, None]
    rate_K = 10_000.0 ** -(torch.arange(width // 2, device=depth_B.device) / (2 * width))
    return torch.cat([(place_B1 * rate_K).sin(), (place_B1 * rate_K).cos()], dim=1) + 1


def initialise(module: nn.Module) -> None:
    """Draw the weights of linear maps as Xavier's uniform; zero their biases (spec 2.1)."""
    if isinstance(module, nn.Linear):
        nn.init.xavier_uniform_(module.weight)
        if module.bias is not None:
            nn.init.zeros_(module.bias)
