"""Loop labels as an experiment gives them: ChIA-PET pairs that miss some true loops, misplace anchors, and hold false pairs."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from chiasma.core.seed import generator
from chiasma.simulate.config import Config
from chiasma.simulate.sites import activity

SOFT = 0.7  # enrichment above 1 at which 63 % of the greatest recall is reached
HALF_WIDTH_BP = (500, 1500)  # of an anchor
AWAY_BINS = 3  # a false pair is at least this far from any true loop
COLUMNS = ("chrom1", "start1", "end1", "chrom2", "start2", "end2", "name", "score")


def draw_pairs(
    config: Config, chrom: str, sample: str, sites: pd.DataFrame, loops: pd.DataFrame, band: NDArray[np.float32]
) -> pd.DataFrame:
    """Return a chromosome's ChIA-PET pairs, columns chrom1 start1 end1 chrom2 start2 end2 name score (paired-end tags).

    A false pair joins two active CTCF sites of any orientation that no true loop joins, drawn in proportion to their
    expected contacts and strengths.
    """
    rng = generator(config.seed, "chiapet", sample, chrom)
    strength = loops.strength.to_numpy(float)
    found = rng.random(len(loops)) < config.label_recall * -np.expm1(-(strength - 1) / SOFT)
    middles = np.stack([loops.start1, loops.start2], axis=1).reshape(-1, 2)[found] + config.resolution_bp / 2
    wanted = round(found.sum() * config.label_false / (1 - config.label_false))
    middles = np.concatenate([middles, _false_middles(config, sites, sample, loops, band, wanted, rng)])
    tags = 2 + rng.poisson(np.concatenate([2 * strength[found], np.full(len(middles) - found.sum(), 2.0)]))
    return _pairs(config, chrom, middles, tags, rng)


def _false_middles(
    config: Config,
    sites: pd.DataFrame,
    sample: str,
    loops: pd.DataFrame,
    band: NDArray,
    wanted: int,
    rng: np.random.Generator,
) -> NDArray[np.float64]:
    """Return the middles in bp of both anchors of false pairs, (wanted, 2), or fewer where there are not so many."""
    active = sites[(sites.kind == "ctcf") & (activity(sites, sample) > 0)]
    middle, strength = (active.start + active.end).to_numpy() / 2, active.strength.to_numpy()
    bins = (middle // config.resolution_bp).astype(np.int64)
    first, second = np.triu_indices(len(active), 1)
    distance = bins[second] - bins[first]
    inside = (distance >= config.loop_min_distance_bins) & (
        distance * config.resolution_bp <= config.loop_max_distance_bp
    )
    first, second = first[inside], second[inside]
    weight = band[bins[first], bins[second] - bins[first]] * strength[first] * strength[second]
    weight = weight * ~_near_loop(bins[first], bins[second], loops, config.resolution_bp)
    wanted = min(wanted, int((weight > 0).sum()))
    if not wanted:
        return np.empty((0, 2))
    drawn = rng.choice(len(first), wanted, replace=False, p=weight / weight.sum())
    return np.stack([middle[first[drawn]], middle[second[drawn]]], axis=1)


def _near_loop(bin1: NDArray, bin2: NDArray, loops: pd.DataFrame, resolution_bp: int) -> NDArray[np.bool_]:
    loop1, loop2 = loops.start1.to_numpy(int) // resolution_bp, loops.start2.to_numpy(int) // resolution_bp
    apart = np.maximum(np.abs(bin1[:, None] - loop1), np.abs(bin2[:, None] - loop2))
    return (apart < AWAY_BINS).any(axis=1)


def _pairs(config: Config, chrom: str, middles: NDArray, tags: NDArray, rng: np.random.Generator) -> pd.DataFrame:
    """Return pairs with misplaced anchors of varying width, sorted."""
    middles = middles + rng.normal(0, config.label_jitter_bp, middles.shape)
    half = rng.uniform(*HALF_WIDTH_BP, middles.shape)
    start = np.maximum(middles - half, 0).astype(np.int64)
    end = np.minimum(middles + half, config.chromosomes[chrom]).astype(np.int64)
    order = np.lexsort((start[:, 1], start[:, 0]))
    start, end = start[order], end[order]
    names = [f"pair_{chrom}_{place}" for place in range(len(order))]
    columns = (chrom, start[:, 0], end[:, 0], chrom, start[:, 1], end[:, 1], names, tags[order])
    return pd.DataFrame(dict(zip(COLUMNS, columns, strict=True)))
