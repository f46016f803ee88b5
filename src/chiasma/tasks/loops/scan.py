"""Which pixels a scan of the contact map scores: those with more contacts around them than their distance expects.

Observed over expected ranks a single contact at a long distance above a clear loop at a short one; the excess in standard
deviations does not, and finds the same loops among several times fewer pixels.

Axes: I bins of a chromosome, D distance in bins, n pixels.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from chiasma.tasks.loops.config import Config
from chiasma.tasks.loops.grid import climb
from chiasma.tiles.arrays import TileArrays
from chiasma.tiles.index import ROWS, scan_pixels, smoothed


def excess(config: Config, arrays: TileArrays, place: tuple[str, str]) -> np.ndarray:
    """Return the excess of contacts around each pixel (I, D) float16, D up to the task's largest distance.

    The contacts in the square of ``scan_smooth_bins`` less those expected, over the square root of the expected (at least
    one contact): standard deviations of a Poisson count. -inf where the square holds no valid pixel.
    """
    bins, width = arrays.meta.bins(place[1]), config.max_distance_bins + 1
    pieces = []
    for start in range(0, bins, ROWS):
        mean_ID, ratio_ID = smoothed(arrays, place, (start, min(start + ROWS, bins)), config.scan_smooth_bins)
        pieces.append(
            deviations(mean_ID[:, :width], ratio_ID[:, :width], config.scan_smooth_bins**2).astype(np.float16)
        )
    return np.concatenate(pieces)


def deviations(mean: np.ndarray, ratio: np.ndarray, pixels: int) -> np.ndarray:
    """Return the excess, in standard deviations, of a mean over ``pixels`` whose observed over expected is ``ratio``.

    Without contacts the ratio does not tell the expectation; such a pixel has no excess.
    """
    observed = pixels * mean
    expected = np.divide(observed, ratio, out=np.zeros_like(observed), where=ratio > 0)
    return np.where(ratio > 0, (observed - expected) / np.sqrt(np.maximum(expected, 1)), -np.inf)


def scan(
    config: Config, arrays: TileArrays, splits: pd.DataFrame, place: tuple[str, str], wanted: Sequence[str]
) -> pd.DataFrame:
    """Return the pixels to score of one (sample, chromosome): sample, chrom, bin1, bin2, split, excess, by bin1 then bin2.

    Only a pixel whose excess is the largest within ``scan_peak_bins`` is scored; 0 scores all above ``scan_min_excess``.
    """
    frame = scan_pixels(
        arrays, splits, *place, wanted,
        min_distance_bins=config.min_distance_bins, max_distance_bins=config.max_distance_bins,
        min_contacts=config.scan_min_contacts, smooth_bins=config.scan_smooth_bins,
    )  # fmt: skip
    excess_ID = excess(config, arrays, place)
    frame["excess"] = excess_ID[frame["bin1"], frame["bin2"] - frame["bin1"]].astype(np.float64)
    frame = frame[frame["excess"] >= config.scan_min_excess].reset_index(drop=True)
    best = climb(frame["bin1"].to_numpy(), frame["bin2"].to_numpy(), frame["excess"].to_numpy(), config.scan_peak_bins)
    return frame[best == np.arange(len(frame))].reset_index(drop=True)
