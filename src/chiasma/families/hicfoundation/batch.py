"""How HiCFoundation reads an example: contacts as an image, the pixels that count, and the depth for the count token.

Axes: B example, C channel, N contact bin.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import torch
from torch import Tensor

from chiasma.assays.scales import fill_missing, log2_oe
from chiasma.contracts import Examples
from chiasma.families.hicfoundation.config import Config
from chiasma.tiles.strand import flip_strand

UNKNOWN_COUNT = 1e9  # the total that the published model is told where none is known (spec 1.3)
MEAN_C = np.array([0.485, 0.456, 0.406], np.float32)  # of photographs, by which the published image is normalised
STD_C = np.array([0.229, 0.224, 0.225], np.float32)


def log_oe(contacts_BNN: np.ndarray, expected_BNN: np.ndarray, config: Config) -> np.ndarray:
    """Return log2 of observed over expected, with ``pseudo_contacts`` added to both, bounded by ``clip_log2_oe``."""
    return log2_oe(contacts_BNN, expected_BNN, config.pseudo_contacts, config.clip_log2_oe)


def log1p(contacts_BNN: np.ndarray, expected_BNN: np.ndarray, config: Config) -> np.ndarray:
    """Return the natural log of one plus the contacts."""
    return np.log1p(contacts_BNN)


def log10_max(contacts_BNN: np.ndarray, expected_BNN: np.ndarray, config: Config) -> np.ndarray:
    """Return log10 of one plus the contacts over that of the window's largest, 0 to 1 (spec 1.3); 0 in an empty window."""
    log_BNN = np.log10(contacts_BNN + 1)
    largest_B11 = log_BNN.max(axis=(1, 2), keepdims=True)
    return np.divide(log_BNN, largest_B11, out=np.zeros_like(log_BNN), where=largest_B11 > 0)


TRANSFORMS: dict[str, Callable[..., np.ndarray]] = {"log_oe": log_oe, "log1p": log1p, "log10_max": log10_max}


def heat_map(value_BNN: np.ndarray) -> np.ndarray:
    """Return values in 0..1 as a normalised image (B, 3, N, N): red is 1, green and blue are one minus the value."""
    image_BNNC = np.stack([np.ones_like(value_BNN), 1 - value_BNN, 1 - value_BNN], axis=-1)
    return ((image_BNNC - MEAN_C) / STD_C).transpose(0, 3, 1, 2)


def contact_image(contacts_BNN: np.ndarray, expected_BNN: np.ndarray, config: Config) -> np.ndarray:
    """Return the image (B, C, N, N) of contacts that have a value at every pixel."""
    value_BNN = TRANSFORMS[config.contact_transform](contacts_BNN, expected_BNN, config)
    return heat_map(value_BNN) if config.image == "rgb" else value_BNN[:, None]


def augment(examples: Examples, config: Config, rng: np.random.Generator) -> Examples:
    """Return the examples with a share of them, drawn at random, read along the other strand."""
    return flip_strand(examples, rng.random(len(examples["contacts"])) < config.flip_probability)


def encode(examples: Examples, config: Config, rng: np.random.Generator | None) -> Mapping[str, Tensor]:
    """Return the tensors that the network reads, float32; nothing when the examples have no contacts.

    contacts   (B, C, N, N) the image; a pixel without a value is taken as expected, or as 0 by ``log10_max``
    counted    (B, N, N) 1 where a pixel counts in the losses: where it has a value, or, as published, any contacts
    depth      (B,) the contacts that the count token is told of
    count      (B,) what the network is to say of the window's own contacts, as `count_target` has it
    diagonal   (B,) bins by which the row of a pixel on the map's diagonal exceeds its column; too many for a window between
               chromosomes to have one

    Nothing is drawn at random.
    """
    if "contacts" not in examples:
        return {}
    valid_BNN = np.asarray(examples["valid"], bool)
    expected_BNN = np.asarray(examples["expected"], np.float32)
    known_BNN = fill_missing(examples["contacts"], 0.0, valid_BNN)
    neutral = 0.0 if config.contact_transform == "log10_max" else expected_BNN
    depth_B = (expected_BNN * valid_BNN).sum(axis=(1, 2))
    batch = {
        "contacts": contact_image(fill_missing(known_BNN, neutral, valid_BNN), expected_BNN, config),
        "counted": known_BNN > 0 if config.objective == "official" else valid_BNN,
        "depth": depth_B if config.count_input == "expected" else np.full(len(depth_B), UNKNOWN_COUNT),
        "count": count_target(known_BNN.sum(axis=(1, 2)), depth_B, config),
        "diagonal": examples["distance_bins"] + (valid_BNN.shape[1] - valid_BNN.shape[2]) // 2,
    }
    return {name: torch.from_numpy(np.ascontiguousarray(array, np.float32)) for name, array in batch.items()}


def count_target(count_B: np.ndarray, expected_B: np.ndarray, config: Config) -> np.ndarray:
    """Return log10 of one plus a window's contacts (B,), less that of what is expected where the count token says it."""
    target_B = np.log10(count_B + 1)
    return target_B - np.log10(expected_B + 1) if config.count_input == "expected" else target_B
