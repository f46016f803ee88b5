"""Loops as a laboratory or a caller published them, or as the pairs of peaks: anchors in order, each pair once."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from chiasma.assays.quality import check_within, count_empty, quality_table
from chiasma.core.errors import ConfigError, InputError
from chiasma.genome.chromosomes import Assembly
from chiasma.io.bed import read_peaks
from chiasma.io.bedpe import ANCHORS, read_bedpe, write_bedpe

SWAPPED = {"start1": "start2", "end1": "end2", "start2": "start1", "end2": "end1"}


@dataclass(frozen=True)
class LoopsConfig:
    """Which loops are the study's: those within one of its ``chromosomes``."""

    chromosomes: tuple[str, ...]


@dataclass(frozen=True)
class PairsConfig:
    """Which pairs of peaks are loops.

    Attributes
    ----------
    min_distance_bp, max_distance_bp : distances between the peaks' middles, both included
    """

    min_distance_bp: int
    max_distance_bp: int

    def __post_init__(self) -> None:
        if not 0 < self.min_distance_bp <= self.max_distance_bp:
            raise ConfigError(
                f"min_distance_bp {self.min_distance_bp} and max_distance_bp {self.max_distance_bp} must be positive and in order"
            )


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


def pair_peak_file(peaks: str | Path, config: PairsConfig, identity: tuple[str, str], path: str | Path) -> pd.DataFrame:
    """Write the pairs of a peak file as BEDPE, atomically, and return their quality (columns of ``tables.QC``).

    Parameters
    ----------
    peaks : BED as `chiasma.assays.accessibility.normalise_peak_file` writes it
    identity : sample and the assay that the pairs become
    path : BEDPE to write, without scores: a pair of peaks was not measured

    Raises
    ------
    InputError
        When no two peaks lie at such a distance.
    """
    found = read_peaks(peaks)
    loops = pair_peaks(found, config)
    chromosomes = found["chrom"].unique().tolist()
    empty = count_empty(loops["chrom1"], chromosomes, "pairs of peaks", str(peaks))
    write_bedpe(loops, path)
    anchors = pd.concat([loops[["chrom1", f"start{end}"]].set_axis(["chrom", "start"], axis=1) for end in ("1", "2")])
    metrics = {
        "peaks": len(found),
        "peaks_without_partner": len(found) - len(anchors.drop_duplicates()),
        "loops": len(loops),
        "chromosomes_without_loops": empty,
        "distance_median_bp": (_middle(loops, "2") - _middle(loops, "1")).median(),
    }
    return quality_table(*identity, metrics)


def pair_peaks(peaks: pd.DataFrame, config: PairsConfig) -> pd.DataFrame:
    """Return every two peaks of one chromosome at the distances asked for, as anchors in order with a score of nan.

    Parameters
    ----------
    peaks : columns chrom, start, end; no two of a chromosome overlap, and a chromosome's rows stand together
    """
    frames = [_pairs_within(own.sort_values("start"), config) for _, own in peaks.groupby("chrom", sort=False)]
    return pd.concat(frames, ignore_index=True).assign(score=np.nan)


def _pairs_within(peaks: pd.DataFrame, config: PairsConfig) -> pd.DataFrame:
    """Return the pairs of one chromosome's peaks, sorted by start, by first and second peak."""
    middle = ((peaks["start"] + peaks["end"]) // 2).to_numpy()
    nearest = np.searchsorted(middle, middle + config.min_distance_bp, side="left")
    beyond = np.searchsorted(middle, middle + config.max_distance_bp, side="right")
    partners = np.maximum(beyond - nearest, 0)
    first = np.repeat(np.arange(len(peaks)), partners)
    place = np.arange(len(first)) - np.repeat(np.cumsum(partners) - partners, partners)  # among the first peak's pairs
    sides = []
    for end, at in (("1", first), ("2", nearest[first] + place)):
        anchors = peaks[["chrom", "start", "end"]].iloc[at].reset_index(drop=True)
        sides.append(anchors.add_suffix(end))
    return pd.concat(sides, axis=1)


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
