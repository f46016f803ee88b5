"""Genes: expression follows the promoter's strength and the enhancers it touches, weighted by expected contacts."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from chiasma.core.seed import generator
from chiasma.simulate.config import Config
from chiasma.simulate.contacts import decay
from chiasma.simulate.sites import ELEMENT_BP, activity

REACH_BP = 1_000_000  # enhancers farther from a promoter do nothing
NEAR_BINS = 2  # nearer ones count as this far


def build_genes(sites: pd.DataFrame) -> pd.DataFrame:
    """Return the genes of a chromosome, one per promoter: chrom start end name score strand; the interval is the TSS base."""
    promoters = sites[sites.kind == "promoter"]
    start = (promoters.start + ELEMENT_BP // 2).to_numpy()
    names = promoters["name"].str.replace("promoter", "gene").to_numpy()
    columns = {"chrom": promoters.chrom.to_numpy(), "start": start, "end": start + 1, "name": names, "score": 0}
    return pd.DataFrame({**columns, "strand": promoters.strand.to_numpy()})


def enhancer_input(config: Config, sites: pd.DataFrame, sample: str, band: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return what enhancers give each promoter, (n_promoters,): sum of activity times expected contacts.

    In units of what evenly spread enhancers of strength 1 would give without loops and compartments, so 1 is usual.
    """
    middle = (sites.start + sites.end).to_numpy() // 2 // config.resolution_bp
    is_promoter, is_enhancer = ((sites.kind == kind).to_numpy() for kind in ("promoter", "enhancer"))
    genes, enhancers = middle[is_promoter][:, None], middle[is_enhancer][None, :]
    reach = min(REACH_BP // config.resolution_bp, band.shape[1] - 1)
    distance = np.maximum(np.abs(genes - enhancers), NEAR_BINS)
    touch = np.where(distance <= reach, band[np.minimum(genes, enhancers), np.minimum(distance, reach)], 0)
    usual = 2 * decay(config, np.arange(NEAR_BINS, reach + 1)).sum() * config.resolution_bp / config.enhancer_spacing_bp
    return touch @ (sites.strength.to_numpy() * activity(sites, sample))[is_enhancer] / usual


def build_expression(
    config: Config, chrom: str, sample: str, sites: pd.DataFrame, band: NDArray[np.float32]
) -> pd.DataFrame:
    """Return the genes of a chromosome with ``promoter``, ``enhancers`` and ``level``, the expression before scaling."""
    genes = build_genes(sites)
    promoters = sites[sites.kind == "promoter"]
    promoter = promoters.strength.to_numpy() * activity(promoters, sample)
    enhancers = enhancer_input(config, sites, sample, band)
    noise = np.exp(
        config.expression_noise * generator(config.seed, "expression", sample, chrom).normal(size=len(genes))
    )
    level = promoter * (1 + config.expression_enhancers * enhancers) * noise
    return genes.assign(promoter=promoter.round(5), enhancers=enhancers.round(5), level=level)


def per_million(genes: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return the genes of all chromosomes with ``tpm``: levels that sum to a million."""
    table = pd.concat(genes.values(), ignore_index=True)
    return table.assign(tpm=(1e6 * table.level / max(table.level.sum(), 1e-9)).round(3))


def cage_heights(sites: pd.DataFrame, genes: pd.DataFrame, fragments: float) -> NDArray[np.float64]:
    """Return expected CAGE fragments of each site, (n_sites,): at promoters, in proportion to expression.

    Parameters
    ----------
    fragments : fragments of a gene of level 1
    """
    heights = np.zeros(len(sites))
    heights[(sites.kind == "promoter").to_numpy()] = genes.level.to_numpy() * fragments
    return heights
