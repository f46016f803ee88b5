"""A contact map turned by 45 degrees, its diagonal lying along the genome."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import QuadMesh
from matplotlib.colors import Colormap, Normalize

from chiasma.plots.style import CONTACTS, DIVERGING

MASKED = "#E6E6E6"
MB, KB = 1e6, 1e3
BRIGHTEST = 0.995  # quantile of contacts that has the last colour
UNKNOWN = -1.0  # this far below the scale, where the colour is grey
NEAREST = 2  # pixels nearer to the diagonal do not set the colours


def contact_norm(maps: Iterable[pd.DataFrame], reach: int) -> Normalize:
    """Return the colour scale of log10(contacts + 1) that maps share: from 0 to the brightest up to ``reach`` bins apart."""
    pixels = pd.concat([own[(own["bin2"] - own["bin1"]).between(NEAREST, reach)] for own in maps])
    known = pixels["contacts"].dropna()
    top = float(np.quantile(np.log10(known + 1), BRIGHTEST)) if len(known) else 1.0
    return Normalize(0, max(top, 0.1))


def draw_triangle(
    axes: Axes, pixels: pd.DataFrame, resolution_bp: int, norm: Normalize, down: bool = False
) -> QuadMesh:
    """Draw log10(contacts + 1) of ``pixels`` (bin1, bin2, contacts), grey where they are nan.

    Pixel (i, j) is a diamond at the middle of i and j in Mb, as high as their distance in kb, or as deep if ``down``.
    """
    return _mesh(axes, pixels, np.log10(pixels["contacts"] + 1), (norm, CONTACTS), (resolution_bp, down))


def draw_departure(
    axes: Axes, pixels: pd.DataFrame, resolution_bp: int, norm: Normalize, down: bool = False
) -> QuadMesh:
    """Draw the departure from the decay, ``log2_oe`` of ``pixels`` (bin1, bin2, log2_oe), as `draw_triangle` does contacts."""
    return _mesh(axes, pixels, pixels["log2_oe"].clip(norm.vmin, norm.vmax), (norm, DIVERGING), (resolution_bp, down))


def _mesh(
    axes: Axes, pixels: pd.DataFrame, values: pd.Series, colours: tuple[Normalize, Colormap], place: tuple[int, bool]
) -> QuadMesh:
    (norm, map_), (resolution_bp, down) = colours, place
    first, last = int(pixels["bin1"].min()), int(pixels["bin2"].max()) + 1
    square = np.full((last - first, last - first), np.nan)  # what is not in the table is left clear
    square[pixels["bin1"] - first, pixels["bin2"] - first] = values.fillna(norm.vmin + UNKNOWN)
    row, col = np.mgrid[first : last + 1, first : last + 1] * resolution_bp
    height = (row - col if down else col - row) / KB
    shown = map_.with_extremes(bad=(0, 0, 0, 0), under=MASKED)
    return axes.pcolormesh((row + col) / 2 / MB, height, square, cmap=shown, norm=norm, rasterized=True)
