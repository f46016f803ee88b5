"""A plant-like genome: no loops of CTCF and cohesin, but heterochromatic centres, Polycomb networks and knots.

The same motifs of CTCF stand in the sequence, and nothing binds them: who learned loops of a vertebrate meets sites of its kind
at which there is nothing to find.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from chiasma.core.seed import generator
from chiasma.simulate.chromosome import Chromosome
from chiasma.simulate.compartments import build_compartments
from chiasma.simulate.config import Config
from chiasma.simulate.landscape import (
    PlantExpected,
    build_landscape,
    centre_occupancy,
    draw_trans,
    expect_whole,
    touch,
)
from chiasma.simulate.regions import build_regions, covered
from chiasma.simulate.sites import activity, build_sites
from chiasma.simulate.truth import SEEN

__all__ = ["describe", "draw_trans", "expect", "settle"]

GENE_POOR = 0.8  # share of enhancers and promoters that a centre lacks, beside what a B compartment lacks
SILENCED = 0.9  # of the activity of an element inside a Polycomb domain
PAIR_COLUMNS = ("chrom1", "start1", "end1", "chrom2", "start2", "end2", "name", "strength", "network")
FILES = {"polycomb": "truth/{sample}.polycomb.bedpe", "knot": "truth/{sample}.knots.bedpe"}


def settle(config: Config, chrom: str) -> tuple[dict[str, NDArray[np.float64]], pd.DataFrame, pd.DataFrame]:
    """Return a chromosome's compartments, by sample (its centre is B in all), its sites and its regions."""
    regions = build_regions(config, chrom)
    blocks = build_compartments(config, chrom)
    centre = centre_occupancy(config, regions, len(blocks["shared"]))
    compartments = {name: value * (1 - centre) - centre for name, value in blocks.items()}
    sites = build_sites(config, chrom, compartments)
    poor = GENE_POOR * centre[sites.start.to_numpy() // config.resolution_bp] * (sites.kind != "ctcf")
    sites = sites[generator(config.seed, "centre", chrom).random(len(sites)) >= poor].reset_index(drop=True)
    return compartments, quieten(config, sites, regions), regions


def quieten(config: Config, sites: pd.DataFrame, regions: pd.DataFrame) -> pd.DataFrame:
    """Return sites with no CTCF motif bound, and elements inside a cell type's Polycomb domains silenced."""
    is_ctcf, middle = (sites.kind == "ctcf").to_numpy(), (sites.start + sites.end).to_numpy()[:, None] // 2
    domains = regions[regions.kind == "polycomb"]
    inside = (domains.start.to_numpy() <= middle) & (middle < domains.end.to_numpy())
    quiet = {}
    for sample in config.samples:
        silenced = (inside & (activity(domains, sample) > 0)).any(axis=1)
        level = activity(sites, sample) * np.where(silenced, 1 - SILENCED, 1.0)
        quiet[f"activity_{sample}"] = np.where(is_ctcf, 0.0, level)
    return sites.assign(strength=np.where(is_ctcf, 0.0, sites.strength), **quiet)


def expect(config: Config, chrom: str, sample: str, part: Chromosome) -> PlantExpected:
    """Return what a chromosome's contacts follow in a cell type."""
    compartment = part.compartments[sample]
    landscape = build_landscape(config, sample, part.regions, compartment)
    return PlantExpected(expect_whole(config, landscape), compartment, part.visibility, landscape)


def describe(
    config: Config, sample: str, shared: Mapping[str, Chromosome], expected: Mapping[str, PlantExpected]
) -> dict[str, list[pd.DataFrame]]:
    """Return a cell type's pairs of Polycomb domains and of knots, and its states of chromatin: file -> tables."""
    states = [find_states(config, sample, part, expected[chrom].landscape.centre) for chrom, part in shared.items()]
    pairs = {file: [find_pairs(config, sample, shared, kind)] for kind, file in FILES.items()}
    return pairs | {"truth/{sample}.states.bed": states}


def find_pairs(config: Config, sample: str, shared: Mapping[str, Chromosome], kind: str) -> pd.DataFrame:
    """Return the true pairs of regions of one kind, within and between chromosomes, columns `PAIR_COLUMNS`.

    A pair is two regions of one network that are both there and both seen, at least 0.3 times as well as usual, and in one
    chromosome ``polycomb_min_distance_bp`` apart. ``strength`` is how many times more they touch than without the network.
    """
    found = _seen(config, sample, shared, kind)
    first, second = np.triu_indices(len(found), 1)
    chrom, network, middle, strength = (found[name].to_numpy() for name in ("chrom", "network", "middle", "strength"))
    distance = np.where(chrom[first] == chrom[second], np.abs(middle[second] - middle[first]), np.inf)
    kept = (network[first] == network[second]) & (distance >= config.polycomb_min_distance_bp)
    first, second, distance = first[kept], second[kept], distance[kept]
    gain = {"polycomb": config.polycomb_gain, "knot": config.knot_gain}[kind] - 1
    reached = np.where(np.isfinite(distance), touch(np.where(np.isfinite(distance), distance, 0.0)), 1.0)
    ends = [found[name].to_numpy()[at] for at in (first, second) for name in ("chrom", "start", "end")]
    names = [f"{kind}_pair_{place}" for place in range(len(first))]
    more = (1 + gain * reached * strength[first] * strength[second]).round(4)
    return pd.DataFrame(dict(zip(PAIR_COLUMNS, (*ends, names, more, network[first]), strict=True)))


def _seen(config: Config, sample: str, shared: Mapping[str, Chromosome], kind: str) -> pd.DataFrame:
    """Return the regions of one kind that are there in a cell type and seen, in the genome's order, with ``middle`` (bp)."""
    tables = []
    for part in shared.values():
        regions = part.regions[(part.regions.kind == kind) & (part.regions[f"activity_{sample}"] > 0)]
        share = covered(config, regions, len(part.visibility))
        seen = (share @ part.visibility) / share.sum(axis=1)
        tables.append(regions[seen >= SEEN])
    found = pd.concat(tables, ignore_index=True)
    return found.assign(middle=(found.start + found.end) / 2)


def find_states(config: Config, sample: str, part: Chromosome, centre: NDArray) -> pd.DataFrame:
    """Return the state of chromatin of each bin, chrom start end name, by the names of Di Stefano et al. 2021.

    Heterochromatin is the centre and the knots, Polycomb_like a domain that is there, Active a bin with an active element,
    Telomere the unknown ends, Undetermined the rest; a bin has the first that holds, half of it covered.
    """
    size, chrom = config.resolution_bp, part.regions.chrom.iloc[0]
    length, start = config.chromosomes[chrom], np.arange(len(centre)) * config.resolution_bp
    there = part.regions[part.regions[f"activity_{sample}"] > 0]
    share = {kind: covered(config, there[there.kind == kind], len(centre)).sum(axis=0) for kind in ("knot", "polycomb")}
    working = part.sites[activity(part.sites, sample) > 1 - SILENCED]
    active = np.bincount(working.start.to_numpy() // size, minlength=len(centre)) > 0
    end = np.minimum(start + size, length)
    telomere = (start < config.genome_unknown_bp) | (end > length - config.genome_unknown_bp)
    conditions = [telomere, (centre > 0.5) | (share["knot"] > 0.5), share["polycomb"] > 0.5, active]
    names = np.select(conditions, ["Telomere", "Heterochromatin", "Polycomb_like", "Active"], "Undetermined")
    return pd.DataFrame({"chrom": chrom, "start": start, "end": end, "name": names})
