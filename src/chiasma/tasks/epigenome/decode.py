"""From predicted windows to profiles of whole regions: overlapping windows are averaged, their borders counting less.

Axes: I bins of a chromosome, N bins of a window, K targets, n windows.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from chiasma.contracts import Inputs
from chiasma.core.errors import InputError
from chiasma.tasks.epigenome.config import Config
from chiasma.tasks.epigenome.labels import check_targets
from chiasma.tiles.arrays import TileArrays
from chiasma.tiles.stitching import centres, predicted_regions, stitch_profile

Score = Callable[[pd.DataFrame], np.ndarray]  # rows sample, chrom, bin1, bin2 -> log2(1 + signal) (n, N, K)


def predict(config: Config, inputs: Inputs, score: Score) -> dict[str, dict[str, dict[str, np.ndarray]]]:
    """Return the profiles of one sample as ``tracks``: target -> chromosome -> predicted log2(1 + signal) (I,) float32.

    They are nan where nothing is predicted: outside the valid and test regions, and in bins that the map masks. Whether the
    sample's own targets were measured does not matter.

    Parameters
    ----------
    score : windows on the diagonal -> log2(1 + signal) (n, N, K)

    Raises
    ------
    ConfigError
        When the targets are not where the configuration says.
    InputError
        When the sample is unknown, or no window fits in the regions.
    """
    arrays = inputs.arrays
    check_targets(config, arrays)
    arrays.check_sample(inputs.sample)
    windows = predicted_windows(arrays, inputs.splits, inputs.sample)
    if windows.empty:
        raise InputError(
            f"sample '{inputs.sample}': no window of {arrays.meta.tile_bins} bins fits in a valid or test region; widen the splits"
        )
    values_nNK = np.asarray(score(windows))
    found: dict[str, dict[str, np.ndarray]] = {target: {} for target in config.targets}
    for chrom, rows in windows.groupby("chrom", sort=False).indices.items():
        valid_I, centre_n = arrays.valid(inputs.sample, str(chrom)), windows["bin1"].to_numpy(np.int64)[rows]
        for place, target in enumerate(config.targets):
            profile_I = stitch_profile(centre_n, values_nNK[rows, :, place], len(valid_I))
            found[target][str(chrom)] = np.where(valid_I, profile_I, np.float32("nan"))
    return {"tracks": found}


def predicted_windows(arrays: TileArrays, splits: pd.DataFrame, sample: str) -> pd.DataFrame:
    """Return the windows to predict, on the diagonal: sample, chrom, bin1, bin2, in genomic order; neighbours overlap by half."""
    frames, half = [], arrays.meta.half_bins
    for chrom in arrays.meta.chromosomes:
        regions = sorted(region for group in predicted_regions(arrays, splits, chrom) for region in group)
        centre = [centres(*region, half, half) for region in regions]
        frames.append(pd.DataFrame({"chrom": chrom, "bin1": np.concatenate([np.zeros(0, np.int64), *centre])}))
    windows = pd.concat(frames, ignore_index=True)
    return windows.assign(sample=sample, bin2=windows["bin1"])[["sample", "chrom", "bin1", "bin2"]]
