"""What a pixel is told of its distance from the diagonal.

Axes: B examples, N bins of a window, F features of a distance.
"""

from __future__ import annotations

import torch
from torch import Tensor

FREQUENCIES = (0.5, 1.0, 2.0, 4.0)  # of the waves that describe a distance, in radians per e-fold
WAVES = 1 + 2 * len(FREQUENCIES)  # features F of a distance
LONGEST = 7.0  # log of about a thousand bins: scales the log distance to about 1


def pixel_distances(distance_B: Tensor, bins: int) -> Tensor:
    """Return the distance in bins (B, N, N) of each pixel of windows whose centres are ``distance_B`` bins apart."""
    at_N = torch.arange(bins, device=distance_B.device)
    return (distance_B[:, None, None] + at_N - at_N[:, None]).abs()


def distance_features(distance: Tensor) -> Tensor:
    """Return features (..., F) of distances in bins: the log of one plus the distance, and waves of it."""
    log_distance = torch.log1p(distance.float())
    waves = [wave(rate * log_distance) for rate in FREQUENCIES for wave in (torch.sin, torch.cos)]
    return torch.stack([log_distance / LONGEST, *waves], dim=-1)
