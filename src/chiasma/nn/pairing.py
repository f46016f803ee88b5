"""Features of each pixel from one token for each bin of two windows.

Axes: B example, L bin of both windows (2N), N bin of one window, D channel.
"""

from __future__ import annotations

from torch import Tensor


def pair_windows(strip_BLD: Tensor) -> Tensor:
    """Return (B, N, N, D): pixel (i, j) is the mean plus the product of token i of the first window and j of the second."""
    rows_BND, cols_BND = strip_BLD.chunk(2, dim=1)
    rows_BN1D, cols_B1ND = rows_BND[:, :, None], cols_BND[:, None]
    return (rows_BN1D + cols_B1ND) / 2 + rows_BN1D * cols_B1ND
