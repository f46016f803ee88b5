"""The whole simulated study in memory: what the cell types share, then each cell type."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from chiasma.core.log import progress
from chiasma.simulate import contacts, expression, genome, plant, signal, vertebrate
from chiasma.simulate.chromosome import Chromosome
from chiasma.simulate.config import TRACKS, Config
from chiasma.simulate.motifs import plan_motifs, plant_motifs
from chiasma.simulate.sites import satellite

BIOLOGIES = {"vertebrate": vertebrate, "plant": plant}
CAGE_FRAGMENTS = 40.0  # of a gene of level 1
EXPRESSION = ["name", "chrom", "start", "strand", "promoter", "enhancers", "tpm"]


@dataclass(frozen=True)
class CellType:
    """One sample's measurements and truth.

    Attributes
    ----------
    pixels : bin1, bin2, count of all contacts, bins counted through all chromosomes
    tracks : assay -> chromosome -> (n_signal_bins,)
    tables : name of a file, with {sample} in it -> its rows over all chromosomes
    """

    pixels: tuple[NDArray, NDArray, NDArray]
    tracks: dict[str, dict[str, NDArray]]
    tables: dict[str, pd.DataFrame]


def build_genome(config: Config) -> dict[str, Chromosome]:
    """Return each chromosome as all cell types share it."""
    return {chrom: build_chromosome(config, chrom) for chrom in progress(config.chromosomes, "chromosomes")}


def build_chromosome(config: Config, chrom: str) -> Chromosome:
    """Return a chromosome: compartments and sites, then the sequence with its motifs, then what of it can be seen."""
    compartments, sites, regions = BIOLOGIES[config.biology].settle(config, chrom)
    bases = genome.build_sequence(config, chrom, compartments["shared"], sites)
    motifs = plant_motifs(config, chrom, bases, plan_motifs(config, chrom, sites))
    cut, gc, known = genome.bin_statistics(config, bases)
    visibility = contacts.build_visibility(config, chrom, cut, gc, satellite(config, chrom)) * (known > 0.5)
    return Chromosome(bases, sites, motifs, compartments, visibility, regions)


def build_cell_type(config: Config, sample: str, shared: Mapping[str, Chromosome]) -> CellType:
    """Return one sample: the expected maps, what is true of them, and what experiments see."""
    biology = BIOLOGIES[config.biology]
    expected = {chrom: biology.expect(config, chrom, sample, part) for chrom, part in shared.items()}
    genes = {
        chrom: expression.build_expression(config, chrom, sample, part.sites, expected[chrom].band)
        for chrom, part in shared.items()
    }
    counts = {assay: draw_tracks(config, sample, assay, shared, genes) for assay in TRACKS[config.biology]}
    tables = biology.describe(config, sample, shared, expected) | {
        "{sample}.atac.narrowPeak": [signal.call_peaks(config, *track) for track in counts["atac"].items()],
        "truth/{sample}.expression.tsv": [expression.per_million(genes)[EXPRESSION]],
        "truth/{sample}.compartments.bedgraph": [
            compartment_table(config, chrom, part.compartments[sample]) for chrom, part in shared.items()
        ],
    }
    return CellType(
        pixels=contacts.draw_pixels(config, sample, expected, biology.draw_trans),
        tracks={assay: signal.scale_tracks(tracks) for assay, tracks in counts.items()},
        tables={name: pd.concat(rows, ignore_index=True) for name, rows in tables.items()},
    )


def draw_tracks(
    config: Config, sample: str, assay: str, shared: Mapping[str, Chromosome], genes: Mapping[str, pd.DataFrame]
) -> dict[str, NDArray[np.float64]]:
    """Return the fragments that cover each bin of ``signal_bp``, by chromosome."""
    tracks = {}
    for chrom, part in shared.items():
        if assay == "cage":
            heights = expression.cage_heights(part.sites, genes[chrom], CAGE_FRAGMENTS * config.signal_gain)
        else:
            heights = signal.site_heights(config, chrom, sample, assay, part.sites)
        background = signal.build_background(config, chrom, sample, assay, part.compartments[sample], part.visibility)
        expected = signal.expect_track(config, assay, part.sites, heights, background)
        if assay in signal.BROAD:
            expected += signal.expect_regions(config, chrom, sample, assay, part.regions) * (background > 0)
        tracks[chrom] = signal.draw_track(config, chrom, sample, assay, expected)
    return tracks


def compartment_table(config: Config, chrom: str, compartment: NDArray[np.float64]) -> pd.DataFrame:
    """Return a cell type's compartment per bin: chrom start end value."""
    start = np.arange(len(compartment)) * config.resolution_bp
    end = np.minimum(start + config.resolution_bp, config.chromosomes[chrom])
    return pd.DataFrame({"chrom": chrom, "start": start, "end": end, "value": compartment.round(4)})
