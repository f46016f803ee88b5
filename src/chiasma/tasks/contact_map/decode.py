"""From predicted windows to maps of whole chromosomes: overlapping windows are averaged, their borders counting less.

Axes: I bins of a chromosome, D distance in bins (0 to the largest predicted), N bins of a window, n windows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd

from chiasma.contracts import Inputs
from chiasma.core.errors import ConfigError, InputError
from chiasma.core.log import progress
from chiasma.tasks.contact_map.config import Config
from chiasma.tasks.contact_map.decay import expected_decay
from chiasma.tiles.arrays import TileArrays
from chiasma.tiles.index import check_reach, window_has_tracks
from chiasma.tiles.stitching import PREDICTED_SPLITS, centres, predicted_regions, tent, weighted_mean

PIECE = 4096  # windows predicted at a time
Score = Callable[[pd.DataFrame], np.ndarray]  # rows sample, chrom, bin1, bin2 -> r (n, N, N)


def predict(config: Config, inputs: Inputs, score: Score) -> dict[str, dict[str, np.ndarray]]:
    """Return the map of one sample as ``mcool``: chromosome -> predicted contacts (I, D) float32.

    Pixel [i, d] is the pair of bins (i, i + d), D = ``max_distance_bins`` + 1, in count-like contacts; nan where nothing is
    predicted: outside the regions asked for, and where no window has all tracks. Masked bins are predicted like others.

    Parameters
    ----------
    score : windows -> r (n, N, N), the log of observed over expected contacts, both plus 1; nan counts as not predicted

    Raises
    ------
    InputError
        When the sample is unknown, the task reaches beyond the arrays, or no window fits in the regions.
    ConfigError
        When the stride leaves pixels between the windows.
    """
    check_reach(inputs.arrays, config.max_distance_bins)
    check_stride(config, inputs.arrays.meta.tile_bins)
    decay_D = expected_decay(inputs.arrays, inputs.splits, inputs.examples, inputs.sample)
    bands = {}
    for chrom in progress(chromosomes(config, inputs), f"map of {inputs.sample}"):
        windows = predicted_windows(config, inputs.arrays, inputs.splits, (inputs.sample, chrom))
        if len(windows):
            r_ID = stitch(windows, score, (inputs.arrays.meta.bins(chrom), config.max_distance_bins + 1))
            bands[chrom] = as_contacts(r_ID, decay_D)
    if not bands:
        raise InputError(
            f"sample '{inputs.sample}': no window of {inputs.arrays.meta.tile_bins} bins with all tracks fits in the regions "
            f"to predict ({config.regions}); widen the splits, or predict all"
        )
    return {"mcool": bands}


def check_stride(config: Config, tile_bins: int) -> None:
    """Raise ConfigError when windows are so far apart that pixels off the diagonal lie in none."""
    if config.predict_stride_bins > tile_bins // 2:
        raise ConfigError(
            f"predict_stride_bins is {config.predict_stride_bins}, a window {tile_bins} bins; take at most {tile_bins // 2}, "
            "so that windows overlap by half"
        )


def as_contacts(r_ID: np.ndarray, decay_D: np.ndarray) -> np.ndarray:
    """Return contacts (I, D) float32 of the ratios r, given the contacts expected at each distance; never negative."""
    expected_D = decay_D[: r_ID.shape[1]]
    return np.maximum((expected_D + 1) * np.exp(r_ID) - 1, 0).astype(np.float32)


# ------------------------------------------------------------------------------------------------ which windows


def chromosomes(config: Config, inputs: Inputs) -> list[str]:
    """Return the chromosomes on which something is to be predicted, in the arrays' order."""
    wanted = inputs.splits.loc[inputs.splits["split"].isin(PREDICTED_SPLITS), "chrom"]
    return [chrom for chrom in inputs.arrays.meta.chromosomes if config.regions == "all" or chrom in set(wanted)]


def regions(config: Config, arrays: TileArrays, splits: pd.DataFrame, chrom: str) -> Iterator[list[tuple[int, int]]]:
    """Yield groups of regions as bins [first, end): a window's two sides may lie in any regions of one group."""
    if config.regions == "all":
        yield [(0, arrays.meta.bins(chrom))]
        return
    yield from predicted_regions(arrays, splits, chrom)


def predicted_windows(config: Config, arrays: TileArrays, splits: pd.DataFrame, place: tuple[str, str]) -> pd.DataFrame:
    """Return the windows to predict of one (sample, chromosome): sample, chrom, bin1, bin2, by bin1 then bin2."""
    sample, chrom = place
    whole_I, half = window_has_tracks(arrays, sample, chrom), arrays.meta.half_bins
    pairs = [np.zeros((0, 2), np.int64)]
    for group in regions(config, arrays, splits, chrom):
        parts = [centres(first, end, half, config.predict_stride_bins) for first, end in group]
        at_n = np.unique(np.concatenate([np.zeros(0, np.int64), *parts]))
        pairs.append(near_pairs(at_n[whole_I[at_n]], config.max_distance_bins))
    bins = np.concatenate(pairs)
    bins = bins[np.lexsort((bins[:, 1], bins[:, 0]))]
    return pd.DataFrame({"sample": sample, "chrom": chrom, "bin1": bins[:, 0], "bin2": bins[:, 1]})


def near_pairs(at_n: np.ndarray, farthest: int) -> np.ndarray:
    """Return the pairs (m, 2) of places, rising, that are at most ``farthest`` apart, each place with itself included."""
    ends_n = np.searchsorted(at_n, at_n + farthest, side="right")
    counts_n = ends_n - np.arange(len(at_n))
    first = np.repeat(np.arange(len(at_n)), counts_n)
    second = first + np.arange(counts_n.sum()) - np.repeat(np.cumsum(counts_n) - counts_n, counts_n)
    return np.stack([at_n[first], at_n[second]], axis=1)


# ---------------------------------------------------------------------------------------------------- stitching


def stitch(windows: pd.DataFrame, score: Score, shape: tuple[int, int]) -> np.ndarray:
    """Return the weighted mean (I, D) float64 of overlapping windows' values; nan where there is none.

    A pixel below the diagonal is the same as its mirror image, so the map is symmetric. Memory is that of the band and of
    `PIECE` windows.

    Parameters
    ----------
    windows : sample, chrom, bin1, bin2 of one chromosome, by bin1
    shape : (I, D) of the band
    """
    sums_ID, weights_ID = np.zeros(shape), np.zeros(shape)
    for start in range(0, len(windows), PIECE):
        piece = windows.iloc[start : start + PIECE].reset_index(drop=True)
        add_windows(sums_ID, weights_ID, piece, np.asarray(score(piece)))
    return weighted_mean(sums_ID, weights_ID)


def add_windows(sums_ID: np.ndarray, weights_ID: np.ndarray, windows: pd.DataFrame, values_nNN: np.ndarray) -> None:
    """Add weighted values (n, N, N), and the weights, to the bands; what lies beyond the band or is nan is left out."""
    bins = values_nNN.shape[1]
    offsets_N, tent_NN = np.arange(bins) - bins // 2, np.outer(tent(bins), tent(bins))
    for x, y, values_NN in zip(windows["bin1"], windows["bin2"], values_nNN, strict=True):
        rows_NN, cols_NN = np.broadcast_arrays((x + offsets_N)[:, None], y + offsets_N)
        low_NN, distance_NN = np.minimum(rows_NN, cols_NN), np.abs(cols_NN - rows_NN)
        inside_NN = (distance_NN < sums_ID.shape[1]) & np.isfinite(values_NN)
        # a window on the diagonal holds a pixel and its mirror image: each side goes in by itself, so that no pixel repeats
        for side_NN in (cols_NN >= rows_NN, cols_NN < rows_NN):
            at = inside_NN & side_NN
            sums_ID[low_NN[at], distance_NN[at]] += tent_NN[at] * values_NN[at]
            weights_ID[low_NN[at], distance_NN[at]] += tent_NN[at]
