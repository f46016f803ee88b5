"""Which windows cover the regions to predict, and maps and profiles made of overlapping windows: their borders count less.

Axes: I bins of a chromosome, D distance in bins, N bins of a window, n windows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.lib.stride_tricks import sliding_window_view

from chiasma.core.errors import ConfigError, InputError
from chiasma.core.log import progress
from chiasma.tiles.arrays import TileArrays
from chiasma.tiles.index import check_reach, window_has_tracks

PREDICTED_SPLITS = ("valid", "test")
PIECE_PIXELS = 2**22  # pixels of windows predicted at a time: with the band, all that stitching holds
# rows sample, chrom, bin1, bin2 -> values (n, N, N), of profiles (n, N, ...)
Score = Callable[[pd.DataFrame], np.ndarray]
Place = tuple[str, str]  # sample, chromosome
Profile = Callable[[Place], np.ndarray]  # -> values (I, ...)


def predicted_regions(arrays: TileArrays, splits: pd.DataFrame, chrom: str) -> Iterator[list[tuple[int, int]]]:
    """Yield for each predicted split its regions of a chromosome as bins [first, end), in genomic order.

    Parameters
    ----------
    splits : SPLITS table
    """
    for split in PREDICTED_SPLITS:
        own = splits[(splits["chrom"] == chrom) & (splits["split"] == split)].sort_values("start")
        yield [bins_within(arrays, chrom, int(row.start), int(row.end)) for row in own.itertuples()]


def bins_within(arrays: TileArrays, chrom: str, start: int, end: int) -> tuple[int, int]:
    """Return the bins [first, end) that lie wholly in bases [start, end); a chromosome's last bin may be cut short."""
    width = arrays.meta.resolution_bp
    whole = arrays.meta.bins(chrom) if end >= arrays.meta.chromosomes[chrom] else end // width
    return -(-start // width), whole


def centres(first: int, end: int, half: int, stride: int) -> np.ndarray:
    """Return the bins that windows of bins [first, end) are centred on: every ``stride``, the last window flush with the end."""
    last = end - half
    if last < first + half:
        return np.zeros(0, np.int64)
    return np.unique(np.append(np.arange(first + half, last, stride), last))


def tent(bins: int) -> np.ndarray:
    """Return weights (N,) that fall from a window's middle to its borders, and are positive there."""
    return np.minimum(np.arange(1, bins + 1), np.arange(bins, 0, -1)).astype(np.float64)


def weighted_mean(sums: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return sums of weighted values over the sums of their weights, of any one shape, float64; nan where no window has a value."""
    return np.divide(sums, weights, out=np.full(np.shape(sums), np.nan), where=weights > 0)


def stitch_profile(centre_n: np.ndarray, values_nN: np.ndarray, bins: int) -> np.ndarray:
    """Return the weighted mean (I,) float32 of overlapping windows' values; nan where there is none.

    Parameters
    ----------
    centre_n : bins that the windows of one chromosome are centred on
    values_nN : what each predicts; nan counts as not predicted
    bins : I, bins of the chromosome
    """
    width = values_nN.shape[1]
    at_nN = centre_n[:, None] + np.arange(width) - width // 2
    weight_nN = np.where(np.isfinite(values_nN), tent(width), 0)
    sums_I = np.bincount(at_nN.ravel(), (weight_nN * np.nan_to_num(values_nN)).ravel(), minlength=bins)
    weights_I = np.bincount(at_nN.ravel(), weight_nN.ravel(), minlength=bins)
    return weighted_mean(sums_I, weights_I).astype(np.float32)


def stitched_profiles(arrays: TileArrays, windows: pd.DataFrame, values_nN: np.ndarray) -> dict[str, np.ndarray]:
    """Return chromosome -> the weighted mean (I,) float32 of its windows' values; nan where there is none.

    Parameters
    ----------
    windows : chrom and bin1 of windows on the diagonal
    values_nN : what each predicts; nan counts as not predicted
    """
    centre_n = windows["bin1"].to_numpy(np.int64)
    return {
        str(chrom): stitch_profile(centre_n[rows], values_nN[rows], arrays.meta.bins(str(chrom)))
        for chrom, rows in windows.groupby("chrom", sort=False).indices.items()
    }


def windows_of_runs(arrays: TileArrays, sample: str, runs: Mapping[str, Sequence[tuple[int, int]]]) -> pd.DataFrame:
    """Return the windows on the diagonal that cover runs of bins: sample, chrom, bin1, bin2, in genomic order.

    Neighbours overlap by half.

    Parameters
    ----------
    runs : chromosome -> bins [first, end)
    """
    frames, half = [], arrays.meta.half_bins
    for chrom, own in runs.items():
        parts = [centres(first, end, half, half) for first, end in sorted(own)]
        frames.append(pd.DataFrame({"chrom": chrom, "bin1": np.concatenate([np.zeros(0, np.int64), *parts])}))
    windows = pd.concat(frames, ignore_index=True)
    return windows.assign(sample=sample, bin2=windows["bin1"])[["sample", "chrom", "bin1", "bin2"]]


def cut_profiles(profile: Profile, arrays: TileArrays) -> Score:
    """Return windows on the diagonal -> values (n, N, ...), cut from the profile of their chromosome."""

    def score(windows: pd.DataFrame) -> np.ndarray:
        offsets_N = np.arange(-arrays.meta.half_bins, arrays.meta.half_bins)
        centre_n, found = windows["bin1"].to_numpy(np.int64), {}
        for (sample, chrom), rows in windows.groupby(["sample", "chrom"], sort=True).indices.items():
            values = profile((str(sample), str(chrom)))
            found |= dict(zip(rows.tolist(), values[centre_n[rows][:, None] + offsets_N], strict=True))
        return np.stack([found[row] for row in range(len(windows))])

    return score


# --------------------------------------------------------------------------------------------------------- maps


@dataclass(frozen=True)
class Cover:
    """How windows cover a map.

    Attributes
    ----------
    regions : valid_test (regions of these splits), or all (the whole of each chromosome)
    stride_bins : step between windows on either axis; at most half a window, so that every pixel lies in one
    max_distance_bins : largest distance of a window's bins, and of a pixel
    """

    regions: str
    stride_bins: int
    max_distance_bins: int


def stitched_bands(
    arrays: TileArrays, splits: pd.DataFrame, sample: str, cover: Cover, score: Score
) -> Iterator[tuple[str, np.ndarray]]:
    """Yield each predicted chromosome with the values of its map (I, D) float64, D = ``max_distance_bins`` + 1.

    Pixel [i, d] is the pair of bins (i, i + d); nan where nothing is predicted: outside the regions asked for, and where no
    window has all tracks.

    Parameters
    ----------
    splits : SPLITS table
    score : windows -> values (n, N, N); nan counts as not predicted

    Raises
    ------
    InputError
        When the map reaches beyond the arrays, or no window fits in the regions.
    ConfigError
        When the stride leaves pixels between the windows.
    """
    check_reach(arrays, cover.max_distance_bins)
    check_stride(cover.stride_bins, arrays.meta.tile_bins)
    found = False
    for chrom in progress(predicted_chromosomes(arrays, splits, cover.regions), f"map of {sample}"):
        windows = map_windows(arrays, splits, (sample, chrom), cover)
        if len(windows):
            found = True
            shape = (arrays.meta.bins(chrom), cover.max_distance_bins + 1)
            yield chrom, stitch_map(windows, score, shape, arrays.meta.tile_bins)
    if not found:
        raise InputError(
            f"sample '{sample}': no window of {arrays.meta.tile_bins} bins with all tracks fits in the regions "
            f"to predict ({cover.regions}); widen the splits, or predict all"
        )


def check_stride(stride_bins: int, tile_bins: int) -> None:
    """Raise ConfigError when windows are so far apart that pixels off the diagonal lie in none."""
    if stride_bins > tile_bins // 2:
        raise ConfigError(
            f"predict_stride_bins is {stride_bins}, a window {tile_bins} bins; take at most {tile_bins // 2}, "
            "so that windows overlap by half"
        )


def predicted_chromosomes(arrays: TileArrays, splits: pd.DataFrame, regions: str) -> list[str]:
    """Return the chromosomes on which something is to be predicted, in the arrays' order."""
    wanted = set(splits.loc[splits["split"].isin(PREDICTED_SPLITS), "chrom"])
    return [chrom for chrom in arrays.meta.chromosomes if regions == "all" or chrom in wanted]


def map_windows(arrays: TileArrays, splits: pd.DataFrame, place: tuple[str, str], cover: Cover) -> pd.DataFrame:
    """Return the windows that cover a map of one (sample, chromosome): sample, chrom, bin1, bin2, by bin1 then bin2.

    The two sides of a window may lie in any regions of one split.
    """
    sample, chrom = place
    whole_I, half = window_has_tracks(arrays, sample, chrom), arrays.meta.half_bins
    everything = [[(0, arrays.meta.bins(chrom))]]
    pairs = [np.zeros((0, 2), np.int64)]
    for group in everything if cover.regions == "all" else predicted_regions(arrays, splits, chrom):
        parts = [centres(first, end, half, cover.stride_bins) for first, end in group]
        at_n = np.unique(np.concatenate([np.zeros(0, np.int64), *parts]))
        pairs.append(near_pairs(at_n[whole_I[at_n]], cover.max_distance_bins))
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


def stitch_map(windows: pd.DataFrame, score: Score, shape: tuple[int, int], tile_bins: int) -> np.ndarray:
    """Return the weighted mean (I, D) float64 of overlapping windows' values; nan where there is none.

    A pixel below the diagonal is the same as its mirror image, so the map is symmetric. Memory is that of the band and of
    `PIECE_PIXELS` pixels of windows, as they are and added up.

    Parameters
    ----------
    windows : sample, chrom, bin1, bin2 of one chromosome, by bin1
    shape : (I, D) of the band
    tile_bins : N
    """
    sums_ID, weights_ID = np.zeros(shape), np.zeros(shape)
    step = max(1, PIECE_PIXELS // tile_bins**2)
    for start in range(0, len(windows), step):
        piece = windows.iloc[start : start + step].reset_index(drop=True)
        add_windows(sums_ID, weights_ID, piece, np.asarray(score(piece)))
    return weighted_mean(sums_ID, weights_ID)


def add_windows(sums_ID: np.ndarray, weights_ID: np.ndarray, windows: pd.DataFrame, values_nNN: np.ndarray) -> None:
    """Add weighted values (n, N, N), and the weights, to the bands; what lies beyond the band or is nan is left out.

    They are first added up in bands of W distances, from 1 - N on, where a window is a view: its pixel (i, j) stands at
    i W + (j - i) of the flat band.
    """
    x_n, y_n, bins = windows["bin1"].to_numpy(), windows["bin2"].to_numpy(), values_nNN.shape[1]
    rows, wide = np.ptp(x_n) + 2 * bins, (y_n - x_n).max() + 2 * bins  # with spare ones, for views to end in
    both_2IW, tent_NN = np.zeros((2, rows, wide)), np.outer(tent(bins), tent(bins))
    flat_2P = both_2IW.reshape(2, -1)
    for start, values_NN in zip((x_n - x_n.min()) * wide + y_n - x_n + bins - 1, values_nNN, strict=True):
        sum_NN, weight_NN = flat_2P[:, start : start + bins * (wide - 1)].reshape(2, bins, -1)[..., :bins]
        known_NN = np.isfinite(values_NN)
        if known_NN.all():
            sum_NN += tent_NN * values_NN
            weight_NN += tent_NN
        else:
            sum_NN += np.where(known_NN, tent_NN * values_NN, 0)
            weight_NN += tent_NN * known_NN
    for band_ID, wide_IW in zip((sums_ID, weights_ID), both_2IW, strict=True):
        add_folded(band_ID, wide_IW, x_n.min() - bins // 2, bins)


def add_folded(band_ID: np.ndarray, wide_IW: np.ndarray, first: int, bins: int) -> None:
    """Add to a band, from row ``first`` on, one of distances from 1 - ``bins`` on; pixels below the diagonal go to their mirror images."""
    wide = wide_IW.shape[1]
    mirrored_P = sliding_window_view(wide_IW.reshape(-1), (bins - 1) * (wide - 1) + 1)
    above_ID, below_ID = (
        wide_IW[:, bins - 1 :],
        mirrored_P[bins - 1 :: wide, :: wide - 1],
    )  # of i: (i, i + d) and (i + d, i)
    for nearest, part_ID in ((0, above_ID), (1, below_ID)):
        part_ID = part_ID[max(-first, 0) : len(band_ID) - first, nearest : band_ID.shape[1]]
        band_ID[max(first, 0) :, nearest:][: len(part_ID), : part_ID.shape[1]] += part_ID
