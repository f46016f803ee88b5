"""A small synthetic tileset with planted loops: three chromosomes, one per split, distance decay, Poisson counts, tracks."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from chiasma.tasks.loops.config import Config
from chiasma.tiles.arrays import ArraysMeta, TileArrays, band_of, write_arrays

RESOLUTION, TRACK, TILE, FARTHEST, BINS, LOOPS = 5000, 500, 16, 60, 320, 30
SPLIT_OF = {"chr1": "train", "chr2": "valid", "chr3": "test"}
SAMPLES = ("a", "b")


@dataclass(frozen=True)
class Planted:
    """The tileset, its splits, the planted loops as labels per sample, and the task's numbers at this size."""

    folder: Path
    arrays: TileArrays
    splits: pd.DataFrame
    labels: dict[str, pd.DataFrame]
    config: Config


def plant(rng: np.random.Generator) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Return the arrays of one chromosome and its loops (n, 2) of bins, no two within 5 bins of each other."""
    loops: list[tuple[int, int]] = []
    while len(loops) < LOOPS:
        x, distance = int(rng.integers(TILE, BINS - TILE - 50)), int(rng.integers(8, 50))
        if all(max(abs(x - u), abs(x + distance - v)) > 5 for u, v in loops):
            loops.append((x, x + distance))
    at = np.arange(BINS)
    mean_II = 40 / (np.abs(at[:, None] - at) + 1) ** 0.75
    lift_II = np.zeros((BINS, BINS))
    for x, y in loops:
        lift_II += 5 * np.exp(-((at[:, None] - x) ** 2 + (at - y) ** 2) / 2)
    counts_II = np.triu(rng.poisson(mean_II * (1 + lift_II)))
    dense_II = counts_II + np.triu(counts_II, 1).T
    valid_I = np.ones(BINS, bool)
    valid_I[:2] = valid_I[-2:] = False
    tracks_TC = rng.gamma(1.0, 0.2, (BINS * RESOLUTION // TRACK, 2))
    for bin_ in {bin_ for loop in loops for bin_ in loop}:
        tracks_TC[bin_ * RESOLUTION // TRACK + 3 : bin_ * RESOLUTION // TRACK + 6] += 5
    return {"contacts": band_of(dense_II, FARTHEST + TILE), "valid": valid_I, "tracks": tracks_TC}, np.array(loops)


def build_planted(folder: Path) -> Planted:
    """Write the tileset's arrays into ``folder`` / arrays."""
    rng = np.random.default_rng(7)
    made = {(sample, chrom): plant(rng) for sample in SAMPLES for chrom in SPLIT_OF}
    meta = ArraysMeta(
        RESOLUTION, TRACK, TILE, FARTHEST, ("atac", "dnase"), SAMPLES,
        dict.fromkeys(SPLIT_OF, BINS * RESOLUTION), dict.fromkeys(SAMPLES, 1.0),
    )  # fmt: skip
    arrays = write_arrays(folder / "arrays", meta, {place: value for place, (value, _) in made.items()})
    splits = pd.DataFrame(
        {"chrom": list(SPLIT_OF), "start": 0, "end": BINS * RESOLUTION, "split": list(SPLIT_OF.values())}
    )
    labels = {
        sample: pd.concat([anchors(chrom, made[sample, chrom][1]) for chrom in SPLIT_OF], ignore_index=True)
        for sample in SAMPLES
    }
    config = Config(
        min_distance_bins=4, max_distance_bins=FARTHEST, negatives_per_positive=6, scan_min_excess=1.0, scan_peak_bins=0
    )
    return Planted(folder, arrays, splits, labels, config)


def anchors(chrom: str, loops: np.ndarray) -> pd.DataFrame:
    """Return loops (n, 2) of bins as BEDPE anchors."""
    start1, start2 = loops[:, 0] * RESOLUTION, loops[:, 1] * RESOLUTION
    columns = {"start1": start1, "end1": start1 + RESOLUTION, "start2": start2, "end2": start2 + RESOLUTION}
    return pd.DataFrame({"chrom1": chrom, "chrom2": chrom, **columns, "score": 3.0})


def found(planted: Planted, calls: pd.DataFrame, chrom: str) -> tuple[float, float]:
    """Return precision and recall of the calls of sample a against the planted loops, within one bin."""
    own, truth = calls[calls["chrom1"] == chrom], planted.labels["a"].query("chrom1 == @chrom")
    points = [frame[["start1", "start2"]].to_numpy() // RESOLUTION for frame in (own, truth)]
    near = np.abs(points[0][:, None] - points[1]).max(axis=2) <= 1
    return near.any(axis=1).mean(), near.any(axis=0).mean()
