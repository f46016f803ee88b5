"""Regions of a plant-like chromosome: its heterochromatic centre, Polycomb domains on the arms, and knots.

A table of regions has one row per region, sorted by place: ``chrom start end name kind network strength`` and one column
``activity_{sample}`` per cell type, 0 where the region is not there. ``kind`` is centre, polycomb or knot. Regions of one
``network`` touch each other wherever in the genome they lie, the stronger the more; a centre is of none, -1. The numbers
follow Arabidopsis: domains of H3K27me3 (Feng et al. 2014), ten knots on five chromosomes (Grob et al. 2014).
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from chiasma.core.seed import generator
from chiasma.simulate.config import Config
from chiasma.simulate.sites import EDGE_BP, open_in, renewal, satellite

CLEAR_BINS = 2  # between two regions of the arms
STRENGTHS = {"centre": (1.0, 1.0), "polycomb": (0.6, 1.0), "knot": (0.8, 1.0)}  # least and greatest
NONE = -1  # a region of no network


def build_regions(config: Config, chrom: str) -> pd.DataFrame:
    """Return the regions of a chromosome; see the module for the columns."""
    rng = generator(config.seed, "regions", chrom)
    centre, knots = [centre_of(config, chrom)], draw_knots(config, chrom, rng)
    domains = _draw_domains(config, chrom, knots, rng)
    kinds = np.repeat(["centre", "knot", "polycomb"], [1, len(knots), len(domains)])
    places = np.array([*centre, *knots, *domains])
    networks = np.select(
        [kinds == "knot", kinds == "polycomb"],
        [config.polycomb_networks, rng.integers(0, config.polycomb_networks, len(kinds))],
        NONE,
    )
    columns = {"chrom": chrom, "start": places[:, 0], "end": places[:, 1], "kind": kinds, "network": networks}
    table = pd.DataFrame(
        {**columns, "strength": rng.uniform(*np.array([STRENGTHS[kind] for kind in kinds]).T).round(4)}
    )
    specific = np.where(kinds == "polycomb", config.polycomb_specific, 0.0)
    is_there = open_in(len(config.samples), specific, rng)
    table = table.assign(**{f"activity_{name}": is_there[:, at] * 1.0 for at, name in enumerate(config.samples)})
    table = table.sort_values("start", kind="stable", ignore_index=True)
    table.insert(3, "name", [f"{row.kind}_{chrom}_{row.Index}" for row in table.itertuples()])
    return table


def centre_of(config: Config, chrom: str) -> tuple[int, int]:
    """Return start and end (bp) of the heterochromatic centre, on bin borders; the satellite lies in its middle."""
    start, end = satellite(config, chrom)
    length, size = config.chromosomes[chrom], config.resolution_bp
    half = max(config.centre_fraction * length, end - start) / 2
    middle = (start + end) / 2
    return max(int((middle - half) // size), 0) * size, min(-int(-(middle + half) // size) * size, length)


def arms_of(config: Config, chrom: str) -> list[tuple[int, int]]:
    """Return start and end (bp) of both arms, without the chromosome's ends and the centre's surroundings."""
    start, end = centre_of(config, chrom)
    return [(EDGE_BP, start - EDGE_BP), (end + EDGE_BP, config.chromosomes[chrom] - EDGE_BP)]


def draw_knots(config: Config, chrom: str, rng: np.random.Generator) -> list[tuple[int, int]]:
    """Return start and end (bp) of ``knot_count`` knots: one in each of as many equal stretches of the arms."""
    arms = [(low, high - config.knot_length_bp) for low, high in arms_of(config, chrom)]
    room = np.array([max(high - low, 0) for low, high in arms])
    along = (np.arange(config.knot_count) + rng.uniform(0.15, 0.85, config.knot_count)) / max(config.knot_count, 1)
    along = (along * room.sum()).astype(int)
    first = along < room[0]
    starts = np.where(first, arms[0][0] + along, arms[1][0] + along - room[0])
    return [(int(start), int(start) + config.knot_length_bp) for start in starts]


def _draw_domains(
    config: Config, chrom: str, knots: list[tuple[int, int]], rng: np.random.Generator
) -> list[tuple[int, int]]:
    """Return start and end (bp) of Polycomb domains on the arms, clear of each other and of the knots."""
    starts = renewal(config, chrom, config.polycomb_spacing_bp, rng)
    lengths = np.maximum(rng.gamma(4.0, config.polycomb_length_bp / 4, len(starts)), config.resolution_bp).astype(int)
    clear = CLEAR_BINS * config.resolution_bp
    taken, kept = list(knots), []
    for start, end in zip(starts.tolist(), (starts + lengths).tolist(), strict=True):
        on_arm = any(low <= start and end <= high for low, high in arms_of(config, chrom))
        if on_arm and all(end + clear <= low or high + clear <= start for low, high in taken):
            taken.append((start, end))
            kept.append((start, end))
    return kept


def covered(config: Config, regions: pd.DataFrame, n_bins: int) -> NDArray[np.float64]:
    """Return the fraction of each bin that each region covers, (n_regions, n_bins)."""
    edges = np.arange(n_bins + 1) * config.resolution_bp
    start, end = (regions[name].to_numpy()[:, None] for name in ("start", "end"))
    return np.clip(np.minimum(end, edges[1:]) - np.maximum(start, edges[:-1]), 0, None) / config.resolution_bp
