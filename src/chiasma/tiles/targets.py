"""What is measured of a tileset's targets: where each stands, and in which windows there is something to learn.

Axes: I bins of a chromosome, K targets, n windows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from chiasma.core.errors import ConfigError, InputError, unknown
from chiasma.tiles.arrays import TileArrays

NO_TARGET = "no_target"


def target_places(arrays: TileArrays, targets: Sequence[str]) -> list[int]:
    """Return the places of targets among the tileset's, counted from 0; ConfigError for one that it does not have."""
    for target in targets:
        if target not in arrays.meta.targets:
            where = f"{arrays.folder}: targets of the tileset"
            raise ConfigError(unknown("target", target, arrays.meta.targets, where))
    return [arrays.meta.targets.index(target) for target in targets]


def drop_unmeasured(windows: pd.DataFrame, arrays: TileArrays, targets: Sequence[str]) -> pd.DataFrame:
    """Return windows on the diagonal, those dropped in which no target was measured in any bin, for the reason no_target.

    InputError where the signal of a target is negative.

    Parameters
    ----------
    windows : sample, chrom, bin1, kept and reason, and any others
    """
    half, measured_n = arrays.meta.half_bins, np.zeros(len(windows), bool)
    bin_n = windows["bin1"].to_numpy(np.int64)
    for place, rows in windows.groupby(["sample", "chrom"], sort=False).indices.items():
        signal_IK = arrays.targets(*place)[:, target_places(arrays, targets)]
        check_signal(signal_IK, targets, f"{arrays.folder}: {' '.join(place)}")
        known = np.concatenate([[0], np.cumsum(np.isfinite(signal_IK).any(axis=1))])
        low, high = (np.clip(bin_n[rows] + shift, 0, len(signal_IK)) for shift in (-half, half))
        measured_n[rows] = known[high] > known[low]
    kept_n = windows["kept"].to_numpy(bool)
    reason = windows["reason"].mask(kept_n & ~measured_n, NO_TARGET)
    return windows.assign(kept=kept_n & measured_n, reason=reason)


def check_signal(signal_IK: np.ndarray, targets: Sequence[str], where: str) -> None:
    """Raise InputError for a target whose signal is negative in a bin."""
    for target, signal_I in zip(targets, signal_IK.T, strict=True):
        if (signal_I < 0).any():
            raise InputError(
                f"{where}: {target} is {np.nanmin(signal_I):g} in a bin; log2(1 + signal) wants signal that is never negative: "
                "give coverage, not a difference, a log ratio or a signed strand"
            )


def learning_bins(
    arrays: TileArrays, examples: pd.DataFrame, split: str
) -> Iterator[tuple[tuple[str, str], np.ndarray]]:
    """Yield each (sample, chromosome) and the bins (n,) in its kept windows of ``split``, rising, each once.

    Parameters
    ----------
    examples : EXAMPLES table of windows on the diagonal
    """
    half, own = arrays.meta.half_bins, examples[examples["kept"] & (examples["split"] == split)]
    for (sample, chrom), rows in own.groupby(["sample", "chrom"], sort=True):
        yield (str(sample), str(chrom)), np.unique(rows["bin1"].to_numpy(np.int64)[:, None] + np.arange(-half, half))
