"""The files of a simulated study, each in its true format."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from chiasma.core.log import log
from chiasma.genome.chromosomes import build_assembly
from chiasma.io.assembly import write_assembly
from chiasma.io.bed import write_intervals
from chiasma.io.bigwig import write_bins
from chiasma.io.fasta import write_fasta
from chiasma.io.hic import write_hic
from chiasma.io.mcool import frames, write_mcool
from chiasma.simulate import genome
from chiasma.simulate.config import REGIONS, Config, hic_samples
from chiasma.simulate.expression import build_genes
from chiasma.simulate.sites import activity
from chiasma.simulate.study import CellType, Chromosome, build_cell_type, build_genome

HEADED = (".bedpe", ".tsv")  # tables that begin with a line of names; in BED and its kin the columns are known


def write_study(config: Config, folder: Path) -> None:
    """Simulate a study and write `chiasma.simulate.config.file_names` into ``folder``, each file atomically."""
    (folder / "truth").mkdir(parents=True, exist_ok=True)
    shared = build_genome(config)
    write_shared(config, shared, folder)
    log.info("wrote the genome, %d chromosomes", len(shared))
    for sample in config.samples:
        cell_type = build_cell_type(config, sample, shared)
        true = sum(
            len(table) for name, table in cell_type.tables.items() if name.startswith("truth/") and ".bedpe" in name
        )
        log.info("%s: %d contacts, %d true pairs", sample, cell_type.pixels[2].sum(), true)
        write_sample(config, sample, cell_type, folder)


def bare_name(chrom: str) -> str:
    """Return a chromosome's name without ``chr``, its alias."""
    return chrom.removeprefix("chr")


def write_shared(config: Config, shared: Mapping[str, Chromosome], folder: Path) -> None:
    """Write what the cell types share: assembly, sequence, genes, and the truth about sites and motifs."""
    aliases = {chrom: [bare_name(chrom)] for chrom in config.chromosomes}
    write_assembly(
        build_assembly("assembly", config.chromosomes, aliases, "simulate: chromosomes"), folder / "assembly.tsv"
    )
    write_fasta({chrom: genome.letters(part.bases) for chrom, part in shared.items()}, folder / "genome.fa")
    write_intervals(_joined(build_genes(part.sites) for part in shared.values()), folder / "genes.bed")
    write_intervals(
        _joined(site_table(config, part.sites) for part in shared.values()), folder / "truth/sites.bed", header=True
    )
    write_intervals(_joined(part.motifs for part in shared.values()), folder / "truth/motifs.bed", header=True)
    regions = _joined(part.regions for part in shared.values())
    if len(regions):
        write_intervals(regions, folder / REGIONS, header=True)


def site_table(config: Config, sites: pd.DataFrame) -> pd.DataFrame:
    """Return sites as BED6 (score: 1000 times the strength, at most 1000), then kind, strength, activity per sample."""
    score = (1000 * sites.strength).clip(upper=1000).round().astype(int)
    table = sites[["chrom", "start", "end", "name"]].assign(score=score, strand=sites.strand, kind=sites.kind)
    values = {f"activity_{sample}": activity(sites, sample).round(4) for sample in config.samples}
    return table.assign(strength=sites.strength.round(4), **values)


def write_sample(config: Config, sample: str, cell_type: CellType, folder: Path) -> None:
    """Write one cell type's measurements, and in ``truth`` what they measure."""
    write_contacts(config, sample, cell_type, folder)
    for assay, tracks in cell_type.tracks.items():
        write_bins(folder / f"{sample}.{assay}.bw", config.chromosomes, tracks, config.signal_bp)
    for name, table in cell_type.tables.items():
        write_intervals(table, folder / name.format(sample=sample), header=name.endswith(HEADED))


def write_contacts(config: Config, sample: str, cell_type: CellType, folder: Path) -> None:
    """Write contacts as .mcool, named as in the assembly, and the same as .hic, whose names lack ``chr``, as is common."""
    sizes = sorted(config.contacts_resolutions_bp)
    write_mcool(folder / f"{sample}.mcool", config.chromosomes, sizes, cell_type.pixels, "simulated")
    if sample in hic_samples(config):
        lengths = {bare_name(chrom): length for chrom, length in config.chromosomes.items()}
        write_hic(folder / f"{sample}.hic", lengths, sizes, frames(cell_type.pixels), "simulated", compression_level=1)


def _joined(tables) -> pd.DataFrame:
    return pd.concat(list(tables), ignore_index=True)
