"""Contacts by distance as training regions have them: what turns a predicted ratio into contacts.

Axes: I bins of a chromosome, D distance in bins.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from chiasma.assays.contacts import band_sums, smooth_decay
from chiasma.core.errors import InputError
from chiasma.core.log import log
from chiasma.tiles.arrays import TileArrays
from chiasma.tiles.regions import training_bins


def train_decay(arrays: TileArrays, splits: pd.DataFrame, sample: str) -> np.ndarray:
    """Return the mean contacts (D,) of a sample at each distance, over pairs of valid bins of training regions only.

    InputError when a sample is unknown, or its training regions hold no contacts.
    """
    arrays.check_sample(sample)
    sums_D, pairs_D = np.zeros(arrays.meta.band_bins), np.zeros(arrays.meta.band_bins, np.int64)
    for chrom in sorted(splits.loc[splits["split"] == "train", "chrom"].unique()):
        train_I = training_bins(arrays, splits, str(chrom)) & arrays.valid(sample, str(chrom))
        own_sums, own_pairs = band_sums(arrays.contacts(sample, str(chrom)), train_I)
        sums_D, pairs_D = sums_D + own_sums, pairs_D + own_pairs
    if not sums_D.sum() > 0:
        raise InputError(f"sample '{sample}': no contacts in training regions, so the decay with distance is not known")
    return smooth_decay(sums_D, pairs_D)


def expected_decay(arrays: TileArrays, splits: pd.DataFrame, examples: pd.DataFrame, sample: str) -> np.ndarray:
    """Return the contacts (D,) to expect of a sample at each distance.

    Those of its own training regions when the task trains on it. Else the mean of the training samples' decays, each
    scaled to their mean depth: of a sample that only tests, not even the depth is looked at.

    Parameters
    ----------
    examples : EXAMPLES table; the samples of its kept training rows are those the task trains on
    """
    arrays.check_sample(sample)
    trained = sorted(examples.loc[examples["kept"] & (examples["split"] == "train"), "sample"].unique())
    if sample in trained:
        return train_decay(arrays, splits, sample)
    if not trained:
        raise InputError(
            "examples: no sample has kept training windows, so no decay with distance is known; label again"
        )
    log.info("sample '%s' is not trained on: its map has the mean decay of %s", sample, ", ".join(trained))
    decays = np.stack([train_decay(arrays, splits, name) for name in trained])
    depths = decays.sum(axis=1)
    return depths.mean() * (decays / depths[:, None]).mean(axis=0)
