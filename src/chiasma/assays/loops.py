"""Loops as a laboratory or a caller published them: the assembly's names, anchors in order, each pair once."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from chiasma.assays.quality import check_within, count_empty, quality_table
from chiasma.core.errors import InputError
from chiasma.genome.chromosomes import Assembly
from chiasma.io.bedpe import ANCHORS, read_bedpe, write_bedpe

SWAPPED = {"start1": "start2", "end1": "end2", "start2": "start1", "end2": "end1"}


@dataclass(frozen=True)
class LoopsConfig:
    """Which loops are the study's: those within one of its ``chromosomes``."""

    chromosomes: tuple[str, ...]


def normalise_loop_file(
    raw: str | Path, assembly: Assembly, config: LoopsConfig, identity: tuple[str, str], path: str | Path
) -> pd.DataFrame:
    """Write the study's loops of one file as BEDPE, atomically, and return their quality (columns of ``tables.QC``).

    Parameters
    ----------
    raw : BEDPE
    identity : sample and assay
    path : BEDPE to write: within chromosomes, first anchor first, sorted, each pair once, with its largest score

    Raises
    ------
    InputError
        When no loop lies on a study chromosome, an anchor ends beyond its chromosome, or a name is ambiguous.
    """
    sample, assay = identity
    chromosomes = [assembly.resolve(name, "study") for name in config.chromosomes]
    found = read_bedpe(raw)
    if not len(found):
        raise InputError(f"{raw}: no loops in the file")
    named = name_anchors(found, assembly, str(raw))
    cis = named[named["chrom1"] == named["chrom2"]]
    inside = cis[cis["chrom1"].isin(chromosomes)]
    for end in ("1", "2"):
        check_within(inside[f"start{end}"], inside[f"end{end}"], inside[f"chrom{end}"], assembly, str(raw))
    loops = order_anchors(inside, chromosomes)
    empty = count_empty(loops["chrom1"], chromosomes, "loops", str(raw))
    write_bedpe(loops, path)
    metrics = {
        "rows": len(found),
        "rows_between_chromosomes": len(named) - len(cis),
        "rows_outside_study": len(found) - len(named) + len(cis) - len(inside),
        "rows_duplicated": len(inside) - len(loops),
        "loops": len(loops),
        "chromosomes_without_loops": empty,
        "distance_median_bp": (_middle(loops, "2") - _middle(loops, "1")).median(),
    }
    return quality_table(sample, assay, metrics)


def name_anchors(frame: pd.DataFrame, assembly: Assembly, where: str) -> pd.DataFrame:
    """Return the rows with both anchors in the assembly, by its chromosome names."""
    names = assembly.resolve_file(pd.unique(frame[["chrom1", "chrom2"]].to_numpy().ravel()).tolist(), where)
    named = frame.assign(chrom1=frame["chrom1"].map(names), chrom2=frame["chrom2"].map(names))
    return named.dropna(subset=["chrom1", "chrom2"]).reset_index(drop=True)


def order_anchors(frame: pd.DataFrame, chromosomes: list[str]) -> pd.DataFrame:
    """Return loops within chromosomes with the first anchor first, sorted by ``chromosomes`` and position.

    Each pair stands there once, with the largest of its scores.
    """
    later = (frame["start1"] > frame["start2"]) | (
        (frame["start1"] == frame["start2"]) & (frame["end1"] > frame["end2"])
    )
    ordered = frame.copy()
    for column, other in SWAPPED.items():
        ordered[column] = np.where(later, frame[other], frame[column])
    rank = ordered["chrom1"].map({chrom: place for place, chrom in enumerate(chromosomes)})
    ordered = ordered.assign(rank=rank).sort_values(
        ["rank", "start1", "start2", "end1", "end2", "score"], ascending=[True] * 5 + [False], na_position="last"
    )
    return ordered[[*ANCHORS, "score"]].drop_duplicates(list(ANCHORS), ignore_index=True)


def _middle(frame: pd.DataFrame, end: str) -> pd.Series:
    return (frame[f"start{end}"] + frame[f"end{end}"]) // 2
