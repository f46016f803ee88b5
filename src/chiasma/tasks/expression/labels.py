"""The windows to train on: around the bins where transcription starts, and on a coarse grid between them.

Axes: I bins of a chromosome, n windows.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from chiasma.core.errors import ConfigError, InputError
from chiasma.tasks.expression.config import Config
from chiasma.tiles.arrays import TileArrays
from chiasma.tiles.index import check_tiles, check_trainable
from chiasma.tiles.targets import drop_unmeasured, target_places
from chiasma.tiles.window_grid import KEYS, in_genomic_order


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
    examples = drop_unmeasured(examples, arrays, [config.target])
    check_trainable(examples, f"splits, min_nonzero_fraction, and that a sample has {config.target}")
    return in_genomic_order(examples)


def check_target(config: Config, arrays: TileArrays) -> None:
    """Raise ConfigError unless the tileset's target number ``channel`` is the one that the configuration names."""
    (place,) = target_places(arrays, [config.target])
    if config.channel != place:
        raise ConfigError(
            f"{arrays.folder}: targets of the tileset: '{config.target}' is number {place} of {', '.join(arrays.meta.targets)}, "
            f"counted from 0, but channel is {config.channel}; set channel to {place}"
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
