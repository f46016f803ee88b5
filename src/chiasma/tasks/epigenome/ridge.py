"""Ridge regression of each signal on features of contacts: what a map tells without a network.

All that is kept of the bins are sums of products, so memory does not grow with the genome.

Axes: I bins of a chromosome, K targets, F features, G = 1 + F + 1: a one, the features, the signal.
"""

from __future__ import annotations

import numpy as np

from chiasma.contracts import Inputs
from chiasma.core.errors import InputError
from chiasma.nn.ridge import choose_line
from chiasma.tasks.epigenome.config import Config, Ridge
from chiasma.tasks.epigenome.features import features
from chiasma.tasks.epigenome.signal import learning_signal
from chiasma.tiles.stitching import Place, Profile


def build_ridge(config: Config, numbers: Ridge, inputs: Inputs) -> Profile:
    """Return place -> predicted log2(1 + signal) (I, K), fitted to the training bins of all samples."""

    def values(place: Place) -> np.ndarray:
        return features(inputs.arrays, place, numbers)

    train_KGG, valid_KGG = (products(config, inputs, split, values) for split in ("train", "valid"))
    lines = [
        choose_line(train_GG, valid_GG, numbers.alphas, f"ridge: {target}")
        for target, train_GG, valid_GG in zip(config.targets, train_KGG, valid_KGG, strict=True)
    ]
    intercept_K, weights_KF = np.array([line[0] for line in lines]), np.stack([line[1:] for line in lines])
    return lambda place: intercept_K + values(place) @ weights_KF.T


def products(config: Config, inputs: Inputs, split: str, values: Profile) -> np.ndarray:
    """Return the sums of products (K, G, G) of a one, features and signal over the bins of ``split`` that have the signal.

    InputError when a target was measured in no training bin.

    Parameters
    ----------
    values : place -> features (I, F)
    """
    total_KGG = None
    for place, bins, signal_nK in learning_signal(config, inputs, split):
        if not np.isfinite(signal_nK).any():
            continue
        x_nF = values(place)[bins]
        if total_KGG is None:
            total_KGG = np.zeros((len(config.targets), x_nF.shape[1] + 2, x_nF.shape[1] + 2))
        for sums_GG, y_n in zip(total_KGG, signal_nK.T, strict=True):
            known = np.isfinite(y_n)
            z_nG = np.column_stack([np.ones(known.sum()), x_nF[known], y_n[known]])
            sums_GG += z_nG.T @ z_nG
    found_KGG = np.zeros((len(config.targets), 2, 2)) if total_KGG is None else total_KGG
    for target, sums_GG in zip(config.targets, found_KGG, strict=True):
        if split == "train" and not sums_GG[0, 0]:
            raise InputError(f"{target} was measured in no training bin; label again with other splits or samples")
    return found_KGG
