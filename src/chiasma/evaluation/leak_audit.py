"""Whether examples of different splits share bases: within a table, between tables, and against the splits themselves.

An example covers the windows of its two anchors. Biosamples share a genome, so a base seen in one sample is seen.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

SPLITS = ("train", "valid", "test")


@dataclass(frozen=True)
class Windows:
    """The windows of n examples.

    Attributes
    ----------
    chrom : (n, 2) names
    start, end : (n, 2) int64 bp, half-open, a row per example, a column per anchor
    split : (n,) names; only train, valid and test are compared
    """

    chrom: NDArray
    start: NDArray[np.int64]
    end: NDArray[np.int64]
    split: NDArray


def windows_of(table: Mapping[str, NDArray], resolution_bp: int, tile_bins: int) -> Windows:
    """Return the windows of the kept rows of a TILES or EXAMPLES table.

    Parameters
    ----------
    table : columns by name; with start1, end1, start2, end2 these are taken, else the tile around bin1 and bin2; with chrom2
        that is the second anchor's chromosome, else both are on chrom
    resolution_bp, tile_bins : of the tileset
    """
    kept = np.asarray(table["kept"], bool)
    if "start1" in table:
        start, end = (np.stack([table[f"{side}1"], table[f"{side}2"]], axis=1) for side in ("start", "end"))
    else:
        bins = np.stack([table["bin1"], table["bin2"]], axis=1)
        start, end = (bins - tile_bins // 2) * resolution_bp, (bins + tile_bins // 2) * resolution_bp
    chrom = np.stack(
        [np.asarray(table[name], object) for name in ("chrom", "chrom2" if "chrom2" in table else "chrom")], axis=1
    )
    split = np.asarray(table["split"], object)
    return Windows(chrom[kept], start[kept].astype(np.int64), end[kept].astype(np.int64), split[kept])


def regions_of(splits: Mapping[str, NDArray]) -> Windows:
    """Return the regions of a SPLITS table as windows, both anchors alike."""
    start, end = (np.stack([splits[side], splits[side]], axis=1).astype(np.int64) for side in ("start", "end"))
    chrom = np.stack([np.asarray(splits["chrom"], object)] * 2, axis=1)
    return Windows(chrom, start, end, np.asarray(splits["split"], object))


def as_train(windows: Windows) -> Windows:
    """Return the windows as training sees them when it is transductive: all of them train."""
    return Windows(windows.chrom, windows.start, windows.end, np.full(len(windows.split), "train", object))


def covered(start: NDArray[np.int64], end: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the union of half-open intervals, sorted and disjoint, as starts and ends; touching ones are joined."""
    start, end = start[start < end], end[start < end]
    if not len(start):
        return start, end
    order = np.argsort(start, kind="stable")
    start, reach = start[order], np.maximum.accumulate(end[order])
    first = np.concatenate([[True], start[1:] > reach[:-1]])
    return start[first], reach[np.append(np.flatnonzero(first)[1:] - 1, len(reach) - 1)]


def bases_before(union: tuple[NDArray[np.int64], NDArray[np.int64]], at: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return how many bases of a disjoint sorted union lie before each position."""
    start, end = union
    total = np.concatenate([[0], np.cumsum(end - start)])
    index = np.searchsorted(start, at, side="right")
    inside = np.where(index > 0, np.minimum(at, end[index - 1]) - start[index - 1], 0) if len(start) else 0
    return total[np.maximum(index - 1, 0)] + inside


def shared_bases(
    union: tuple[NDArray[np.int64], NDArray[np.int64]], start: NDArray[np.int64], end: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return how many bases of each interval [start, end) lie in a union."""
    return bases_before(union, end) - bases_before(union, start)


def compare(first: Windows, second: Windows) -> tuple[int, int]:
    """Return the bases that both cover, and how many examples of either share a base with the other."""
    bases, sharing = 0, [np.zeros(windows.chrom.shape, bool) for windows in (first, second)]
    for chrom in set(first.chrom.flat) & set(second.chrom.flat):
        on = [windows.chrom == chrom for windows in (first, second)]
        unions = [covered(windows.start[at], windows.end[at]) for windows, at in zip((first, second), on, strict=True)]
        bases += int(shared_bases(unions[1], *unions[0]).sum())
        for windows, at, shared, other in zip((first, second), on, sharing, unions[::-1], strict=True):
            shared[at] = shared_bases(other, windows.start[at], windows.end[at]) > 0
    return bases, sum(int(shared.any(axis=1).sum()) for shared in sharing)


def in_split(windows: Windows, split: str) -> Windows:
    """Return the windows of one split."""
    at = windows.split == split
    return Windows(windows.chrom[at], windows.start[at], windows.end[at], windows.split[at])


def comparisons(names: list[str]) -> Iterator[tuple[str, str, str, str]]:
    """Yield (table, other table, split, other split) of all pairs to compare: different splits, each pair once."""
    for name in names:
        yield from ((name, name, one, two) for one, two in combinations(SPLITS, 2))
    for name, other in combinations(names, 2):
        yield from ((name, other, one, two) for one in SPLITS for two in SPLITS if one != two)


def audit(tables: Mapping[str, Windows]) -> list[dict[str, object]]:
    """Return the rows of the LEAKS table: all tables within themselves, and each with each other.

    A row between two tables is named ``first x second``; its ``first`` split is of the first table. The one that
    matters most is pre-training's train against a task's test.
    """
    parts = {(name, split): in_split(windows, split) for name, windows in tables.items() for split in SPLITS}
    rows = []
    for name, other, one, two in comparisons(list(tables)):
        bases, examples = compare(parts[name, one], parts[other, two])
        verdict = "leak" if bases else "clean"
        table = name if name == other else f"{name} x {other}"
        rows.append(
            {"table": table, "first": one, "second": two, "shared_bp": bases, "examples": examples, "verdict": verdict}
        )
    return rows
