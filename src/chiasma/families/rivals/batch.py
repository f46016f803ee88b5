"""How the rivals read an example: contacts against their expectation, tracks on a log scale, the other strand in training.

Axes: B example, N contact bin, S track bin of both strips, C track.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor

from chiasma.assays.scales import fill_missing, log2_oe, log2_signal
from chiasma.contracts import Examples
from chiasma.families.rivals.config import Config, reads, reads_contacts_alone
from chiasma.tiles.strand import flip_strand


def augment(examples: Examples, config: Config, rng: np.random.Generator) -> Examples:
    """Return the examples with a share of them, drawn at random, read along the other strand."""
    return flip_strand(examples, rng.random(len(examples["contacts"])) < config.flip_probability)


def encode(examples: Examples, config: Config, rng: np.random.Generator | None) -> Mapping[str, Tensor]:
    """Return ``contacts`` (B, N, N) and ``tracks`` (B, S, C), float32, of those that the network reads and examples have.

    Contacts are log2 of observed over expected. A network of contacts alone is to tell how many there are, so it gets them as
    two channels (B, 2, N, N): that, and the natural log of one plus the contacts. A pixel without a value is taken as
    expected. Nothing is drawn at random.
    """
    batch, read = {}, reads(config) & {*examples}
    if "contacts" in read:
        contacts_BNN = fill_missing(examples["contacts"], examples["expected"], examples["valid"])
        batch["contacts"] = log2_oe(contacts_BNN, examples["expected"], config.pseudo_contacts, config.clip_log2_oe)
        if reads_contacts_alone(config):
            batch["contacts"] = np.stack([batch["contacts"], np.log1p(contacts_BNN)], axis=1)
    if "tracks" in read:
        batch["tracks"] = log2_signal(examples["tracks"])
    return {name: torch.from_numpy(np.ascontiguousarray(array, np.float32)) for name, array in batch.items()}
