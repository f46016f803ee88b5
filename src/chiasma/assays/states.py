"""States of chromatin: what each stretch of a chromosome is, by the assembly's names, sorted, one state at a place."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from chiasma.assays.quality import count_empty, on_chromosomes, quality_table
from chiasma.core.errors import InputError
from chiasma.genome.chromosomes import Assembly
from chiasma.io.bed import STATE_COLUMNS, read_states, write_intervals


@dataclass(frozen=True)
class StatesConfig:
    """Which states are the study's: those on its ``chromosomes``."""

    chromosomes: tuple[str, ...]


def normalise_state_file(
    raw: str | Path, assembly: Assembly, config: StatesConfig, identity: tuple[str, str], path: str | Path
) -> pd.DataFrame:
    """Write the study's states of one annotation as BED, atomically, and return their quality (``tables.QC``).

    Parameters
    ----------
    raw : BED, the state in the fourth column
    identity : sample and assay
    path : BED to write, columns chrom start end name: sorted, stretches of one state that touch joined

    Raises
    ------
    InputError
        When no state lies on a study chromosome, two lie at one place, one lies beyond its chromosome, or a name is ambiguous.
    """
    sample, assay = identity
    chromosomes = [assembly.resolve(name, "study") for name in config.chromosomes]
    found = read_states(raw)
    inside = on_chromosomes(found, assembly, chromosomes, str(raw))
    states = join_states(inside, chromosomes, str(raw))
    empty = count_empty(states["chrom"], chromosomes, "states", str(raw))
    write_intervals(states, path)
    length = states["end"] - states["start"]
    total_bp = sum(assembly.lengths[chrom] for chrom in chromosomes)
    metrics = {
        "rows": len(found),
        "rows_outside_study": len(found) - len(inside),
        "stretches": len(states),
        "states": states["name"].nunique(),
        "chromosomes_without_states": empty,
        "covered_fraction": length.sum() / total_bp,
    } | {f"fraction_{name}": bases / total_bp for name, bases in length.groupby(states["name"]).sum().items()}
    return quality_table(sample, assay, metrics)


def join_states(frame: pd.DataFrame, chromosomes: list[str], where: str) -> pd.DataFrame:
    """Return states sorted by ``chromosomes`` and place, those of one name that touch joined; InputError where two overlap.

    Parameters
    ----------
    frame : columns chrom, start, end, name
    """
    rank = frame["chrom"].map({chrom: place for place, chrom in enumerate(chromosomes)})
    ordered = frame.assign(rank=rank).sort_values(["rank", "start"], kind="stable", ignore_index=True)
    before = ordered.shift(1, fill_value=-1)
    same_chrom = ordered["chrom"] == before["chrom"]
    twice = ordered[same_chrom & (ordered["start"] < before["end"])]
    if len(twice):
        chrom, start, end, name = twice[list(STATE_COLUMNS)].iloc[0]
        other = before.loc[twice.index[0], "name"]
        raise InputError(
            f"{where}: {chrom}:{start}-{end} is '{name}' and overlaps a stretch of '{other}'; expected one state at a place"
        )
    touches = same_chrom & (ordered["start"] == before["end"]) & (ordered["name"] == before["name"])
    stretch = ordered.groupby((~touches).cumsum())
    joined = stretch.agg(
        chrom=("chrom", "first"), start=("start", "first"), end=("end", "last"), name=("name", "first")
    )
    return joined[list(STATE_COLUMNS)].reset_index(drop=True)
