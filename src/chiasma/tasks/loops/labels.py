"""Labelled pairs of bins: positives from lists of loops, negatives from pixels a loop caller would meet.

The negatives follow the recipe of Peakachu and DLoopCaller as Yang et al. (arXiv 2504.09060) use it (distance-matched and long-range pixels
with contacts), and add the hard ones of a genome-wide scan: near misses, wrongly paired anchors, stripes, enriched pixels.

Axes: I bins of a chromosome, D distance in bins (0 to the largest), n pairs. Maps here are bands: [i, d] is the pair (i, i + d).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.lib.stride_tricks import sliding_window_view

from chiasma.core.errors import InputError
from chiasma.core.log import log
from chiasma.core.seed import generator
from chiasma.schema.tables import EXAMPLES
from chiasma.tasks.loops.config import SHARES, Config
from chiasma.tasks.loops.scan import excess, scan
from chiasma.tiles.arrays import TileArrays
from chiasma.tiles.index import check_reach, window_has_tracks, window_splits
from chiasma.tiles.splits import NONE, SPLIT_NAMES

KEYS = ["sample", "chrom", "bin1", "bin2"]
ROUNDS = 4  # redraws of distances at which no pixel was left


@dataclass(frozen=True)
class Ground:
    """Where negatives of one (sample, chromosome) may lie.

    Attributes
    ----------
    split_I : object, split whose region holds the bin's window wholly, or none
    open_ID : bool, pixels of usable bins at the task's distances, away from every label
    filled_ID : bool, pixels with contacts
    scan_ID : bool, pixels the scan would score
    excess_ID : excess of contacts around each pixel, in standard deviations
    """

    split_I: np.ndarray
    open_ID: np.ndarray
    filled_ID: np.ndarray
    scan_ID: np.ndarray
    excess_ID: np.ndarray


def read(path: Path) -> pd.DataFrame:
    """Read one sample's labels, a BEDPE file."""
    from chiasma.io.bedpe import read_bedpe

    return read_bedpe(path)


def build_examples(
    config: Config, arrays: TileArrays, splits: pd.DataFrame, labels: Mapping[str, pd.DataFrame]
) -> pd.DataFrame:
    """Return the labelled pairs of all samples as an EXAMPLES table, in genomic order.

    Parameters
    ----------
    config : numbers of the task
    arrays : the tileset the examples are cut from
    splits : SPLITS table
    labels : sample -> frame with chrom1 start1 end1 chrom2 start2 end2, 0-based half-open bp

    Raises
    ------
    InputError
        When a sample has no arrays, no label lies on the study's chromosomes, or no positive is left to train on.
    """
    check_reach(arrays, config.max_distance_bins)
    frames = []
    for sample, anchors in labels.items():
        positives = place_positives(config, arrays, splits, sample, anchors)
        frames.append(positives)
        for chrom, own in positives.groupby("chrom", sort=False):
            frames.append(draw_negatives(config, arrays, splits, (sample, str(chrom)), own))
    examples = pd.concat(frames, ignore_index=True)
    check_trainable(examples)
    order = examples.sort_values([*KEYS, "label"], kind="stable")
    return order[EXAMPLES.names].reset_index(drop=True)


def check_trainable(examples: pd.DataFrame) -> None:
    """Raise InputError without a positive to train on; warn when validation or test has none."""
    kept = examples[examples["kept"] & (examples["label"] == 1)]
    found = kept["split"].value_counts()
    if not found.get("train", 0):
        reasons = examples.loc[examples["label"] == 1, "reason"].value_counts().to_dict()
        raise InputError(
            f"labels: no positive is left to train on (positives dropped by reason: {reasons}); check splits and distances"
        )
    for split in ("valid", "test"):
        if not found.get(split, 0):
            log.warning("labels: no positive lies in the %s split", split)


# ---------------------------------------------------------------------------------------------------- positives


def anchor_bins(anchors: pd.DataFrame, resolution_bp: int, anchor: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the bins of both anchors (n,), (n,), the smaller first; ``anchor`` is middle or start."""
    bins = []
    for side in ("1", "2"):
        start, end = anchors[f"start{side}"].to_numpy(np.int64), anchors[f"end{side}"].to_numpy(np.int64)
        bins.append((start if anchor == "start" else (start + end) // 2) // resolution_bp)
    return np.minimum(*bins), np.maximum(*bins)


def place_positives(
    config: Config, arrays: TileArrays, splits: pd.DataFrame, sample: str, anchors: pd.DataFrame
) -> pd.DataFrame:
    """Return one row per labelled pair of the study's chromosomes, with the reason where it is not kept."""
    known = anchors["chrom1"].isin(list(arrays.meta.chromosomes)) & (anchors["chrom1"] == anchors["chrom2"])
    if not known.any():
        found = ", ".join(sorted({*anchors["chrom1"], *anchors["chrom2"]})[:5]) or "none: the file has no pairs"
        raise InputError(
            f"labels of sample '{sample}': no pair lies on {', '.join(arrays.meta.chromosomes)} (chromosomes found: {found})"
        )
    anchors = anchors[known].reset_index(drop=True)
    check_scores(config, anchors, sample)
    bin1, bin2 = anchor_bins(anchors, arrays.meta.resolution_bp, config.anchor)
    frame = pd.DataFrame(
        {"sample": sample, "chrom": anchors["chrom1"], "bin1": bin1, "bin2": bin2, "source": "positive"}
    )
    weak = anchors["score"].to_numpy() < config.min_score
    frame["split"], frame["label"] = NONE, 1
    for chrom, own in frame.groupby("chrom"):
        split_I = window_splits(arrays, splits, str(chrom))
        frame.loc[own.index, "split"] = pair_splits(split_I, own["bin1"].to_numpy(), own["bin2"].to_numpy())
    frame["reason"] = drop_reasons(config, arrays, frame, weak)
    frame["kept"] = frame["reason"] == ""
    return frame


def check_scores(config: Config, anchors: pd.DataFrame, sample: str) -> None:
    """Raise InputError when labels are to be chosen by score and have none."""
    if config.min_score > 0 and anchors["score"].isna().all():
        raise InputError(
            f"labels of sample '{sample}': min_score is {config.min_score:g}, but no pair has a number in the file's eighth column; "
            "take min_score out, or give a file with scores"
        )


def drop_reasons(config: Config, arrays: TileArrays, frame: pd.DataFrame, weak: np.ndarray) -> np.ndarray:
    """Return why each pair (n,) is not used, the first of the checks below that holds; ``weak`` (n,) have too small a score."""
    distance, half = frame["bin2"] - frame["bin1"], arrays.meta.half_bins
    bins = frame["chrom"].map(arrays.meta.bins)
    masked, missing = pd.Series(False, frame.index), pd.Series(False, frame.index)
    for (sample, chrom), own in frame.groupby(["sample", "chrom"]):
        masked[own.index] = ~both(arrays.valid(sample, chrom), own)
        missing[own.index] = ~both(window_has_tracks(arrays, sample, chrom), own)
    repeated = frame[~weak].duplicated(KEYS).reindex(frame.index, fill_value=False)
    checks = {
        "score": pd.Series(weak),
        "distance": (distance < config.min_distance_bins) | (distance > config.max_distance_bins),
        "leaves_chromosome": (frame["bin1"] < half) | (frame["bin2"] + half > bins),
        "crosses_split": frame["split"] == NONE,
        "masked_centre": masked,
        "masked_track": missing,
        "duplicate": repeated,
    }
    return np.select([check.to_numpy() for check in checks.values()], list(checks), default="")


def both(good_I: np.ndarray, frame: pd.DataFrame) -> np.ndarray:
    """Return whether both bins of each pair (n,) are good; a bin beyond the end is not."""
    padded = np.append(good_I, False)
    return padded[np.minimum(frame["bin1"], len(good_I))] & padded[np.minimum(frame["bin2"], len(good_I))]


def pair_splits(split_I: np.ndarray, bin1: np.ndarray, bin2: np.ndarray) -> np.ndarray:
    """Return the split of each pair (n,): the one both bins share, else "none"; bins beyond the end have none."""
    padded = np.append(split_I, NONE)
    first, second = padded[np.minimum(bin1, len(split_I))], padded[np.minimum(bin2, len(split_I))]
    return np.where(first == second, first, NONE)


# ---------------------------------------------------------------------------------------------------- negatives


def draw_negatives(
    config: Config, arrays: TileArrays, splits: pd.DataFrame, place: tuple[str, str], positives: pd.DataFrame
) -> pd.DataFrame:
    """Return the negatives of one (sample, chromosome), drawn split by split for the kept ones of ``positives``.

    Every labelled pair, kept or not, keeps negatives ``exclusion_bins`` away.
    """
    ground = survey(config, arrays, splits, place, positives)
    frames = []
    for split in SPLIT_NAMES:
        own = positives[positives["kept"] & (positives["split"] == split)]
        if len(own):
            frames += draw_split(config, ground, place, split, own)
    columns = {"split": "str", "label": "int64", "kept": "bool", "reason": "str"}
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=[*KEYS, "source", *columns])


def survey(
    config: Config, arrays: TileArrays, splits: pd.DataFrame, place: tuple[str, str], labelled: pd.DataFrame
) -> Ground:
    """Return what one (sample, chromosome) offers for negatives, in all splits."""
    width, split_I = config.max_distance_bins + 1, window_splits(arrays, splits, place[1])
    open_ID = pair_band((split_I != NONE) & arrays.valid(*place) & window_has_tracks(arrays, *place), width)
    open_ID[:, : config.min_distance_bins] = False
    open_ID &= ~around(labelled, config.exclusion_bins, open_ID.shape)
    scan_ID, scanned = np.zeros(open_ID.shape, bool), scan(config, arrays, splits, place, SPLIT_NAMES)
    scan_ID[scanned["bin1"], scanned["bin2"] - scanned["bin1"]] = True
    return Ground(split_I, open_ID, arrays.contacts(*place)[:, :width] > 0, scan_ID, excess(config, arrays, place))


def pair_band(good_I: np.ndarray, width: int) -> np.ndarray:
    """Return whether both bins of each pixel of the band (I, width) are good."""
    padded = np.concatenate([good_I, np.zeros(width - 1, bool)])
    return sliding_window_view(padded, width) & good_I[:, None]


def around(pairs: pd.DataFrame, reach: int, shape: tuple[int, int]) -> np.ndarray:
    """Return the band (I, D) of pixels within ``reach`` bins of any pair in both anchors."""
    offsets = np.arange(-reach, reach + 1)
    rows = (pairs["bin1"].to_numpy()[:, None, None] + offsets[:, None]) + 0 * offsets
    cols = (pairs["bin2"].to_numpy()[:, None, None] + offsets) + 0 * offsets[:, None]
    low, distance = np.minimum(rows, cols).ravel(), np.abs(cols - rows).ravel()
    inside = (low >= 0) & (low < shape[0]) & (distance < shape[1])
    mask_ID = np.zeros(shape, bool)
    mask_ID[low[inside], distance[inside]] = True
    return mask_ID


def draw_split(
    config: Config, ground: Ground, place: tuple[str, str], split: str, positives: pd.DataFrame
) -> list[pd.DataFrame]:
    """Return one frame of negatives per source for the positives of one split; what one source lacks the next gives."""
    own_ID = ground.open_ID & pair_band(ground.split_I == split, ground.open_ID.shape[1])
    wanted = source_counts(config, round(config.negatives_per_positive * len(positives)))
    distances, frames, missing = positives["bin2"].to_numpy() - positives["bin1"].to_numpy(), [], 0
    for source, (pool_ID, matched) in source_pools(config, ground, own_ID, positives).items():
        rng = generator(config.seed, "negatives", *place, split, source)
        count = wanted[source] + missing if wanted[source] else 0
        pixels = draw_pixels(pool_ID & own_ID, count, distances if matched else None, rng)
        own_ID[pixels[:, 0], pixels[:, 1]] = False  # no pixel twice
        missing += wanted[source] - len(pixels)
        frames.append(as_rows(place, split, source, pixels))
    if missing:
        log.info("negatives of %s %s %s: %d fewer exist than asked for", *place, split, missing)
    return frames


def source_counts(config: Config, total: int) -> dict[str, int]:
    """Return how many negatives each source gives: shares of ``total``, by largest remainder."""
    shares = np.array([getattr(config, name) for name in SHARES])
    exact = total * shares / shares.sum()
    counts = np.floor(exact).astype(int)
    rest = np.argsort(counts - exact, kind="stable")[: total - counts.sum()]
    counts[rest] += 1
    return {name.removeprefix("share_"): int(count) for name, count in zip(SHARES, counts, strict=True)}


def source_pools(
    config: Config, ground: Ground, own_ID: np.ndarray, positives: pd.DataFrame
) -> dict[str, tuple[np.ndarray, bool]]:
    """Return per source, rarest first, its pixels (I, D) and whether their distances are matched to the positives'."""
    distance, width = positives["bin2"] - positives["bin1"], own_ID.shape[1]
    filled_ID, scan_ID, anchor_I = (
        own_ID & ground.filled_ID,
        own_ID & ground.scan_ID,
        near_anchors(positives, len(own_ID)),
    )
    swapped_ID = pair_band(anchor_I, width)
    return {
        "swapped": (scan_ID & swapped_ID, False),
        "stripe": (scan_ID & either_band(anchor_I, width) & ~swapped_ID, False),
        "near": (filled_ID & around(positives, config.near_bins, own_ID.shape), False),
        "enriched": (enriched_pixels(scan_ID, ground.excess_ID, config.enriched_fraction), True),
        "scan": (scan_ID, False),
        "long": (filled_ID & (np.arange(width) >= distance.quantile(config.long_quantile)), False),
        "distance": (filled_ID, True),
    }


def near_anchors(positives: pd.DataFrame, bins: int) -> np.ndarray:
    """Return whether each bin (I,) is an anchor of a positive or beside one."""
    anchors = positives[["bin1", "bin2"]].to_numpy().ravel()
    near_I = np.zeros(bins + 2, bool)
    for shift in range(3):
        near_I[anchors + shift] = True
    return near_I[1:-1]


def either_band(good_I: np.ndarray, width: int) -> np.ndarray:
    """Return whether one or both bins of each pixel of the band (I, width) are good."""
    padded = np.concatenate([good_I, np.zeros(width - 1, bool)])
    return sliding_window_view(padded, width) | good_I[:, None]


def enriched_pixels(pool_ID: np.ndarray, excess_ID: np.ndarray, fraction: float) -> np.ndarray:
    """Return the pixels (I, D) of the pool that are in the top ``fraction`` of their distance by excess."""
    mask_ID = np.zeros(pool_ID.shape, bool)
    for distance in np.flatnonzero(pool_ID.any(axis=0)):
        rows = np.flatnonzero(pool_ID[:, distance])
        values = excess_ID[rows, distance]
        mask_ID[rows[values >= np.quantile(values, 1 - fraction)], distance] = True
    return mask_ID


def draw_pixels(pool_ID: np.ndarray, count: int, distances: np.ndarray | None, rng: np.random.Generator) -> np.ndarray:
    """Return up to ``count`` different pixels of the pool, (n, 2) of bin and distance.

    Parameters
    ----------
    pool_ID : bool
    distances : (positives,) whose distribution the drawn distances follow; None draws uniformly from the pool
    """
    if distances is None:
        flat = np.flatnonzero(pool_ID)
        chosen = rng.choice(flat, min(count, len(flat)), replace=False)
        return np.stack(np.unravel_index(np.sort(chosen), pool_ID.shape), axis=1)
    left_ID, found = pool_ID.copy(), [np.empty((0, 2), np.int64)]
    for _ in range(ROUNDS):
        missing = count - sum(map(len, found))
        if missing <= 0 or not left_ID.any():
            break
        wanted = np.bincount(smooth_draw(distances, missing, left_ID.any(axis=0), rng), minlength=left_ID.shape[1])
        found.append(draw_columns(left_ID, wanted, rng))
        left_ID[found[-1][:, 0], found[-1][:, 1]] = False
    return np.concatenate(found)


def smooth_draw(distances: np.ndarray, count: int, possible_D: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return ``count`` distances from a Gaussian kernel density of the logarithm of ``distances``, among the possible ones (D,).

    The bandwidth is Scott's, at least half a bin; mass at impossible distances is spread over the possible ones.
    """
    logs = np.log(distances)
    options = np.flatnonzero(possible_D)
    width = max(float(np.std(logs)) * len(logs) ** -0.2, 0.5 / float(np.median(distances)))
    points, heights = np.unique(logs, return_counts=True)
    offsets = (np.log(options)[:, None] - points) / width
    density = np.exp(-0.5 * offsets**2) @ heights / options  # per bin, from per unit of the logarithm
    if density.sum() == 0:
        density = np.ones(len(options))
    return rng.choice(options, count, p=density / density.sum())


def draw_columns(pool_ID: np.ndarray, wanted_D: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return up to ``wanted_D`` different pixels of each distance, (n, 2) of bin and distance."""
    found = [np.empty((0, 2), np.int64)]
    for distance in np.flatnonzero(wanted_D):
        rows = np.flatnonzero(pool_ID[:, distance])
        chosen = rng.choice(rows, min(wanted_D[distance], len(rows)), replace=False)
        found.append(np.stack([chosen, np.full(len(chosen), distance)], axis=1))
    return np.concatenate(found)


def as_rows(place: tuple[str, str], split: str, source: str, pixels: np.ndarray) -> pd.DataFrame:
    """Return drawn pixels (n, 2) of bin and distance as rows of the EXAMPLES table."""
    frame = pd.DataFrame({"bin1": pixels[:, 0], "bin2": pixels.sum(axis=1)})
    return frame.assign(sample=place[0], chrom=place[1], source=source, split=split, label=0, kept=True, reason="")
