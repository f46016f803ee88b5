"""What a pixel is told of its distance from the diagonal.

Axes: B examples, N bins of a window, F features of a distance.
"""

from __future__ import annotations

import torch
from torch import Tensor

FREQUENCIES = (0.5, 1.0, 2.0, 4.0)  # of the waves that describe a distance, in radians per e-fold
WAVES = 1 + 2 * len(FREQUENCIES)  # features F of a distance
LONGEST = 7.0  # log of about a thousand bins: scales the log distance to about 1


def diagonal_distances(distance_B: Tensor, bins: int) -> Tensor:
    """Return the distance in bins (B, 2N - 1) of the diagonals of windows of N bins, from the lower left corner's on.

    All pixels of a diagonal have one distance; the middle one, N - 1, is ``distance_B``, that of the windows' centres.
    """
    offset_K = torch.arange(1 - bins, bins, device=distance_B.device)
    return (distance_B[:, None] + offset_K).abs()


def spread_diagonals(values_BKF: Tensor) -> Tensor:
    """Return (B, N, N, F), each pixel [i, j] with the values (B, 2N - 1, F) of its diagonal, N - 1 + j - i."""
    bins = (values_BKF.shape[1] + 1) // 2
    return values_BKF.unfold(1, bins, 1).flip(1).transpose(2, 3)


def distance_features(distance: Tensor) -> Tensor:
    """Return features (..., F) of distances in bins: the log of one plus the distance, and waves of it."""
    log_distance = torch.log1p(distance.float())
    waves = [wave(rate * log_distance) for rate in FREQUENCIES for wave in (torch.sin, torch.cos)]
    return torch.stack([log_distance / LONGEST, *waves], dim=-1)
