"""Windows cut from the stored arrays of a chromosome, many at once.

Axes: I bins of a chromosome, D distance in bins, T track bins, C tracks, n windows, R rows and K columns of a window. The window of
a pair (x, y) has rows [x - R / 2, x + R / 2) and columns [y - K / 2, y + K / 2); what lies beyond the chromosome is 0 or False.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from chiasma.tiles.half import as_float32

Shape = tuple[int, int]  # R, K


def offsets(width: int) -> NDArray[np.int64]:
    """Return the bins of a window's side, counted from the bin it is centred on."""
    return np.arange(-(width // 2), width // 2)


def leaves(bin_n: NDArray[np.int64], width: int, bins: int) -> NDArray[np.bool_]:
    """Return whether the side of a window around each bin reaches beyond a chromosome of so many bins (n,)."""
    return (bin_n < width // 2) | (bin_n + width // 2 > bins)


def cut_band(band_ID: NDArray, x_n: NDArray[np.int64], y_n: NDArray[np.int64], shape: Shape) -> NDArray[np.float32]:
    """Return the contacts (n, R, K) of windows from a band; pixels below the diagonal are those above it, mirrored."""
    (rows, cols), bins = shape, len(band_ID)
    inside_n = ~(leaves(x_n, rows, bins) | leaves(y_n, cols, bins))
    if inside_n.all():
        return as_float32(_cut_inside(band_ID, x_n, y_n, shape))
    out_nRK = np.empty((len(x_n), rows, cols), np.float16)
    out_nRK[inside_n] = _cut_inside(band_ID, x_n[inside_n], y_n[inside_n], shape)
    row_nR1 = (x_n[~inside_n, None] + offsets(rows))[:, :, None]
    col_n1K = (y_n[~inside_n, None] + offsets(cols))[:, None, :]
    low_nRK, high_nRK = np.minimum(row_nR1, col_n1K), np.maximum(row_nR1, col_n1K)
    known_nRK = (low_nRK >= 0) & (high_nRK < bins)
    place = np.where(known_nRK, low_nRK, 0), np.where(known_nRK, high_nRK - low_nRK, 0)
    out_nRK[~inside_n] = np.where(known_nRK, band_ID[place], 0)
    return as_float32(out_nRK)


def _cut_inside(band_ID: NDArray, x_n: NDArray[np.int64], y_n: NDArray[np.int64], shape: Shape) -> NDArray:
    """Return the stored contacts (n, R, K) of windows that do not leave the chromosome."""
    rows, cols = shape
    out_nRK = _runs(band_ID, x_n, y_n, shape)
    near = np.flatnonzero(y_n - x_n < (rows + cols) // 2 - 1)  # windows with pixels below the diagonal
    if len(near):
        below_nKR = _runs(band_ID, y_n[near], x_n[near], (cols, rows))
        ahead_RK = (offsets(rows)[:, None] - offsets(cols)).astype(np.int32)
        for at, distance, below_KR in zip(near, (y_n - x_n)[near], below_nKR, strict=True):
            np.copyto(out_nRK[at], below_KR.T, where=ahead_RK > distance)
    return out_nRK


def _runs(band_ID: NDArray, x_n: NDArray[np.int64], y_n: NDArray[np.int64], shape: Shape) -> NDArray:
    """Return windows (n, R, K) as if all of their pixels lay above the diagonal; what others hold has no meaning.

    Pixel (i, j) stands at i D + (j - i) of the flat band, so a row of a window is one run.
    """
    start_nR = (x_n[:, None] + offsets(shape[0])) * (band_ID.shape[1] - 1) + (y_n - shape[1] // 2)[:, None]
    return sliding_window_view(band_ID.reshape(-1), shape[1])[start_nR]


def cut_expected(expected_D: NDArray, distance_n: NDArray[np.int64], shape: Shape) -> NDArray:
    """Return the expected contacts (n, R, K) of windows from those of each distance."""
    (rows, cols), band_bins = shape, len(expected_D)
    both_sides = np.concatenate([expected_D[:0:-1], expected_D])  # [band_bins - 1 + d] for d of either sign
    first_nR = band_bins - 1 + distance_n[:, None] - cols // 2 - offsets(rows)
    return sliding_window_view(both_sides, cols)[first_nR]


def cut_valid(valid_I: NDArray[np.bool_], bin_n: NDArray[np.int64], width: int) -> NDArray[np.bool_]:
    """Return which bins of one side of each window are valid (n, width)."""
    if not leaves(bin_n, width, len(valid_I)).any():
        return sliding_window_view(valid_I, width)[bin_n - width // 2]
    at_nR = bin_n[:, None] + offsets(width)
    inside_nR = (at_nR >= 0) & (at_nR < len(valid_I))
    return inside_nR & valid_I[np.where(inside_nR, at_nR, 0)]


def cut_strips(
    sides: Sequence[tuple[NDArray, NDArray[np.int64]]], window: Shape, per_bin: int, beyond: float = 0.0
) -> NDArray:
    """Return the strips of the sides of each window (n, S, C), one after the other.

    Parameters
    ----------
    sides : the array (T, C), with ``per_bin`` rows per contact bin, and the bins (n,) of the rows', then of the columns' strip
    beyond : value beyond the ends
    """
    if window[0] == window[1] and sides[0][0] is sides[-1][0]:
        return _cut_strips(sides[0][0], tuple(bin_n for _, bin_n in sides), window[0], per_bin, beyond)
    parts = zip(sides, window, strict=False)  # of a single side, that of the rows
    return np.concatenate([_cut_strips(array, (at,), width, per_bin, beyond) for (array, at), width in parts], axis=1)


def _cut_strips(
    values_TC: NDArray, bins: tuple[NDArray[np.int64], ...], width: int, per_bin: int, beyond: float
) -> NDArray:
    """Return the strips around A bins (n, A S, C), S = width x per_bin."""
    channels, bin_nA = values_TC.shape[1], np.stack(bins, axis=1)
    shape = (len(bin_nA), len(bins) * width * per_bin, channels)
    if not channels:
        return np.zeros(shape, values_TC.dtype)
    if not leaves(bin_nA, width, len(values_TC) // per_bin).any():
        runs = sliding_window_view(values_TC.reshape(-1), width * per_bin * channels)
        return runs[(bin_nA - width // 2) * per_bin * channels].reshape(shape)
    at_nAS = (bin_nA[:, :, None] - width // 2) * per_bin + np.arange(width * per_bin)
    inside_nAS = (at_nAS >= 0) & (at_nAS < len(values_TC))
    strips = values_TC[np.where(inside_nAS, at_nAS, 0)]
    strips[~inside_nAS] = beyond
    return strips.reshape(shape)


def check_centres(
    chroms: tuple[str, str],
    pair: tuple[NDArray[np.int64], NDArray[np.int64]],
    centres: Sequence[tuple[int, int]],
    farthest_bins: int,
) -> None:
    """Raise ValueError when a window is centred where none may be.

    Parameters
    ----------
    chroms : chromosome of rows and of columns
    pair : bins (n,) that rows and columns are centred on
    centres : first and last bin that each may be centred on
    farthest_bins : largest distance on one chromosome, where the second bin is not before the first
    """
    (x_n, y_n), (rows, cols) = pair, centres
    outside_n = (x_n < rows[0]) | (x_n > rows[1]) | (y_n < cols[0]) | (y_n > cols[1])
    if chroms[0] == chroms[1]:
        outside_n |= (y_n < x_n) | (y_n - x_n > farthest_bins)
    if outside_n.any():
        at = int(np.argmax(outside_n))
        raise ValueError(
            f"{' x '.join(dict.fromkeys(chroms))}: the tile at bins ({x_n[at]}, {y_n[at]}) leaves the chromosome or the band; "
            f"bins must lie in {list(rows)} and {list(cols)}, on one chromosome the second at most {farthest_bins} after the first"
        )
