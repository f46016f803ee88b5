"""Which patches the encoder sees in pre-training: a map is symmetric, so a patch that is hidden must not be shown mirrored.

Axes: B example, L patch row by row, K visible patch, Q pixel of a patch.
"""

from __future__ import annotations

import torch
from torch import Tensor

from chiasma.families.hicfoundation.patches import patchify

Grid = tuple[int, int]


def visible_count(patches: int, mask_ratio: float) -> int:
    """Return how many patches the encoder sees, at least one (spec 2.1)."""
    return max(1, int(patches * (1 - mask_ratio)))


def mirror_patches(grid: Grid, diagonal_B: Tensor) -> Tensor:
    """Return for each patch the one that holds the same contacts mirrored (B, L); itself where there is none.

    Parameters
    ----------
    diagonal_B : whole patches by which the row of a patch on the diagonal exceeds its column, of either sign
    """
    rows, cols = grid
    own_L = torch.arange(rows * cols, device=diagonal_B.device)
    row_BL = own_L % cols + diagonal_B[:, None].long()
    col_BL = own_L // cols - diagonal_B[:, None].long()
    inside_BL = (row_BL >= 0) & (row_BL < rows) & (col_BL >= 0) & (col_BL < cols)
    return torch.where(inside_BL, row_BL * cols + col_BL, own_L)


def official_kept(noise_BL: Tensor, grid: Grid, diagonal_B: Tensor, count: int) -> Tensor:
    """Return which patches are seen (B, L), bool: those of least noise, after mirrored patches swapped theirs in a sum.

    A patch that has no mirror image keeps its noise; one on the diagonal doubles it. A sum is larger than its terms, so
    the patches with a mirror image are seen less often than the others (spec 2.1).
    """
    own_L, mirror_BL = _own(noise_BL), mirror_patches(grid, diagonal_B)
    rows, cols = grid
    on_diagonal_BL = own_L // cols - own_L % cols == diagonal_B[:, None].long()
    paired_BL = (mirror_BL != own_L) | on_diagonal_BL
    return _lowest(torch.where(paired_BL, noise_BL + noise_BL.gather(1, mirror_BL), noise_BL), count)[0]


def symmetric_kept(noise_BL: Tensor, grid: Grid, diagonal_B: Tensor, count: int, coin_B: Tensor) -> Tensor:
    """Return which patches are seen (B, L), bool: mirrored patches share one draw, so all are seen equally often.

    Where the last place would part a pair of mirrored patches, ``coin_B`` (uniform on 0..1) says which way it is mended: the
    pair is hidden and a patch without a mirror image is shown for it, or the pair is shown and such a patch is hidden.
    """
    own_L, mirror_BL = _own(noise_BL), mirror_patches(grid, diagonal_B)
    shared_BL = noise_BL.gather(1, torch.minimum(own_L, mirror_BL))
    kept_BL, last_B1 = _lowest(shared_BL, count)
    other_B1 = mirror_BL.gather(1, last_B1)
    parted_B1 = ~kept_BL.gather(1, other_B1)
    single_BL = mirror_BL == own_L
    entering_BL = torch.where(single_BL & ~kept_BL, shared_BL, torch.inf)
    leaving_BL = torch.where(single_BL & kept_BL, shared_BL, -torch.inf)
    may_enter_B1, may_leave_B1 = (entering_BL < torch.inf).any(1, True), (leaving_BL > -torch.inf).any(1, True)
    hide_B1 = may_enter_B1 & ((coin_B[:, None] < 0.5) | ~may_leave_B1)
    entering_B1, leaving_B1 = entering_BL.argmin(1, True), leaving_BL.argmax(1, True)
    changed_BL = kept_BL.scatter(1, torch.where(hide_B1, last_B1, leaving_B1), False)
    changed_BL = changed_BL.scatter(1, torch.where(hide_B1, entering_B1, other_B1), True)
    return torch.where(parted_B1, changed_BL, kept_BL)


def visible_patches(kept_BL: Tensor, count: int) -> Tensor:
    """Return the places (B, K) of the ``count`` patches that are seen, in their order."""
    return (~kept_BL).byte().argsort(dim=1, stable=True)[:, :count]


def hidden_pixels(kept_BL: Tensor, grid: Grid, patch: int, distance_B: Tensor) -> Tensor:
    """Return the pixels that the encoder sees neither as they are nor mirrored (B, L, Q), bool.

    Where the diagonal does not run through the corners of patches, a hidden patch's mirror image overlaps several others,
    some of which may be seen; no loss of masked pixels should count what could be copied from there.

    Parameters
    ----------
    distance_B : bins by which the row of a pixel on the diagonal exceeds its column
    """
    rows, cols = grid[0] * patch, grid[1] * patch
    row_H1 = torch.arange(rows, device=kept_BL.device)[:, None]
    col_W = torch.arange(cols, device=kept_BL.device)
    distance_B11 = distance_B[:, None, None].long()
    row_BHW, col_BHW = col_W + distance_B11, row_H1 - distance_B11
    inside_BHW = (row_BHW >= 0) & (row_BHW < rows) & (col_BHW >= 0) & (col_BHW < cols)
    place_BHW = torch.where(inside_BHW, (row_BHW // patch) * grid[1] + col_BHW // patch, 0)
    mirrored_BHW = kept_BL.gather(1, place_BHW.flatten(1)).view_as(inside_BHW) & inside_BHW
    return ~(patchify(mirrored_BHW[:, None], patch) | kept_BL[:, :, None])


def _own(noise_BL: Tensor) -> Tensor:
    return torch.arange(noise_BL.shape[1], device=noise_BL.device)


def _lowest(noise_BL: Tensor, count: int) -> tuple[Tensor, Tensor]:
    """Return which ``count`` patches have the least noise (B, L), equal ones in their order, and the last of them (B, 1)."""
    order_BL = noise_BL.argsort(dim=1, stable=True)
    chosen_BK = order_BL[:, :count]
    return torch.zeros_like(noise_BL, dtype=torch.bool).scatter(1, chosen_BK, True), chosen_BK[:, -1:]
