"""Peaks of accessibility or binding: the assembly's names, sorted, merged, less the blacklisted regions."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import bioframe
import numpy as np
import pandas as pd

from chiasma.assays.quality import count_empty, on_chromosomes, quality_table
from chiasma.core.errors import InputError
from chiasma.genome.chromosomes import Assembly
from chiasma.io.bed import read_peaks, write_peaks


@dataclass(frozen=True)
class PeaksConfig:
    """How raw peaks become the study's.

    Attributes
    ----------
    chromosomes : chromosomes of the study
    blacklist : BED file of regions; a peak that shares a base with one is left out
    """

    chromosomes: tuple[str, ...]
    blacklist: str | None = None


def normalise_peak_file(
    raw: str | Path, assembly: Assembly, config: PeaksConfig, identity: tuple[str, str], path: str | Path
) -> pd.DataFrame:
    """Write the study's peaks of one file as BED, atomically, and return their quality (columns of ``tables.QC``).

    Parameters
    ----------
    raw : BED, narrowPeak or broadPeak
    identity : sample and assay
    path : BED to write, columns chrom start end name score strand; score is the largest of the merged peaks'

    Raises
    ------
    InputError
        When no peak lies on a study chromosome, one ends beyond its chromosome, or a name is ambiguous.
    """
    sample, assay = identity
    chromosomes = [assembly.resolve(name, "study") for name in config.chromosomes]
    found = read_peaks(raw)
    inside = on_chromosomes(found, assembly, chromosomes, str(raw))
    allowed = without_blacklist(inside, assembly, config.blacklist)
    merged = merge_peaks(allowed, chromosomes)
    empty = count_empty(merged["chrom"], chromosomes, "peaks", str(raw))
    write_peaks(merged, path)
    width = merged["end"] - merged["start"]
    metrics = {
        "rows": len(found),
        "rows_outside_study": len(found) - len(inside),
        "rows_blacklisted": len(inside) - len(allowed),
        "peaks": len(merged),
        "chromosomes_without_peaks": empty,
        "width_median_bp": width.median(),
        "width_max_bp": width.max(),
        "covered_fraction": width.sum() / sum(assembly.lengths[chrom] for chrom in chromosomes),
    }
    return quality_table(sample, assay, metrics)


def without_blacklist(frame: pd.DataFrame, assembly: Assembly, blacklist: str | None) -> pd.DataFrame:
    """Return the intervals that share no base with a region of the BED file ``blacklist``."""
    if blacklist is None:
        return frame
    if not Path(blacklist).is_file():
        raise InputError(f"{blacklist}: no such file; normalise.blacklist is relative to the working directory")
    regions = read_peaks(blacklist)
    regions = on_chromosomes(regions, assembly, list(assembly.lengths), blacklist)
    hits = bioframe.count_overlaps(frame, regions[["chrom", "start", "end"]], return_input=False)["count"]
    return frame[hits.to_numpy() == 0].reset_index(drop=True)


def merge_peaks(frame: pd.DataFrame, chromosomes: list[str]) -> pd.DataFrame:
    """Return overlapping and touching intervals joined, sorted by ``chromosomes`` and start, with name, score and strand."""
    if not len(frame):
        return frame.assign(name="", strand=".")
    cluster = bioframe.cluster(frame, min_dist=0)["cluster"]
    merged = frame.groupby(cluster.to_numpy()).agg({"chrom": "first", "start": "min", "end": "max", "score": "max"})
    rank = merged["chrom"].map({chrom: place for place, chrom in enumerate(chromosomes)})
    merged = merged.assign(rank=rank).sort_values(["rank", "start"], ignore_index=True).drop(columns="rank")
    return merged.assign(name=[f"peak_{number}" for number in np.arange(1, len(merged) + 1)], strand=".")
