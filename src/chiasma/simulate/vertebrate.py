"""A vertebrate-like genome: compartments, and loops and domains that cohesin makes between CTCF sites."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from chiasma.simulate import chiapet, loops, truth
from chiasma.simulate.chromosome import Chromosome
from chiasma.simulate.compartments import build_compartments
from chiasma.simulate.config import Config
from chiasma.simulate.contacts import Expected, draw_trans, expect_band
from chiasma.simulate.sites import build_sites

__all__ = ["describe", "draw_trans", "expect", "settle"]


def settle(config: Config, chrom: str) -> tuple[dict[str, NDArray[np.float64]], pd.DataFrame, pd.DataFrame]:
    """Return a chromosome's compartments, by sample, its sites, and no regions."""
    compartments = build_compartments(config, chrom)
    return compartments, build_sites(config, chrom, compartments), pd.DataFrame()


def expect(config: Config, chrom: str, sample: str, part: Chromosome) -> Expected:
    """Return what a chromosome's contacts follow in a cell type."""
    compartment = part.compartments[sample]
    cohesin = loops.extrude(config, loops.build_barriers(config, part.sites, sample, len(compartment)))
    return Expected(expect_band(config, cohesin, compartment), compartment, part.visibility)


def describe(
    config: Config, sample: str, shared: Mapping[str, Chromosome], expected: Mapping[str, Expected]
) -> dict[str, list[pd.DataFrame]]:
    """Return a cell type's loops and domains, and the ChIA-PET pairs that see some of the loops: file -> table per chromosome."""
    true = {
        chrom: truth.find_loops(config, expected[chrom], part.sites, sample, chrom) for chrom, part in shared.items()
    }
    pairs = [
        chiapet.draw_pairs(config, chrom, sample, part.sites, true[chrom], expected[chrom].band)
        for chrom, part in shared.items()
    ]
    domains = [truth.find_domains(config, expected[chrom].band, chrom) for chrom in shared]
    return {
        "{sample}.chiapet.bedpe": pairs,
        "truth/{sample}.loops.bedpe": list(true.values()),
        "truth/{sample}.domains.bed": domains,
    }
