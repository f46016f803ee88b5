"""Where regulators bind: CTCF sites with an orientation, enhancers, promoters, and how active each is in each cell type.

A table of sites has one row per site, sorted by place: ``chrom start end name kind strand strength`` and one column
``activity_{sample}`` per cell type, 0 where the site is closed. ``kind`` is ctcf, enhancer or promoter. ``strength`` is the
probability that a fully active CTCF site stalls cohesin, or an element's regulatory strength. A CTCF site's interval is its
motif; a forward motif stalls cohesin that moves to smaller coordinates, so loops join a forward and, to its right, a reverse one.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from chiasma.core.seed import generator
from chiasma.genome.bins import count_bins
from chiasma.io.jaspar import read_motif
from chiasma.simulate.config import Config

CLEAR_BP = 600  # two sites are at least this far apart
EDGE_BP = 20_000  # no site this near an end of a chromosome or the satellite
ELEMENT_BP = 400  # length of an enhancer or promoter
SPREAD = 0.6  # standard deviation of the log of an element's strength
PARTNERED = 0.3  # fraction of CTCF sites with a second one a few kb away
DIVERGENT = 0.75  # fraction of such pairs that point away from each other, as at borders of domains
STRONG, WEAK = (14.0, 2.5), (2.0, 10.0)  # beta distributions of the probability to stall cohesin
DEPENDENCE = {"ctcf": 0.25, "enhancer": 0.75, "promoter": 0.6}  # how much rarer a kind is in compartment B


def satellite(config: Config, chrom: str) -> tuple[int, int]:
    """Return start and end (bp) of the centromere-like repeat, on bin borders, in the middle third of the chromosome."""
    place = generator(config.seed, "satellite", chrom).uniform(0.35, 0.65)
    start = int(place * count_bins(config.chromosomes[chrom], config.resolution_bp)) * config.resolution_bp
    return start, start + config.genome_satellite_bp


def build_sites(config: Config, chrom: str, compartments: dict[str, NDArray]) -> pd.DataFrame:
    """Return the sites of a chromosome; see the module for the columns."""
    parts = [_ctcf(config, chrom), _elements(config, chrom, "enhancer"), _elements(config, chrom, "promoter")]
    sites = pd.concat(parts, ignore_index=True).sort_values("start", kind="stable", ignore_index=True)
    sites = sites[_is_clear(config, chrom, sites)].reset_index(drop=True)
    sites = sites[_is_settled(config, chrom, sites, compartments["shared"])].reset_index(drop=True)
    sites.insert(3, "name", [f"{row.kind}_{chrom}_{row.Index}" for row in sites.itertuples()])
    return _with_activity(config, chrom, sites, compartments)


def activity(sites: pd.DataFrame, sample: str) -> NDArray[np.float64]:
    """Return how active each site is in a cell type, (n_sites,) in [0, 1]."""
    return sites[f"activity_{sample}"].to_numpy()


def renewal(config: Config, chrom: str, spacing_bp: float, rng: np.random.Generator) -> NDArray[np.int64]:
    """Return increasing places over the chromosome, gamma-distributed distances with shape 1.2."""
    gaps = rng.gamma(1.2, spacing_bp / 1.2, 20 + int(2 * config.chromosomes[chrom] / spacing_bp))
    places = np.cumsum(gaps).astype(np.int64)
    return places[places < config.chromosomes[chrom]]


def _ctcf(config: Config, chrom: str) -> pd.DataFrame:
    """Return CTCF motifs; the spacing counts a site and its near partner as two."""
    rng = generator(config.seed, "ctcf", chrom)
    first = renewal(config, chrom, config.ctcf_spacing_bp * (1 + PARTNERED), rng)
    forward = rng.random(len(first)) < 0.5
    partnered = rng.random(len(first)) < PARTNERED
    away = np.where(rng.random(len(first)) < DIVERGENT, forward, ~forward)  # a partner to the left or to the right
    second = (first + np.where(away, -1, 1) * rng.integers(1500, 9000, len(first)))[partnered]
    places = np.concatenate([first, second])
    strands = np.concatenate([forward, ~forward[partnered]])
    columns = {"chrom": chrom, "start": places, "end": places + motif_length(config), "kind": "ctcf"}
    return pd.DataFrame(
        {**columns, "strand": np.where(strands, "+", "-"), "strength": _stalling(config, len(places), rng)}
    )


def motif_length(config: Config) -> int:
    """Return the length of the CTCF motif in bp."""
    return len(read_motif(config.motif_ctcf))


def _stalling(config: Config, count: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Return the probability that each site stalls cohesin; 0 for a motif that is never bound."""
    strong = rng.random(count) < config.ctcf_strong
    strength = np.where(strong, rng.beta(*STRONG, count), rng.beta(*WEAK, count))
    return np.where(rng.random(count) < config.ctcf_unbound, 0.0, strength)


def _elements(config: Config, chrom: str, kind: str) -> pd.DataFrame:
    """Return enhancers or promoters with log-normal strengths, median 1."""
    rng = generator(config.seed, kind, chrom)
    places = renewal(config, chrom, getattr(config, f"{kind}_spacing_bp"), rng)
    strands = np.where(rng.random(len(places)) < 0.5, "+", "-")
    columns = {"chrom": chrom, "start": places, "end": places + ELEMENT_BP, "kind": kind, "strand": strands}
    return pd.DataFrame({**columns, "strength": rng.lognormal(0.0, SPREAD, len(places))})


def _is_clear(config: Config, chrom: str, sites: pd.DataFrame) -> NDArray[np.bool_]:
    """Return which sites, sorted by start, are far enough from the one before, the ends and the satellite."""
    start, end = satellite(config, chrom)
    first, last = sites.start.to_numpy(), sites.end.to_numpy()
    inside = (first > EDGE_BP) & (last < config.chromosomes[chrom] - EDGE_BP)
    outside = (last < start - EDGE_BP) | (first > end + EDGE_BP)
    return inside & outside & (np.diff(first, prepend=-CLEAR_BP) >= CLEAR_BP)


def _is_settled(config: Config, chrom: str, sites: pd.DataFrame, compartment: NDArray) -> NDArray[np.bool_]:
    """Return which sites stay: those in the shared compartment B are thinned."""
    value = compartment[sites.start.to_numpy() // config.resolution_bp]
    keep = 1 - sites.kind.map(DEPENDENCE).to_numpy() * (1 - value) / 2
    return generator(config.seed, "settled", chrom).random(len(sites)) < keep


def _with_activity(config: Config, chrom: str, sites: pd.DataFrame, compartments: dict[str, NDArray]) -> pd.DataFrame:
    """Return ``sites`` with the activity per cell type: which are open at all, how open, less so in compartment B."""
    rng = generator(config.seed, "activity", chrom)
    specific = sites.kind.map(lambda kind: getattr(config, f"{kind}_specific")).to_numpy(float)
    is_open = open_in(len(config.samples), specific, rng)
    bins = sites.start.to_numpy() // config.resolution_bp
    for place, sample in enumerate(config.samples):
        level = np.clip(1 - np.abs(rng.normal(0, 0.12, len(sites))), 0.3, 1)
        quiet = sites.kind.map(DEPENDENCE).to_numpy() * np.clip(-compartments[sample][bins], 0, 1) * 0.6
        sites[f"activity_{sample}"] = np.where(is_open[:, place] & (sites.strength > 0), level * (1 - quiet), 0.0)
    return sites


def open_in(samples: int, specific: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.bool_]:
    """Return in which samples each site is open, (n_sites, samples): all, or, with probability ``specific``, some but not all."""
    count = len(specific)
    some = (
        rng.permuted(np.tile(np.arange(samples), (count, 1)), axis=1) < rng.integers(1, max(samples, 2), count)[:, None]
    )
    return np.where((rng.random(count) < specific)[:, None] & (samples > 1), some, True)
