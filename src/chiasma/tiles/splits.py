"""Train, valid and test regions of a study, which bind pre-training and every task."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from chiasma.core.errors import ConfigError, unknown
from chiasma.core.seed import generator
from chiasma.schema.rooms import build_config

SPLIT_NAMES = ("train", "valid", "test")
NONE = "none"
GAP = "gap"


@dataclass(frozen=True)
class ChromosomeSplits:
    """Whole chromosomes are train, valid or test; a chromosome of the study in none of them is a gap."""

    train: tuple[str, ...]
    valid: tuple[str, ...]
    test: tuple[str, ...]


@dataclass(frozen=True)
class BlockSplits:
    """Blocks of each chromosome are train, valid or test.

    Attributes
    ----------
    block_bp : length of a block, rounded down to whole bins
    gap_bp : bases left out where the split changes, rounded up to whole bins
    valid_fraction, test_fraction : share of the blocks; at least one block is in each split
    seed : seed of the draw
    """

    block_bp: int
    gap_bp: int
    valid_fraction: float = 0.15
    test_fraction: float = 0.2
    seed: int = 1


SPLITS_BY = {"chromosome": ChromosomeSplits, "block": BlockSplits}


def read_splits_config(values: Mapping[str, Any], where: str) -> ChromosomeSplits | BlockSplits:
    """Build the configuration of the splits from the study's keys ``splits``; ``by`` says which kind."""
    kind = values.get("by")
    if kind not in SPLITS_BY:
        raise ConfigError(unknown("value of 'by'", str(kind), SPLITS_BY, where))
    return build_config(SPLITS_BY[kind], {key: value for key, value in values.items() if key != "by"}, where)


def build_splits(
    lengths: Mapping[str, int], resolution_bp: int, config: ChromosomeSplits | BlockSplits
) -> pd.DataFrame:
    """Return the SPLITS table: regions that cover each chromosome wholly, in order, without overlap.

    Parameters
    ----------
    lengths : chromosome of the study -> length in bp
    resolution_bp : bin size; regions of blocks begin at bins
    config : how regions are chosen

    Raises
    ------
    ConfigError
        When a chromosome is unknown or in two splits, or there is no room for a block of each split.
    """
    if isinstance(config, ChromosomeSplits):
        regions = _whole_chromosomes(lengths, config)
    else:
        regions = _blocks(lengths, resolution_bp, config)
    return pd.DataFrame(regions, columns=["chrom", "start", "end", "split"])


def _whole_chromosomes(lengths: Mapping[str, int], config: ChromosomeSplits) -> list[tuple[str, int, int, str]]:
    split_by_chrom: dict[str, str] = {}
    for split in SPLIT_NAMES:
        for chrom in getattr(config, split):
            if chrom not in lengths:
                raise ConfigError(unknown("chromosome", chrom, lengths, f"splits.{split}"))
            if chrom in split_by_chrom:
                raise ConfigError(
                    f"splits: chromosome '{chrom}' is in {split_by_chrom[chrom]} and {split}; keep it in one"
                )
            split_by_chrom[chrom] = split
    return [(chrom, 0, length, split_by_chrom.get(chrom, GAP)) for chrom, length in lengths.items()]


def _blocks(lengths: Mapping[str, int], resolution_bp: int, config: BlockSplits) -> list[tuple[str, int, int, str]]:
    bins = {chrom: length // resolution_bp for chrom, length in lengths.items()}  # whole ones: a block must hold a tile
    block_bins, gap_bins = config.block_bp // resolution_bp, -(-config.gap_bp // resolution_bp)
    if block_bins < 2 * gap_bins or block_bins < 1:
        raise ConfigError(
            f"splits: block_bp {config.block_bp} is less than two gaps of {gap_bins * resolution_bp} bp, "
            f"so that a block between two others could not hold a tile; take block_bp of at least {max(2 * gap_bins, 1) * resolution_bp}"
        )
    counts = _block_counts(bins, block_bins, gap_bins)
    if sum(counts.values()) < len(SPLIT_NAMES):
        raise ConfigError(
            f"splits: block_bp {config.block_bp} gives {sum(counts.values())} blocks on the study's chromosomes; "
            f"train, valid and test need one each: {_advice(bins, gap_bins, resolution_bp)}"
        )
    drawn = _drawn_splits(sum(counts.values()), config)
    regions: list[tuple[str, int, int, str]] = []
    for chrom, count in counts.items():
        own, drawn = drawn[:count], drawn[count:]
        for start, end, split in _regions(own or ["train"], bins[chrom] + 1, block_bins, gap_bins):
            regions.append((chrom, start * resolution_bp, min(end * resolution_bp, lengths[chrom]), split))
    return regions


def _block_counts(bins: Mapping[str, int], block_bins: int, gap_bins: int) -> dict[str, int]:
    """Return the number of blocks of each chromosome: a rest is one if half a block and two gaps long, else joins the last."""
    least = max(-(-block_bins // 2), 2 * gap_bins)
    return {chrom: count // block_bins + (count % block_bins >= least) for chrom, count in bins.items()}


def _advice(bins: Mapping[str, int], gap_bins: int, resolution_bp: int) -> str:
    """Say which block length gives three blocks."""
    longest = max(bins.values(), default=0)
    sizes = [
        size
        for size in range(max(1, 2 * gap_bins), 2 * longest + 1)
        if sum(_block_counts(bins, size, gap_bins).values()) >= len(SPLIT_NAMES)
    ]
    if sizes:
        return f"take block_bp of at most {sizes[-1] * resolution_bp}"
    need = 6 * gap_bins * resolution_bp
    return (
        f"no block_bp fits with this gap_bp: use longer or more chromosomes (one of {need} bp would do), "
        "or splits by chromosome"
    )


def _drawn_splits(total: int, config: BlockSplits) -> list[str]:
    """Return the split of each block, in the blocks' order."""
    valid, test = (max(1, round(fraction * total)) for fraction in (config.valid_fraction, config.test_fraction))
    if valid + test >= total:
        raise ConfigError(
            f"splits: of {total} blocks, valid_fraction {config.valid_fraction} and test_fraction {config.test_fraction} "
            f"take {valid} and {test}, which leaves none to train on; lower them, or block_bp"
        )
    names = ["valid"] * valid + ["test"] * test + ["train"] * (total - valid - test)
    order = generator(config.seed, "blocks").permutation(total)
    return [names[at] for at in order]


def _regions(blocks: Sequence[str], bins: int, block_bins: int, gap_bins: int) -> list[tuple[int, int, str]]:
    """Return (start, end, split) in bins: neighbours of one split joined, a gap centred on each change.

    Without blocks the whole chromosome is train.
    """
    regions, start = [], 0
    for at in range(1, len(blocks)):
        if blocks[at] != blocks[at - 1]:
            change = at * block_bins - gap_bins // 2
            regions += [(start, change, blocks[at - 1]), (change, change + gap_bins, GAP)]
            start = change + gap_bins
    return [region for region in (*regions, (start, bins, blocks[-1])) if region[0] < region[1]]


def _region_of(splits: pd.DataFrame, start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Return what `region_of` does for one chromosome's regions."""
    if splits.empty:
        return np.full(len(start), NONE, object)
    splits = splits.sort_values("start")
    at = np.searchsorted(splits["start"].to_numpy(), start, side="right") - 1
    inside = (at >= 0) & (end <= splits["end"].to_numpy()[at])
    return np.where(inside, splits["split"].to_numpy(object)[at], NONE)


def region_of(splits: pd.DataFrame, chrom: str | np.ndarray, start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Return the split of the region, or gap, that holds each window [start, end) wholly, "none" where there is none.

    Parameters
    ----------
    splits : SPLITS table
    chrom : one name for all windows, or one per window
    start, end : (n,) int, bp

    Returns
    -------
    (n,) object array of train, valid, test, gap, none
    """
    start, end = (np.atleast_1d(np.asarray(value, np.int64)) for value in (start, end))
    chroms = np.broadcast_to(np.asarray(chrom, object), start.shape)
    found = np.full(len(start), NONE, object)
    for name in pd.unique(chroms):
        at = np.flatnonzero(chroms == name)
        found[at] = _region_of(splits[splits["chrom"] == name], start[at], end[at])
    return found


def split_of(
    splits: pd.DataFrame,
    chrom: str | np.ndarray,
    start1: np.ndarray,
    end1: np.ndarray,
    start2: np.ndarray,
    end2: np.ndarray,
) -> np.ndarray:
    """Return the split of each tile: both anchors' windows wholly inside regions of one same split, else "none".

    Parameters
    ----------
    splits : SPLITS table
    chrom : one name for all tiles, or one per tile
    start1, end1, start2, end2 : (n,) int, bp, half-open windows of the two anchors

    Returns
    -------
    (n,) object array of train, valid, test, none
    """
    first, second = region_of(splits, chrom, start1, end1), region_of(splits, chrom, start2, end2)
    return np.where((first == second) & (first != GAP), first, NONE)
