"""How MIX-HIC reads an example: contacts as channels, tracks on a log scale, and the other strand in training.

Axes: B example, C channel, N contact bin, S track bin of both strips.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import torch
from torch import Tensor

from chiasma.contracts import Examples
from chiasma.families.mixhic.config import Config

KR_CEILING = 255.0


def log_oe(contacts_BNN: np.ndarray, expected_BNN: np.ndarray, config: Config) -> np.ndarray:
    """Return log2 of observed over expected, with ``pseudo_contacts`` added to both, bounded by ``clip_log2_oe``."""
    ratio = np.log2((contacts_BNN + config.pseudo_contacts) / (expected_BNN + config.pseudo_contacts))
    return np.clip(ratio, -config.clip_log2_oe, config.clip_log2_oe)


def log1p(contacts_BNN: np.ndarray, expected_BNN: np.ndarray, config: Config) -> np.ndarray:
    """Return the natural log of one plus the contacts."""
    return np.log1p(contacts_BNN)


def kr_clip255(contacts_BNN: np.ndarray, expected_BNN: np.ndarray, config: Config) -> np.ndarray:
    """Return contacts up to 255, over 255, as published (spec 1.2)."""
    return np.minimum(contacts_BNN, KR_CEILING) / KR_CEILING


CHANNELS: dict[str, tuple[Callable[..., np.ndarray], ...]] = {
    "log_oe_log1p": (log_oe, log1p),
    "log_oe": (log_oe,),
    "log1p": (log1p,),
    "kr_clip255": (kr_clip255,),
}


def contact_channels(examples: Examples, config: Config) -> np.ndarray:
    """Return (B, C, N, N) float32; a pixel without a value is taken as expected, or as 0 by ``kr_clip255``."""
    expected_BNN = np.asarray(examples["expected"], dtype=np.float32)
    neutral = 0.0 if config.contact_transform == "kr_clip255" else expected_BNN
    contacts_BNN = np.where(examples["valid"], np.asarray(examples["contacts"], dtype=np.float32), neutral)
    channels = [transform(contacts_BNN, expected_BNN, config) for transform in CHANNELS[config.contact_transform]]
    return np.stack(channels, axis=1).astype(np.float32, copy=False)


def track_channels(examples: Examples, config: Config) -> np.ndarray:
    """Return (B, S, C) float32: log2 of one plus the signal, or the signal; negative signal counts as 0 for the log."""
    tracks_BSC = np.asarray(examples["tracks"], dtype=np.float32)
    return tracks_BSC if config.track_transform == "raw" else np.log2(1 + np.maximum(tracks_BSC, 0))


def flip_strand(contacts_BCNN: np.ndarray, tracks_BSC: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the same pairs read along the other strand.

    Both axes are reversed about the central bin and change places, so the pair's pixel stays where it is and the pixels
    nearer the diagonal stay on their side; the strips are reversed bin by bin, base by base, and change places. The one
    bin that the reflection would take from outside the tile repeats its neighbour.
    """
    bins = contacts_BCNN.shape[-1]
    order = np.clip(2 * (bins // 2) - np.arange(bins), 0, bins - 1)
    flipped_BCNN = contacts_BCNN[:, :, order][:, :, :, order].swapaxes(2, 3)
    strips_BANPC = tracks_BSC.reshape(len(tracks_BSC), 2, bins, -1, tracks_BSC.shape[-1])
    return flipped_BCNN, strips_BANPC[:, ::-1, order, ::-1].reshape(tracks_BSC.shape)


def augment(
    contacts_BCNN: np.ndarray, tracks_BSC: np.ndarray, config: Config, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Return the arrays with a share of examples flipped and noise on the tracks; the inputs are left as they are."""
    flip_B = rng.random(len(contacts_BCNN)) < config.flip_probability
    if flip_B.any():
        contacts_BCNN, tracks_BSC = contacts_BCNN.copy(), tracks_BSC.copy()
        contacts_BCNN[flip_B], tracks_BSC[flip_B] = flip_strand(contacts_BCNN[flip_B], tracks_BSC[flip_B])
    if config.track_noise > 0:
        tracks_BSC = tracks_BSC + config.track_noise * rng.standard_normal(tracks_BSC.shape, dtype=np.float32)
    return contacts_BCNN, tracks_BSC


def encode(examples: Examples, config: Config, rng: np.random.Generator | None) -> Mapping[str, Tensor]:
    """Return ``contacts`` (B, C, N, N) and ``tracks`` (B, S, C), float32; augmented when ``rng`` is given."""
    contacts_BCNN, tracks_BSC = contact_channels(examples, config), track_channels(examples, config)
    if rng is not None:
        contacts_BCNN, tracks_BSC = augment(contacts_BCNN, tracks_BSC, config, rng)
    return {
        "contacts": torch.from_numpy(np.ascontiguousarray(contacts_BCNN)),
        "tracks": torch.from_numpy(np.ascontiguousarray(tracks_BSC)),
    }
