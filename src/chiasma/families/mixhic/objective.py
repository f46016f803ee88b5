"""The pre-training losses of MIX-HIC: contrast between the modalities, orthogonal heads, maps each way (spec 2.4).

Axes: B C example, H head channel (4E), L token, D tower channel (8E).
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import torch
import torch.nn.functional as F
from torch import Tensor

from chiasma.contracts import Batch, Reference, StepOutput
from chiasma.families.mixhic.config import Config
from chiasma.families.mixhic.model import Features, Mixhic, pooled


def contrastive(contacts_BH: Tensor, tracks_BH: Tensor, temperature: Tensor) -> tuple[Tensor, Tensor]:
    """Return the symmetric InfoNCE loss and the share of windows whose own strip is the most alike of the batch."""
    logits_BC = contacts_BH @ tracks_BH.T / temperature
    own_B = torch.arange(len(logits_BC), device=logits_BC.device)
    loss = (F.cross_entropy(logits_BC, own_B) + F.cross_entropy(logits_BC.T, own_B)) / 2
    return loss, (logits_BC.detach().argmax(dim=1) == own_B).float().mean()


def orthogonal(features: Features) -> Tensor:
    """Return the mean squared inner product of an example's pooled shared and specific vectors."""
    return (pooled(features.shared_BLH) * pooled(features.specific_BLH)).sum(dim=1).square().mean()


def mapping(mapped_BLD: Tensor, target_BLD: Tensor, detach: bool) -> Tensor:
    """Return the mean distance between mapped and target tokens, both brought to norm 1."""
    target_BLD = target_BLD.detach() if detach else target_BLD
    distance_BLD = F.normalize(mapped_BLD.float(), dim=2) - F.normalize(target_BLD.float(), dim=2)
    return (distance_BLD.square().sum(dim=2) + 1e-12).sqrt().mean()


class MixhicObjective:
    """The weighted sum of the losses; for the first epochs the contrastive one alone.

    All parts are computed at every epoch, so that their curves are whole; a part not yet wanted has weight 0.
    """

    def __init__(self, config: Config) -> None:
        self.config = config

    def _weights(self, epoch: int) -> dict[str, float]:
        if epoch < self.config.contrastive_only_epochs:
            return {"contrastive": 1.0, "orthogonal": 0.0, "mapping": 0.0}
        names = ("contrastive", "orthogonal", "mapping")
        return {name: getattr(self.config, f"{name}_weight") for name in names}

    def __call__(self, model: Mixhic, batch: Batch, epoch: int) -> StepOutput:
        """Return the loss of ``batch`` at ``epoch``, its parts, and the retrieval rate, which is not in the total."""
        aligned, detach = model(batch), self.config.detach_mapping_targets
        contacts, tracks = aligned.contacts, aligned.tracks
        with torch.autocast(contacts.shared_BLH.device.type, enabled=False):
            loss, retrieval = contrastive(pooled(contacts.shared_BLH), pooled(tracks.shared_BLH), aligned.temperature)
        to_contacts = mapping(aligned.inferred_contacts_BMD, contacts.tokens_BLD, detach)
        to_tracks = mapping(aligned.inferred_tracks_BLD, tracks.tokens_BLD, detach)
        parts = {
            "contrastive": loss,
            "orthogonal": orthogonal(contacts) + orthogonal(tracks),
            "mapping": (to_contacts + to_tracks) / 2,
        }
        total = sum(weight * parts[name] for name, weight in self._weights(epoch).items())
        return StepOutput(total, {**parts, "retrieval": retrieval}, len(batch["contacts"]))

    def references(self, batch_size: int) -> Mapping[str, Reference]:
        """Return chance and floor: unrelated vectors of norm 1 lie sqrt(2) apart in many dimensions."""
        return {
            "contrastive": Reference(math.log(batch_size), 0.0),
            "orthogonal": Reference(math.nan, 0.0),
            "mapping": Reference(math.sqrt(2.0), 0.0),
            "retrieval": Reference(1.0 / batch_size, 1.0),
        }


def build_objective(config: Config) -> MixhicObjective:
    """Build the pre-training objective."""
    return MixhicObjective(config)
