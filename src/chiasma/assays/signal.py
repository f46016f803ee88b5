"""Signal tracks: means over bins, what a base without a value is, and a track's quality."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from chiasma.assays.quality import check_within, quality_table
from chiasma.core.errors import ConfigError, InputError, unknown
from chiasma.core.log import log, progress
from chiasma.genome.bins import bin_edges, count_bins
from chiasma.genome.chromosomes import Assembly, held_names, study_names
from chiasma.genome.regions import cover_below, sum_over_bins
from chiasma.io import bam, bigwig
from chiasma.io.bed import read_bedgraph

POLICIES = ("zero", "zero_inside", "mask", "error")
PARTIAL = ("zero_inside", "mask")  # policies by which a file need not cover every chromosome
NORMALISATIONS = ("RPGC", "CPM")
MIN_COVERED = 0.5  # a masked policy keeps a bin when at least this fraction of its bases has a value
READS_BP = 10  # bamCoverage counts the reads that touch a bin: only a bin shorter than a read gives their depth
TOP = 0.01  # the bins whose share of the signal is reported

BinSums = Callable[
    [str], tuple[NDArray[np.float64], NDArray[np.int64]]
]  # chromosome -> sum of values, bases with a value
Contigs = Mapping[str, int] | Sequence[str]  # a file's chromosomes, with lengths where the format states them
NamesOf = Callable[[Contigs], dict[str, str]]  # a file's chromosomes -> the study's, each with the file's name of it


@dataclass(frozen=True)
class SignalConfig:
    """How a raw track becomes the study's.

    Attributes
    ----------
    chromosomes : chromosomes of the study
    track_bp : bin size
    missing : assay -> what a base without a value is, see `bin_means`; zero when not named
    bam_normalisation : RPGC or CPM, the unit of tracks made from reads
    effective_genome_bp : mappable genome size for RPGC; the assembly's length when None
    """

    chromosomes: tuple[str, ...]
    track_bp: int
    missing: Mapping[str, str] = field(default_factory=dict)
    bam_normalisation: str = "RPGC"
    effective_genome_bp: int | None = None

    def __post_init__(self) -> None:
        for assay, policy in dict(self.missing).items():
            if policy not in POLICIES:
                raise ConfigError(unknown("policy", policy, POLICIES, f"missing.{assay}"))
        if self.bam_normalisation not in NORMALISATIONS:
            raise ConfigError(unknown("normalisation", self.bam_normalisation, NORMALISATIONS, "bam_normalisation"))


def normalise_track(
    raw: str | Path, assembly: Assembly, config: SignalConfig, identity: tuple[str, str], path: str | Path
) -> pd.DataFrame:
    """Write the bin means of one track as bigWig, atomically, and return its quality (columns of ``tables.QC``).

    Parameters
    ----------
    raw : bigWig, bedGraph or BAM
    identity : sample and assay
    path : bigWig to write, chromosomes by the assembly's names; a masked bin is absent, a zero is a value

    Raises
    ------
    InputError
        When a study chromosome is absent or without any value and the policy is not one of `PARTIAL`, none has a value, a
        length differs, or a base lacks a value and the policy is error.
    """
    sample, assay = identity
    policy = config.missing.get(assay, "zero")
    lengths = {
        chrom: assembly.lengths[chrom] for chrom in (assembly.resolve(name, "study") for name in config.chromosomes)
    }
    choose_names = held_names if policy in PARTIAL else study_names
    names_of = partial(choose_names, assembly, chromosomes=config.chromosomes, where=str(raw))
    means, covered = {}, 0
    with _bin_sums(Path(raw), assembly, config, names_of) as bin_sums:
        for chrom in progress(lengths, f"bin {assay}"):
            sums, bases = bin_sums(chrom)
            if policy not in PARTIAL and not bases.any():
                raise InputError(
                    f"{raw}: no value on chromosome '{chrom}'; leave it out of the study, give a file that covers it, or "
                    f"set normalise.missing of '{assay}' to mask"
                )
            widths = np.diff(bin_edges(lengths[chrom], config.track_bp))
            means[chrom] = bin_means(sums, bases, widths, policy, f"{raw}: {assay} on {chrom}")
            covered += int(bases.sum())
    masked = count_masked(means, f"{raw}: {assay}")
    bigwig.write_bins(path, lengths, means, config.track_bp)
    metrics = {"covered_fraction": covered / sum(lengths.values()), "chromosomes_without_values": masked}
    return quality_table(sample, assay, metrics | track_quality(means))


def count_masked(means: Mapping[str, NDArray], where: str) -> int:
    """Return how many chromosomes have no bin with a value, with a warning; InputError when none has any."""
    masked = [chrom for chrom, values in means.items() if np.isnan(values).all()]
    if len(masked) == len(means):
        raise InputError(f"{where}: no value on any chromosome of the study ({', '.join(means)}); give another file")
    if masked:
        log.warning("%s: no value on %s: masked, so no tile there can have this track", where, ", ".join(masked))
    return len(masked)


def bin_means(sums: NDArray, covered: NDArray, widths: NDArray, policy: str, where: str) -> NDArray[np.float64]:
    """Return the mean of each bin's bases, (n_bins,).

    Parameters
    ----------
    sums : (n_bins,) sum of the values of the bin's bases
    covered : (n_bins,) bases with a value
    widths : (n_bins,) bases of the bin
    policy : zero counts a base without a value as 0, zero_inside only from the first bin with a value to the last, with nan
        outside: the file was cut to a region; mask takes the mean over bases with a value, nan where fewer than
        `MIN_COVERED` of them have one; error raises InputError when a base has none
    where : for messages
    """
    if policy == "zero":
        return sums / widths
    if policy == "error" and (covered < widths).any():
        first = int(np.flatnonzero(covered < widths)[0])
        raise InputError(
            f"{where}: {int((widths - covered).sum())} bases have no value, the first in bin {first} of {int(widths[0])} bp; "
            "set normalise.missing of this assay to zero or mask"
        )
    if policy == "zero_inside":
        seen = covered > 0
        inside = np.logical_or.accumulate(seen) & np.logical_or.accumulate(seen[::-1])[::-1]
        return np.where(inside, sums / widths, np.nan)
    kept = covered >= np.maximum(MIN_COVERED * widths, 1)
    return np.divide(sums, covered, out=np.full(len(sums), np.nan), where=kept)


def track_quality(means: Mapping[str, NDArray]) -> dict[str, float]:
    """Return a track's quality metrics from its bin means by chromosome."""
    values = np.concatenate(list(means.values()))
    known = values[~np.isnan(values)]
    if not len(known):
        return {"masked_bin_fraction": 1.0, "mean": np.nan, "max": np.nan, "top_1_percent_share": np.nan}
    top = np.sort(known)[-max(1, round(TOP * len(known))) :]
    share = top.sum() / known.sum() if known.sum() > 0 and known.min() >= 0 else np.nan
    return {
        "masked_bin_fraction": 1 - len(known) / len(values),
        "zero_bin_fraction": (known == 0).mean(),
        "mean": known.mean(),
        "max": known.max(),
        "top_1_percent_share": share,
    }


@contextmanager
def _bin_sums(raw: Path, assembly: Assembly, config: SignalConfig, names_of: NamesOf) -> Iterator[BinSums]:
    """Yield a function from the assembly's chromosome name to sums and covered bases, whatever the file's format.

    A chromosome that ``names_of`` leaves out has no base with a value.
    """
    name = raw.name.lower().removesuffix(".gz")
    if name.endswith((".bw", ".bigwig")):
        yield _from_bigwig(raw, assembly, config, names_of)
    elif name.endswith(".bedgraph"):
        yield _from_bedgraph(raw, assembly, config, names_of)
    elif name.endswith(".bam"):
        with TemporaryDirectory() as folder:
            reads = bam.indexed(raw, Path(folder))
            names_of(bam.read_chromosomes(reads))
            track = Path(folder) / "coverage.bw"
            genome_bp = config.effective_genome_bp or assembly.total_bp
            bin_bp = min(config.track_bp, READS_BP)
            bam.write_coverage(reads, track, bin_bp, config.bam_normalisation, genome_bp)
            yield _from_bigwig(track, assembly, config, names_of)
    else:
        raise InputError(f"{raw}: not a known signal file; expected .bw, .bigWig, .bedGraph(.gz) or .bam")


def _from_bigwig(raw: Path, assembly: Assembly, config: SignalConfig, names_of: NamesOf) -> BinSums:
    names = names_of(bigwig.read_chromosomes(raw))

    def bin_sums(chrom: str) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        if chrom not in names:
            n_bins = count_bins(assembly.lengths[chrom], config.track_bp)
            return np.zeros(n_bins), np.zeros(n_bins, np.int64)
        return bigwig.read_bin_sums(raw, names[chrom], config.track_bp)

    return bin_sums


def _from_bedgraph(raw: Path, assembly: Assembly, config: SignalConfig, names_of: NamesOf) -> BinSums:
    frame = read_bedgraph(raw)
    names = names_of(frame["chrom"].unique().tolist())

    def bin_sums(chrom: str) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        rows = frame[frame["chrom"] == names.get(chrom)]
        check_within(rows["start"], rows["end"], pd.Series(chrom, rows.index), assembly, str(raw))
        edges = bin_edges(assembly.lengths[chrom], config.track_bp)
        sums = sum_over_bins(rows["start"], rows["end"], rows["value"], edges, f"{raw}: {chrom}")
        return sums, np.diff(cover_below(rows["start"], rows["end"], edges))

    return bin_sums
