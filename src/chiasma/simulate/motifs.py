"""Motif instances: each sampled from its JASPAR matrix and planted into the sequence at a site, on the site's strand.

A table of motifs has columns ``chrom start end name score strand site``: ``name`` is the matrix, ``score`` ten times the
log2 ratio of the instance's probability to that of independent equal bases, ``site`` the site it makes.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from chiasma.core.seed import generator
from chiasma.io.jaspar import read_motif
from chiasma.simulate.config import Config
from chiasma.simulate.sites import activity

DRAWS = 6  # a stronger site takes the best of up to so many instances
PLACES_BP = (110, 185, 260)  # where an element's motifs stand, from its start; each moves by up to 20 bp


@cache
def matrix(name: str) -> NDArray[np.float64]:
    """Return a motif's base frequencies, (length, 4)."""
    return read_motif(name)


def plan_motifs(config: Config, chrom: str, sites: pd.DataFrame) -> pd.DataFrame:
    """Return which motif stands where: the table of motifs without scores, and ``effort`` (draws per instance)."""
    rng = generator(config.seed, "motifs", chrom)
    ctcf, elements = sites[sites.kind == "ctcf"], sites[sites.kind != "ctcf"]
    parts = [
        _planned(
            ctcf,
            ctcf.start.to_numpy(),
            np.full(len(ctcf), config.motif_ctcf),
            ctcf.strand.to_numpy(),
            1 + 5 * ctcf.strength,
        )
    ]
    for slot, place in enumerate(PLACES_BP):
        starts = elements.start.to_numpy() + place + rng.integers(-20, 21, len(elements))
        strands = np.where(rng.random(len(elements)) < 0.5, "+", "-")
        parts.append(_planned(elements, starts, _factors(config, elements, slot, rng), strands, 2 * elements.strength))
    motifs = pd.concat(parts, ignore_index=True)
    motifs["end"] = motifs.start + motifs.name.map({name: len(matrix(name)) for name in motifs.name.unique()})
    return motifs.sort_values("start", kind="stable", ignore_index=True)


def _planned(sites: pd.DataFrame, starts: NDArray, names: NDArray, strands: NDArray, effort: pd.Series) -> pd.DataFrame:
    effort = effort.clip(1, DRAWS).round().astype(int).to_numpy()
    columns = {
        "chrom": sites.chrom.to_numpy(),
        "start": starts,
        "name": names,
        "strand": strands,
        "site": sites["name"].to_numpy(),
    }
    return pd.DataFrame({**columns, "effort": effort})


def _factors(config: Config, elements: pd.DataFrame, slot: int, rng: np.random.Generator) -> NDArray:
    """Return the matrix at one slot of each element; an enhancer of one cell type holds two of that type's factors."""
    general = np.where(
        elements.kind == "promoter",
        rng.choice(config.motifs_promoter, len(elements)),
        rng.choice(config.motifs_enhancer, len(elements)),
    )
    is_open = np.stack([activity(elements, sample) > 0 for sample in config.samples], axis=1)
    specific = (elements.kind == "enhancer").to_numpy() & is_open.any(axis=1) & ~is_open.all(axis=1) & (slot < 2)
    dealt = [
        config.motifs_specific[place :: len(config.samples)] or config.motifs_enhancer
        for place in range(len(config.samples))
    ]
    own = np.array([rng.choice(dealt[place]) for place in is_open.argmax(axis=1)])
    return np.where(specific, own, general)


def plant_motifs(config: Config, chrom: str, bases: NDArray[np.uint8], planned: pd.DataFrame) -> pd.DataFrame:
    """Write an instance of each planned motif into ``bases``, in place; return the table of motifs."""
    score = np.zeros(len(planned))
    for name, rows in sorted(planned.groupby("name").groups.items()):
        rng = generator(config.seed, "instances", chrom, name)
        chosen = planned.loc[rows]
        instances, score[rows] = sample_instances(matrix(name), chosen.effort.to_numpy(), rng)
        reverse = (chosen.strand == "-").to_numpy()
        instances[reverse] = 3 - instances[reverse, ::-1]
        bases[chosen.start.to_numpy()[:, None] + np.arange(instances.shape[1])] = instances
    motifs = planned.assign(score=(10 * score).round().astype(int))
    return motifs[["chrom", "start", "end", "name", "score", "strand", "site"]]


def sample_instances(
    frequencies: NDArray, effort: NDArray[np.int64], rng: np.random.Generator
) -> tuple[NDArray[np.uint8], NDArray]:
    """Return instances of a motif, (n, length) codes, and their log2 scores, (n,): the best of ``effort`` draws each.

    Parameters
    ----------
    frequencies : (length, 4) base frequencies
    effort : (n,) draws, 1 to 6
    """
    drawn = rng.random((len(effort), DRAWS, len(frequencies), 1))
    codes = np.minimum((drawn >= frequencies.cumsum(axis=1)).sum(axis=-1), 3)
    scores = np.log2(np.maximum(frequencies, 1e-4) / 0.25)[np.arange(len(frequencies)), codes].sum(axis=-1)
    best = np.where(np.arange(DRAWS) < effort[:, None], scores, -np.inf).argmax(axis=1)
    rows = np.arange(len(effort))
    return codes[rows, best].astype(np.uint8), scores[rows, best]
