"""The windows to train on: tiles of the diagonal where a signal was measured.

Axes: I bins of a chromosome, K targets, n windows.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from chiasma.core.errors import ConfigError, InputError, unknown
from chiasma.core.log import progress
from chiasma.schema.tables import EXAMPLES
from chiasma.tasks.epigenome.config import Config
from chiasma.tiles.arrays import TileArrays
from chiasma.tiles.index import check_tiles, check_trainable

KEYS = ["sample", "chrom", "bin1", "bin2"]
NO_TARGET = "no_target"


def build_examples(
    config: Config, arrays: TileArrays, splits: pd.DataFrame, labels: Mapping[str, pd.DataFrame]
) -> pd.DataFrame:
    """Return the windows of all samples as an EXAMPLES table, in genomic order, each with label 1.

    Parameters
    ----------
    config : numbers of the task
    arrays : the tileset the windows are cut from
    splits : SPLITS table
    labels : nothing

    Raises
    ------
    ConfigError
        When the targets are not where the configuration says.
    InputError
        When a target has negative signal, or no window is left to train on.
    """
    check_targets(config, arrays)
    places = [(sample, chrom) for sample in arrays.meta.samples for chrom in arrays.meta.chromosomes]
    frames = []
    for sample, chrom in progress(places, "windows"):
        bins = np.arange(arrays.meta.half_bins, arrays.meta.bins(chrom), config.stride_bins)  # the first at the start
        drawn = pd.DataFrame({"bin1": bins, "bin2": bins}).assign(sample=sample, chrom=chrom, source="tiling", label=1)
        found = check_tiles(arrays, splits, drawn, config.min_nonzero_fraction)
        unmeasured = found["kept"].to_numpy(bool) & ~has_target(config, arrays, (sample, chrom), bins)
        found.loc[unmeasured, ["kept", "reason"]] = False, NO_TARGET
        frames.append(found)
    examples = pd.concat(frames, ignore_index=True)
    check_trainable(examples, f"splits, min_nonzero_fraction, and that a sample has {' or '.join(config.targets)}")
    return examples.sort_values(KEYS, kind="stable")[EXAMPLES.names].reset_index(drop=True)


def check_targets(config: Config, arrays: TileArrays) -> None:
    """Raise ConfigError unless the tileset's targets of the configuration's places are those that it names."""
    known, where = arrays.meta.targets, f"{arrays.folder}: targets of the tileset"
    for target in config.targets:
        if target not in known:
            raise ConfigError(unknown("target", target, known, where))
    places = [known.index(target) for target in config.targets]
    if config.places != places:
        raise ConfigError(
            f"{where}: {', '.join(config.targets)} are numbers {places} of {', '.join(known)}, counted from 0, but channels say "
            f"{config.places}; set channels to {places}"
        )


def has_target(config: Config, arrays: TileArrays, place: tuple[str, str], bins_n: np.ndarray) -> np.ndarray:
    """Return whether any target was measured in any bin of the windows (n,); InputError where a signal is negative.

    Parameters
    ----------
    place : sample, chromosome
    bins_n : bins that the windows are centred on
    """
    signal_IK, half = arrays.targets(*place)[:, config.places], arrays.meta.half_bins
    for target, signal_I in zip(config.targets, signal_IK.T, strict=True):
        if (signal_I < 0).any():
            raise InputError(
                f"{arrays.folder}: {' '.join(place)}: {target} is {np.nanmin(signal_I):g} in a bin; log2(1 + signal) wants signal "
                "that is never negative: give coverage, not a difference or a log ratio"
            )
    measured = np.concatenate([[0], np.cumsum(np.isfinite(signal_IK).any(axis=1))])
    low_n, high_n = (np.clip(bins_n + shift, 0, len(signal_IK)) for shift in (-half, half))
    return measured[high_n] > measured[low_n]
