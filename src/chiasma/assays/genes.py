"""Genes: where transcription starts, by the assembly's names, sorted."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from chiasma.assays.quality import count_empty, on_chromosomes, quality_table
from chiasma.core.errors import InputError
from chiasma.genome.chromosomes import Assembly, listed
from chiasma.io.bed import write_intervals
from chiasma.io.genes import GENE_COLUMNS, read_genes


@dataclass(frozen=True)
class GenesConfig:
    """Which genes are the study's: those on its ``chromosomes``."""

    chromosomes: tuple[str, ...]


def normalise_gene_file(
    raw: str | Path, assembly: Assembly, config: GenesConfig, identity: tuple[str, str], path: str | Path
) -> pd.DataFrame:
    """Write the study's starts of transcription of one annotation as BED, atomically, and return their quality (``tables.QC``).

    Parameters
    ----------
    raw : BED, GTF or GFF3
    identity : sample and assay
    path : BED to write, columns chrom start end name score strand: one base, the start; each start of a gene once, sorted

    Raises
    ------
    InputError
        When no gene lies on a study chromosome, one lies beyond its chromosome, or a name is ambiguous.
    """
    sample, assay = identity
    chromosomes = [assembly.resolve(name, "study") for name in config.chromosomes]
    found = read_genes(raw)
    inside = on_chromosomes(found, assembly, chromosomes, str(raw))
    if inside.empty:
        raise InputError(
            f"{raw}: no genes on any chromosome of the study ({', '.join(chromosomes)}); "
            f"its genes lie on {listed(found['chrom'].unique())}"
        )
    starts = sort_starts(inside, chromosomes)
    empty = count_empty(starts["chrom"], chromosomes, "genes", str(raw))
    write_intervals(starts, path)
    metrics = {
        "rows": len(found),
        "rows_outside_study": len(found) - len(inside),
        "transcription_starts": len(starts),
        "genes": starts[["chrom", "name"]].drop_duplicates().shape[0],
        "chromosomes_with_genes": len(chromosomes) - empty,
        "chromosomes_without_genes": empty,
    }
    return quality_table(sample, assay, metrics)


def sort_starts(frame: pd.DataFrame, chromosomes: list[str]) -> pd.DataFrame:
    """Return starts of transcription sorted by ``chromosomes``, place, strand and name, each once."""
    rank = frame["chrom"].map({chrom: place for place, chrom in enumerate(chromosomes)})
    ordered = frame.assign(rank=rank).sort_values(["rank", "start", "strand", "name"], kind="stable")
    return ordered[list(GENE_COLUMNS)].drop_duplicates(["chrom", "start", "strand", "name"], ignore_index=True)
