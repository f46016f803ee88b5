"""The windows to train on: around the bins where transcription starts, and on a coarse grid between them.

Axes: I bins of a chromosome, n windows.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from chiasma.core.errors import ConfigError, InputError, unknown
from chiasma.schema.tables import EXAMPLES
from chiasma.tasks.expression.config import Config
from chiasma.tiles.arrays import TileArrays
from chiasma.tiles.index import check_tiles, check_trainable

KEYS = ["sample", "chrom", "bin1", "bin2"]
NO_TARGET = "no_target"


def read(path: Path) -> pd.DataFrame:
    """Read where transcription starts in one sample, a BED file: one base for each start of a gene."""
    from chiasma.io.genes import read_genes

    return read_genes(path)


def build_examples(
    config: Config, arrays: TileArrays, splits: pd.DataFrame, labels: Mapping[str, pd.DataFrame]
) -> pd.DataFrame:
    """Return the windows of all samples as an EXAMPLES table, in genomic order, each with label 1.

    Parameters
    ----------
    config : numbers of the task
    arrays : the tileset the windows are cut from
    splits : SPLITS table
    labels : sample -> frame with chrom start end, the one base where transcription starts, 0-based half-open bp

    Raises
    ------
    ConfigError
        When the target is not where the configuration says.
    InputError
        When a sample has no arrays, its genes are of other chromosomes or no starts, its target has negative signal, or no
        window is left to train on.
    """
    check_target(config, arrays)
    drawn = [draw_windows(config, arrays, sample, genes) for sample, genes in labels.items()]
    windows = pd.concat(drawn, ignore_index=True) if drawn else pd.DataFrame(columns=[*KEYS, "source"])
    examples = check_tiles(arrays, splits, windows.assign(label=1), config.min_nonzero_fraction)
    unmeasured = examples["kept"].to_numpy(bool) & ~has_target(config, arrays, examples)
    examples.loc[unmeasured, ["kept", "reason"]] = False, NO_TARGET
    check_trainable(examples, f"splits, min_nonzero_fraction, and that a sample has {config.target}")
    return examples.sort_values(KEYS, kind="stable")[EXAMPLES.names].reset_index(drop=True)


def check_target(config: Config, arrays: TileArrays) -> None:
    """Raise ConfigError unless the tileset's target number ``channel`` is the one that the configuration names."""
    targets, where = arrays.meta.targets, f"{arrays.folder}: targets of the tileset"
    if config.target not in targets:
        raise ConfigError(unknown("target", config.target, targets, where))
    if config.channel != targets.index(config.target):
        raise ConfigError(
            f"{where}: '{config.target}' is number {targets.index(config.target)} of {', '.join(targets)}, counted from 0, but "
            f"channel is {config.channel}; set channel to {targets.index(config.target)}"
        )


def draw_windows(config: Config, arrays: TileArrays, sample: str, genes: pd.DataFrame) -> pd.DataFrame:
    """Return one window per bin of one sample where transcription starts, and those of the grid whose bin is none of them."""
    starts = start_bins(arrays, sample, genes)
    frames = []
    for chrom in arrays.meta.chromosomes:
        own, grid = starts.get(chrom, np.zeros(0, np.int64)), grid_bins(config, arrays, chrom)
        for source, bins in (("tss", own), ("background", np.setdiff1d(grid, own))):
            frames.append(pd.DataFrame({"chrom": chrom, "bin1": bins, "bin2": bins, "source": source}))
    return pd.concat(frames, ignore_index=True).assign(sample=sample)


def start_bins(arrays: TileArrays, sample: str, genes: pd.DataFrame) -> dict[str, np.ndarray]:
    """Return chromosome -> the bins (n,) where transcription starts, each once, rising; other chromosomes are left out.

    Parameters
    ----------
    genes : frame with chrom start end

    Raises
    ------
    InputError
        When an interval is longer than one base or beyond its chromosome, or none lies on the arrays' chromosomes.
    """
    where, lengths = f"genes of sample '{sample}'", arrays.meta.chromosomes
    own = genes[genes["chrom"].isin(list(lengths))]
    if own.empty:
        found = ", ".join(sorted(set(genes["chrom"]))[:5]) or "none: the file has no genes"
        raise InputError(f"{where}: no gene lies on {', '.join(lengths)} (chromosomes found: {found})")
    faults = {
        "is longer than the one base where transcription starts; normalise the genes first": own["end"] - own["start"]
        != 1,
        "lies beyond the chromosome's end; are the genes of another assembly?": own["end"] > own["chrom"].map(lengths),
    }
    for fault, rows in faults.items():
        if rows.any():
            row = own[rows].iloc[0]
            raise InputError(f"{where}: {row['chrom']}:{row['start']}-{row['end']} {fault}")
    bins = own["start"] // arrays.meta.resolution_bp
    return {str(chrom): np.unique(each.to_numpy(np.int64)) for chrom, each in bins.groupby(own["chrom"])}


def grid_bins(config: Config, arrays: TileArrays, chrom: str) -> np.ndarray:
    """Return the bins (n,) that windows of the coarse grid are centred on; the first touches the chromosome's start."""
    stride = config.background_stride_bins
    return np.arange(arrays.meta.half_bins, arrays.meta.bins(chrom), stride) if stride else np.zeros(0, np.int64)


def has_target(config: Config, arrays: TileArrays, windows: pd.DataFrame) -> np.ndarray:
    """Return whether the target was measured in any bin of each window (n,); InputError where the signal is negative."""
    found_n, half = np.zeros(len(windows), bool), arrays.meta.half_bins
    bin1 = windows["bin1"].to_numpy(np.int64)
    for (sample, chrom), rows in windows.groupby(["sample", "chrom"]).indices.items():
        signal_I = arrays.targets(sample, chrom)[:, config.channel]
        if (signal_I < 0).any():
            raise InputError(
                f"{arrays.folder}: {sample} {chrom}: {config.target} is {np.nanmin(signal_I):g} in a bin; log2(1 + signal) wants "
                "signal that is never negative: give coverage, not a difference or a signed strand"
            )
        measured = np.concatenate([[0], np.cumsum(np.isfinite(signal_I))])
        low, high = (np.clip(bin1[rows] + shift, 0, len(signal_I)) for shift in (-half, half))
        found_n[rows] = measured[high] > measured[low]
    return found_n
