"""Quality numbers as rows of ``tables.QC``, and what every list of intervals is checked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from chiasma.core.errors import InputError
from chiasma.core.log import log
from chiasma.genome.chromosomes import Assembly


def quality_table(sample: str, assay: str, metrics: Mapping[str, float]) -> pd.DataFrame:
    """Return metrics by name as rows with the columns of ``tables.QC``."""
    return pd.DataFrame(
        {
            "sample": sample,
            "assay": assay,
            "metric": list(metrics),
            "value": [float(value) for value in metrics.values()],
        }
    )


def on_chromosomes(frame: pd.DataFrame, assembly: Assembly, chromosomes: list[str], where: str) -> pd.DataFrame:
    """Return the intervals on these chromosomes, by the assembly's names; InputError when one ends beyond its chromosome."""
    names = assembly.resolve_file(frame["chrom"].unique().tolist(), where)
    chrom = frame["chrom"].map(names)
    kept = frame.assign(chrom=chrom)[chrom.isin(chromosomes)].reset_index(drop=True)
    check_within(kept["start"], kept["end"], kept["chrom"], assembly, where)
    return kept


def check_within(starts: pd.Series, ends: pd.Series, chroms: pd.Series, assembly: Assembly, where: str) -> None:
    """Raise InputError when an interval ends beyond its chromosome; ``chroms`` are the assembly's names."""
    beyond = (ends > chroms.map(assembly.lengths)).to_numpy()
    if beyond.any():
        chrom, start, end = chroms[beyond].iloc[0], starts[beyond].iloc[0], ends[beyond].iloc[0]
        raise InputError(
            f"{where}: {chrom}:{start}-{end} ends beyond the chromosome's {assembly.lengths[chrom]} bp in {assembly.name}: "
            "the file is of another assembly"
        )


def count_empty(found: pd.Series, chromosomes: Sequence[str], what: str, where: str) -> int:
    """Return how many chromosomes of the study have no row, with a warning; InputError when none has any."""
    empty = [chrom for chrom in chromosomes if chrom not in set(found)]
    if len(empty) == len(chromosomes):
        raise InputError(f"{where}: no {what} on any chromosome of the study ({', '.join(chromosomes)})")
    if empty:
        log.warning("%s: no %s on %s", where, what, ", ".join(empty))
    return len(empty)
