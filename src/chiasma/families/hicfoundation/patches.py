"""Windows as rows of square patches, and back.

Axes: B example, C channel, H W pixel, L patch, Q pixel of a patch row by row, P number of a patch (pixel, then channel).
"""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor


def grid_of(height: int, width: int, patch: int) -> tuple[int, int]:
    """Return the rows and columns of patches that cover a window; the last may reach beyond it."""
    return -(-height // patch), -(-width // patch)


def filled(image_BCHW: Tensor, patch: int, blank_C: Tensor) -> Tensor:
    """Return the image with blank pixels to the right and below, up to whole patches."""
    height, width = image_BCHW.shape[-2:]
    rows, cols = grid_of(height, width, patch)
    below, right = rows * patch - height, cols * patch - width
    if not below and not right:
        return image_BCHW
    blank_C11 = blank_C[:, None, None]
    return F.pad(image_BCHW - blank_C11, (0, right, 0, below)) + blank_C11


def patchify(image_BCHW: Tensor, patch: int) -> Tensor:
    """Return (B, L, P), the patches row by row."""
    x_BCRpSq = image_BCHW.unflatten(3, (-1, patch)).unflatten(2, (-1, patch))
    return x_BCRpSq.permute(0, 2, 4, 3, 5, 1).flatten(3).flatten(1, 2)


def unpatchify(patches_BLP: Tensor, grid: tuple[int, int], patch: int) -> Tensor:
    """Return the image (B, C, H, W) that `patchify` made ``patches_BLP`` of."""
    x_BRSpqC = patches_BLP.unflatten(2, (patch, patch, -1)).unflatten(1, grid)
    return x_BRSpqC.permute(0, 5, 1, 3, 2, 4).flatten(4, 5).flatten(2, 3)


def take(x_BLD: Tensor, index_BK: Tensor) -> Tensor:
    """Return (B, K, D), the tokens at ``index_BK``."""
    return x_BLD.gather(1, index_BK[:, :, None].expand(-1, -1, x_BLD.shape[2]))
