"""How MIX-HIC reads an example: contacts as channels, tracks on a log scale, and the other strand in training.

Axes: B example, C channel, N contact bin, S track bin of both strips.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import torch
from torch import Tensor

from chiasma.assays.scales import fill_missing, log2_oe, log2_signal
from chiasma.contracts import Examples
from chiasma.families.mixhic.config import Config
from chiasma.tiles.strand import flip_strand

KR_CEILING = 255.0


def log_oe(contacts_BNN: np.ndarray, expected_BNN: np.ndarray, config: Config) -> np.ndarray:
    """Return log2 of observed over expected, with ``pseudo_contacts`` added to both, bounded by ``clip_log2_oe``."""
    return log2_oe(contacts_BNN, expected_BNN, config.pseudo_contacts, config.clip_log2_oe)


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
    contacts_BNN = fill_missing(examples["contacts"], neutral, examples["valid"])
    channels = [transform(contacts_BNN, expected_BNN, config) for transform in CHANNELS[config.contact_transform]]
    return np.stack(channels, axis=1).astype(np.float32, copy=False)


def track_channels(examples: Examples, config: Config) -> np.ndarray:
    """Return (B, S, C) float32: log2 of one plus the signal, or the signal; negative signal counts as 0 for the log."""
    tracks_BSC = np.asarray(examples["tracks"], dtype=np.float32)
    return tracks_BSC if config.track_transform == "raw" else log2_signal(tracks_BSC)


def augment(examples: Examples, config: Config, rng: np.random.Generator) -> Examples:
    """Return the examples with a share of them, drawn at random, read along the other strand."""
    return flip_strand(examples, rng.random(len(examples["tracks"])) < config.flip_probability)


def encode(examples: Examples, config: Config, rng: np.random.Generator | None) -> Mapping[str, Tensor]:
    """Return ``contacts`` (B, C, N, N) and ``tracks`` (B, S, C), float32, of those that the examples have.

    Noise is added to the tracks when ``rng`` is given.
    """
    batch = {}
    if "contacts" in examples:
        batch["contacts"] = contact_channels(examples, config)
    if "tracks" in examples:
        batch["tracks"] = noisy(track_channels(examples, config), config, rng)
    return {name: torch.from_numpy(np.ascontiguousarray(array)) for name, array in batch.items()}


def noisy(tracks_BSC: np.ndarray, config: Config, rng: np.random.Generator | None) -> np.ndarray:
    """Return tracks with Gaussian noise of ``track_noise`` in training."""
    if rng is None or config.track_noise == 0:
        return tracks_BSC
    return tracks_BSC + config.track_noise * rng.standard_normal(tracks_BSC.shape, dtype=np.float32)
