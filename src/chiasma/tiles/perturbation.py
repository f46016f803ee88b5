"""Tiles as an experiment in the computer would change them: weaker tracks at chosen bins, or a missing modality.

Axes: B example, A window of the pair, N contact bin of a window, K changed bin, P track bin of a contact bin, C track.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

MODALITIES = {"contacts": ("contacts", "expected", "valid"), "tracks": ("tracks",)}


def attenuate(
    examples: Mapping[str, np.ndarray], level: float, reach_bins: int, shift_bins: int = 0
) -> dict[str, np.ndarray]:
    """Return examples whose tracks are scaled by ``1 - level`` around both bins of the pair, in each window that shows them.

    The windows of a near pair overlap, so that either shows both bins: a bin is changed in both.

    Parameters
    ----------
    examples : with ``distance_bins``, the distance of the pair's bins
    level : share of the signal that is taken away, 0 to 1
    reach_bins : contact bins on either side of the pair's own that are changed too
    shift_bins : the changed bins lie this far outwards of the pair's own, as many bins as otherwise: a control; 0 for none
    """
    if not 0 <= level <= 1:
        raise ValueError(f"level must lie between 0 and 1, found {level:g}")
    bins = examples["contacts"].shape[-1]
    places_N, distance_B = np.arange(bins) - bins // 2, examples["distance_bins"].astype(np.int64)
    # bins that are changed, and the windows' middles, counted from the pair's first bin
    changed_BK = np.stack([np.full_like(distance_B, -shift_bins), distance_B + shift_bins], axis=1)
    origin_BA = np.stack([np.zeros_like(distance_B), distance_B], axis=1)
    centres_BAK = changed_BK[:, None] - origin_BA[:, :, None]
    changed_BAN = (np.abs(places_N[:, None] - centres_BAK[:, :, None]) <= reach_bins).any(axis=3)
    tracks_BSC = examples["tracks"]
    strips_BANPC = tracks_BSC.reshape(len(tracks_BSC), 2, bins, -1, tracks_BSC.shape[-1]).copy()
    strips_BANPC[changed_BAN] *= 1 - level
    return {**examples, "tracks": strips_BANPC.reshape(tracks_BSC.shape)}


def without(examples: Mapping[str, np.ndarray], modality: str) -> dict[str, np.ndarray]:
    """Return examples that lack a modality, contacts or tracks."""
    return {name: array for name, array in examples.items() if name not in MODALITIES[modality]}
