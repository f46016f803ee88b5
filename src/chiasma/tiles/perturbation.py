"""Tiles as an experiment in the computer would change them: weaker tracks at chosen bins, or a missing modality.

Axes: B example, N contact bin of a window, P track bin of a contact bin, C track.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

MODALITIES = {"contacts": ("contacts", "expected", "valid"), "tracks": ("tracks",)}


def attenuate(
    examples: Mapping[str, np.ndarray], level: float, reach_bins: int, shift_bins: int = 0
) -> dict[str, np.ndarray]:
    """Return examples whose tracks are scaled by ``1 - level`` around both bins of the pair.

    Parameters
    ----------
    level : share of the signal that is taken away, 0 to 1
    reach_bins : contact bins on either side of the pair's own that are changed too
    shift_bins : the changed bins lie this far off the pair's own, to either side: a control; 0 for none
    """
    if not 0 <= level <= 1:
        raise ValueError(f"level must lie between 0 and 1, found {level:g}")
    bins = examples["contacts"].shape[-1]
    centres = {bins // 2 - shift_bins, bins // 2 + shift_bins}
    changed = np.abs(np.arange(bins)[:, None] - np.array(sorted(centres))).min(axis=1) <= reach_bins
    tracks_BSC = examples["tracks"]
    strips_BANPC = tracks_BSC.reshape(len(tracks_BSC), 2, bins, -1, tracks_BSC.shape[-1]).copy()
    strips_BANPC[:, :, changed] *= 1 - level
    return {**examples, "tracks": strips_BANPC.reshape(tracks_BSC.shape)}


def without(examples: Mapping[str, np.ndarray], modality: str) -> dict[str, np.ndarray]:
    """Return examples that lack a modality, contacts or tracks."""
    return {name: array for name, array in examples.items() if name not in MODALITIES[modality]}
