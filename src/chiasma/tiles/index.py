"""Which tiles exist: drawn on and off the diagonal, filtered with stated reasons; and which pixels a scan visits.

Axes: I bins of a chromosome, D distance in bins, n tiles. Filters after the samples of Yang et al. (arXiv 2504.09060).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from chiasma.core.errors import ConfigError, InputError
from chiasma.core.log import log, progress
from chiasma.schema.tables import TILES
from chiasma.tiles.arrays import ArraysMeta, TileArrays
from chiasma.tiles.density import WindowDensity
from chiasma.tiles.drawing import draw_diagonal, draw_pairs, draw_trans
from chiasma.tiles.splits import GAP, NONE, region_of
from chiasma.tiles.trans import count_trans

ROWS = 2048  # rows of the band smoothed at a time
REASONS = ("leaves_chromosome", "duplicate", "gap", "crosses_split", "masked_centre", "masked_track", "sparse")


@dataclass(frozen=True)
class TilesetConfig:
    """The numbers of a tileset, and the study's that its arrays depend on.

    Attributes
    ----------
    chromosomes, resolution_bp, track_bp : the study's
    tracks : signal assays in channel order
    targets : signal assays that tasks predict; stored per contact bin, never shown as tracks
    deeper : for each sample whose windows carry a deeper map of the same, the sample that has it
    missing : per assay, what a base without a value is: zero, zero_inside, mask or error; zero when not named
    unit : what an example is; only ``pair``, a pair of bins
    tile_bins : rows of a tile, and its columns unless ``tile_cols`` says otherwise
    tile_cols : columns of a tile
    pad : whether tiles may reach beyond the ends of a chromosome, their centres inside
    max_distance_bins : largest distance of a pair
    diagonal_stride_bins : step between tiles on the diagonal; None for none
    pairs_per_mb : tiles off the diagonal per Mb of chromosome
    pairs_min_distance_bins : their smallest distance
    trans_per_mb : tiles between chromosomes per Mb of all chromosomes
    min_nonzero_fraction : tiles with fewer non-zero pixels are dropped
    dense_only : draw the pairs among the places that have enough non-zero pixels, each as likely as any other
    seed : seed of the drawn pairs
    """

    chromosomes: tuple[str, ...]
    resolution_bp: int
    track_bp: int
    tracks: tuple[str, ...]
    targets: tuple[str, ...] = ()
    deeper: Mapping[str, str] = field(default_factory=dict)
    missing: Mapping[str, str] = field(default_factory=dict)
    unit: str = "pair"
    tile_bins: int = 50
    tile_cols: int | None = None
    pad: bool = False
    max_distance_bins: int = 400
    diagonal_stride_bins: int | None = 12
    pairs_per_mb: float = 0.0
    pairs_min_distance_bins: int = 4
    trans_per_mb: float = 0.0
    min_nonzero_fraction: float = 0.1
    dense_only: bool = False
    seed: int = 1

    def __post_init__(self) -> None:
        if self.unit != "pair":
            raise ConfigError(f"tileset: unit is '{self.unit}'; the only unit is 'pair'")
        if self.pairs_min_distance_bins > self.max_distance_bins:
            raise ConfigError(
                f"tileset: pairs_min_distance_bins {self.pairs_min_distance_bins} exceeds "
                f"max_distance_bins {self.max_distance_bins}; lower it"
            )
        if not self.diagonal_stride_bins and not self.pairs_per_mb and not self.trans_per_mb:
            raise ConfigError(
                "tileset: neither diagonal_stride_bins nor pairs_per_mb nor trans_per_mb asks for a tile; set one of them"
            )


def build_index(arrays: TileArrays, splits: pd.DataFrame, config: TilesetConfig) -> pd.DataFrame:
    """Return the TILES table of all samples and chromosomes; a dropped tile stays a row with its reason.

    Parameters
    ----------
    arrays : the tileset's arrays
    splits : SPLITS table
    config : which tiles are drawn, and the filters
    """
    places = [(sample, chrom) for sample in arrays.meta.samples for chrom in arrays.meta.chromosomes]
    frames = []
    for place in progress(places, "tiles"):
        density = WindowDensity(arrays, place, config.max_distance_bins if config.pairs_per_mb else 0)
        drawn = [draw_diagonal(arrays, place, config), draw_pairs(arrays, place, config, density)]
        if any(map(len, drawn)):
            tiles = pd.concat(drawn, ignore_index=True)
            frames.append(check_tiles(arrays, splits, tiles, config.min_nonzero_fraction, density))
    for sample in arrays.meta.samples if config.trans_per_mb else ():
        sides = [(chrom, side) for chrom in arrays.meta.chromosomes for side in (0, 1)]
        tiles = draw_trans(arrays.meta, sample, config, {at: window_splits(arrays, splits, *at) for at in sides})
        frames.append(check_tiles(arrays, splits, tiles, config.min_nonzero_fraction))
    table = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=TILES.names)
    return table[TILES.names]


def check_tiles(
    arrays: TileArrays,
    splits: pd.DataFrame,
    frame: pd.DataFrame,
    min_nonzero_fraction: float,
    density: WindowDensity | None = None,
) -> pd.DataFrame:
    """Return ``frame`` with start1, end1, start2, end2, split, kept and reason (the first of `REASONS` that holds).

    Parameters
    ----------
    frame : columns sample, chrom, bin1, bin2, and any others, which are kept; chrom2, that of bin2, where it is another
    min_nonzero_fraction : smallest fraction of non-zero pixels of a tile, of those inside the chromosome
    density : of the one sample and chromosome of all tiles, where it is made already
    """
    frame = with_spans(frame.reset_index(drop=True), arrays.meta)
    frame["chrom2"] = frame["chrom2"].fillna(frame["chrom"]) if "chrom2" in frame else frame["chrom"]
    frame["split"], frame["reason"] = NONE, ""
    repeated = frame.duplicated(["sample", "chrom", "chrom2", "bin1", "bin2"]).to_numpy()
    for (sample, *chroms), own in frame.groupby(["sample", "chrom", "chrom2"], sort=False):
        dense_n = _fractions(arrays, sample, tuple(chroms), own, density) >= min_nonzero_fraction
        names, reasons = _reasons(arrays, splits, own, repeated[own.index], ~dense_n)
        frame.loc[own.index, "split"], frame.loc[own.index, "reason"] = names, reasons
    return frame.assign(kept=frame["reason"] == "")


def with_spans(frame: pd.DataFrame, meta: ArraysMeta) -> pd.DataFrame:
    """Return ``frame`` (bin1, bin2, and any others) with the bases of the tile: start1, end1 of its rows, start2, end2.

    Of a padded tileset they are those inside the chromosome.
    """
    spans = {}
    for side, width in zip(("1", "2"), meta.window, strict=True):
        start, end = ((frame[f"bin{side}"] + step * (width // 2)) * meta.resolution_bp for step in (-1, 1))
        if meta.pad:
            length = frame["chrom2" if side == "2" and "chrom2" in frame else "chrom"].map(meta.chromosomes)
            start, end = start.clip(lower=0), end.where(~(end > length), length).astype(np.int64)
        spans[f"start{side}"], spans[f"end{side}"] = start, end
    return frame.assign(**spans)


def leaves_chromosome(frame: pd.DataFrame, meta: ArraysMeta) -> np.ndarray:
    """Return whether a tile lies where none may (n,): beyond the ends, of a padded tileset with its centre.

    Parameters
    ----------
    frame : chrom, bin1, bin2, the spans of `with_spans`, and chrom2 where it is another; an unknown chromosome is not left
    """
    left_n = np.zeros(len(frame), bool)
    for side, name in (("1", "chrom"), ("2", "chrom2" if "chrom2" in frame else "chrom")):
        length_n = frame[name].map(meta.chromosomes).to_numpy(float)  # nan where unknown
        bin_n = frame[f"bin{side}"].to_numpy()
        if meta.pad:
            left_n |= (bin_n < 0) | (bin_n * meta.resolution_bp >= length_n)
        else:
            left_n |= (frame[f"start{side}"].to_numpy() < 0) | (frame[f"end{side}"].to_numpy() > length_n)
    return left_n


def _fractions(
    arrays: TileArrays, sample: str, chroms: tuple[str, str], own: pd.DataFrame, density: WindowDensity | None
) -> np.ndarray:
    """Return the fraction of the pixels of each tile that hold contacts (n,)."""
    x_n, y_n = own["bin1"].to_numpy(np.int64), own["bin2"].to_numpy(np.int64)
    if chroms[0] == chroms[1]:
        known = density or WindowDensity(arrays, (sample, chroms[0]), int((y_n - x_n).max()))
        return known.fraction(x_n, y_n)
    pixels_n = [
        np.minimum(bin_n + width // 2, arrays.meta.bins(chrom)) - np.maximum(bin_n - width // 2, 0)
        for bin_n, width, chrom in zip((x_n, y_n), arrays.meta.window, chroms, strict=True)
    ]
    return count_trans(arrays.trans(sample, chroms), x_n, y_n, arrays.meta.window) / (pixels_n[0] * pixels_n[1])


def _reasons(
    arrays: TileArrays, splits: pd.DataFrame, own: pd.DataFrame, repeated: np.ndarray, sparse: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return split (n,) and reason (n,) of the tiles of one sample and pair of chromosomes."""
    dropped = {name: np.zeros(len(own), bool) for name in REASONS}
    dropped["leaves_chromosome"] = leaves_chromosome(own, arrays.meta)
    inside_n, window_splits_n = ~dropped["leaves_chromosome"], []
    for side, (name, bins) in enumerate((("chrom", "bin1"), ("chrom2", "bin2"))):
        place, bin_n = (own["sample"].iloc[0], own[name].iloc[0]), own[bins].to_numpy(np.int64)
        window_I, gap_I = window_splits(arrays, splits, place[1], side), _gaps(arrays, splits, place[1])
        good = {"masked_centre": arrays.valid(*place), "masked_track": window_has_tracks(arrays, *place, side)}
        window_splits_n.append(window_I[bin_n])
        dropped["gap"] |= gap_I[bin_n]
        for reason, good_I in good.items():
            dropped[reason][inside_n] |= ~good_I[bin_n[inside_n]]
    split_n = np.where(window_splits_n[0] == window_splits_n[1], window_splits_n[0], NONE)
    dropped |= {"duplicate": repeated, "crosses_split": split_n == NONE, "sparse": sparse}
    return split_n, np.select([dropped[name] for name in REASONS], REASONS, default="")


def _gaps(arrays: TileArrays, splits: pd.DataFrame, chrom: str) -> np.ndarray:
    """Return whether each bin lies in a gap (I,)."""
    width, at_I = arrays.meta.resolution_bp, np.arange(arrays.meta.bins(chrom))
    end_I = np.minimum((at_I + 1) * width, arrays.meta.chromosomes[chrom])
    return region_of(splits, chrom, at_I * width, end_I) == GAP


def window_splits(arrays: TileArrays, splits: pd.DataFrame, chrom: str, side: int = 0) -> np.ndarray:
    """Return the split whose region holds the whole window around each bin (I,), "none" where there is none.

    Of a padded tileset it need hold only what lies inside the chromosome. ``side`` is 0 for rows, 1 for columns.
    """
    meta, half = arrays.meta, arrays.meta.window[side] // 2
    at_I = np.arange(meta.bins(chrom))
    start_I, end_I = (at_I - half) * meta.resolution_bp, (at_I + half) * meta.resolution_bp
    if meta.pad:
        start_I, end_I = np.maximum(start_I, 0), np.minimum(end_I, meta.chromosomes[chrom])
    found_I = region_of(splits, chrom, start_I, end_I)
    return np.where(found_I == GAP, NONE, found_I)


def window_has_tracks(arrays: TileArrays, sample: str, chrom: str, side: int = 0) -> np.ndarray:
    """Return whether the window around each bin (I,) has a value in every track bin; ``side`` is 0 for rows, 1 for columns."""
    half, bins = arrays.meta.window[side] // 2, arrays.meta.bins(chrom)
    gap_I = np.isnan(arrays.tracks(sample, chrom)).reshape(bins, -1).any(axis=1)
    before = np.concatenate([[0], np.cumsum(gap_I)])
    at_I = np.arange(bins)
    return before[np.minimum(at_I + half, bins)] == before[np.maximum(at_I - half, 0)]


def check_reach(arrays: TileArrays, max_distance_bins: int) -> None:
    """Raise InputError when a task's pairs reach beyond the stored band."""
    if max_distance_bins > arrays.meta.max_distance_bins:
        raise InputError(
            f"{arrays.folder}: pairs reach {arrays.meta.max_distance_bins} bins, the task asks for max_distance_bins "
            f"{max_distance_bins}; lower it, or raise the tileset's and tile again"
        )


def check_trainable(windows: pd.DataFrame, suspects: str) -> None:
    """Raise InputError without a window to train on; warn when validation or test has none.

    Parameters
    ----------
    windows : frame with split, kept and reason
    suspects : what to look at when none is left, for the message
    """
    found = windows.loc[windows["kept"].astype(bool), "split"].value_counts()
    if not found.get("train", 0):
        raise InputError(
            f"no window is left to train on (of {len(windows)}, dropped by reason: "
            f"{windows['reason'].value_counts().to_dict()}); check {suspects}"
        )
    for split in ("valid", "test"):
        if not found.get(split, 0):
            log.warning("no window lies in the %s split", split)


def report_index(index: pd.DataFrame) -> None:
    """Log how many tiles of each sample are kept per split, and how many are dropped per reason."""
    for sample, own in index.groupby("sample"):
        kept = own[own["kept"]].groupby("split").size().to_dict()
        dropped = own[~own["kept"]].groupby("reason").size().to_dict()
        log.info("%s: %d tiles; kept %s; dropped %s", sample, len(own), kept or "none", dropped or "none")


@dataclass(frozen=True)
class ScanLimits:
    """Which pixels are candidates.

    Attributes
    ----------
    min_distance_bins, max_distance_bins : distances, both included; the largest of the tileset when None
    min_contacts : smallest contacts, count-like, of the smoothed map
    min_oe : smallest observed over expected of the smoothed map
    smooth_bins : width of the square whose mean is taken, odd; 1 for none
    """

    min_distance_bins: int = 4
    max_distance_bins: int | None = None
    min_contacts: float = 0.0
    min_oe: float = 0.0
    smooth_bins: int = 3

    def __post_init__(self) -> None:
        if self.smooth_bins < 1 or self.smooth_bins % 2 == 0:
            raise ValueError(
                f"smooth_bins is {self.smooth_bins}; the square is centred on a pixel, so give an odd number"
            )


def scan_pixels(
    arrays: TileArrays,
    splits: pd.DataFrame,
    sample: str,
    chrom: str,
    wanted: Sequence[str] = ("valid", "test"),
    **limits: float,
) -> pd.DataFrame:
    """Return the candidate pixels of one sample and chromosome, by bin1, then bin2.

    A candidate has two valid bins, enough contacts and observed over expected in the mean over its neighbourhood
    (masked pixels left out), and a tile whose windows have all tracks and lie wholly in one of the ``wanted`` splits.

    Parameters
    ----------
    splits : SPLITS table
    wanted : splits to scan
    **limits : the fields of `ScanLimits`

    Returns
    -------
    frame with sample, chrom, bin1, bin2, split
    """
    chosen = ScanLimits(**limits)  # type: ignore[arg-type]
    split_I = window_splits(arrays, splits, chrom)
    usable_I = arrays.valid(sample, chrom) & window_has_tracks(arrays, sample, chrom) & np.isin(split_I, list(wanted))
    bins = [_scan_rows(arrays, (sample, chrom), chosen, usable_I, start) for start in range(0, len(usable_I), ROWS)]
    bin1, bin2 = (np.concatenate(side) for side in zip(*bins, strict=True))
    same = split_I[bin1] == split_I[bin2]
    bin1, bin2 = bin1[same], bin2[same]
    return pd.DataFrame({"sample": sample, "chrom": chrom, "bin1": bin1, "bin2": bin2, "split": split_I[bin1]})


def _scan_rows(
    arrays: TileArrays, place: tuple[str, str], limits: ScanLimits, usable_I: np.ndarray, start: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return (bin1, bin2) of the candidates with bin1 in [start, start + ROWS) between usable bins."""
    end = min(start + ROWS, len(usable_I))
    farthest = arrays.meta.max_distance_bins if limits.max_distance_bins is None else limits.max_distance_bins
    farthest = min(farthest, arrays.meta.max_distance_bins, len(usable_I) - 1)
    if not usable_I[start:end].any() or farthest < limits.min_distance_bins:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    contacts_ID, ratio_ID = smoothed(arrays, place, (start, end), limits.smooth_bins)
    good_ID = (contacts_ID >= limits.min_contacts) & (ratio_ID >= limits.min_oe)
    bin1, distance = np.nonzero(good_ID[:, limits.min_distance_bins : farthest + 1])
    bin1, bin2 = bin1 + start, bin1 + start + distance + limits.min_distance_bins
    both = (bin2 < len(usable_I)) & usable_I[bin1] & usable_I[np.minimum(bin2, len(usable_I) - 1)]
    return bin1[both], bin2[both]


def smoothed(
    arrays: TileArrays, place: tuple[str, str], rows: tuple[int, int], width: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return mean contacts and observed over expected in the square around each pixel, masked pixels left out.

    Parameters
    ----------
    place : (sample, chromosome)
    rows : first row and one past the last
    width : of the square in bins, odd

    Returns
    -------
    two (rows, D) float32; 0 where nothing is valid
    """
    low, distance, both = _surroundings(arrays.valid(*place), arrays.meta.band_bins, rows, width // 2)
    observed = _square_sums(np.where(both, arrays.contacts(*place)[low, distance].astype(np.float32), 0), width // 2)
    expected = _square_sums(np.where(both, arrays.expected(*place)[distance], 0), width // 2)
    pixels = _square_sums(both.astype(np.float32), width // 2)
    return observed / np.maximum(pixels, 1), np.divide(
        observed, expected, out=np.zeros_like(observed), where=expected > 0
    )


def _surroundings(
    valid_I: np.ndarray, band_bins: int, rows: tuple[int, int], reach: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return row and distance in the band, mirrored, of the rows' pixels and ``reach`` more on each side.

    Distances run from -2 reach to band_bins + 2 reach; the third array says which are stored pixels of valid bins.
    """
    at_I1 = np.arange(rows[0] - reach, rows[1] + reach)[:, None]
    other_ID = at_I1 + np.arange(-2 * reach, band_bins + 2 * reach)
    distance_ID, low_ID, high_ID = np.abs(other_ID - at_I1), np.minimum(at_I1, other_ID), np.maximum(at_I1, other_ID)
    inside = (low_ID >= 0) & (high_ID < len(valid_I)) & (distance_ID < band_bins)
    low_ID, distance_ID = np.where(inside, low_ID, 0), np.where(inside, distance_ID, 0)
    return low_ID, distance_ID, inside & valid_I[low_ID] & valid_I[np.where(inside, high_ID, 0)]


def _square_sums(around_ID: np.ndarray, reach: int) -> np.ndarray:
    """Return the sum over the square around each pixel, from values with the margins of `_surroundings`.

    The neighbour (i + a, j + b) of the pixel (i, j) lies a rows on and b - a distances on.
    """
    rows, distances = around_ID.shape[0] - 2 * reach, around_ID.shape[1] - 4 * reach
    total = np.zeros((rows, distances), np.float32)
    for row_step in range(2 * reach + 1):
        for col_step in range(2 * reach + 1):
            first = 2 * reach + col_step - row_step
            total += around_ID[row_step : row_step + rows, first : first + distances]
    return total
