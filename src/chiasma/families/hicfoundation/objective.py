"""The pre-training losses: as published, and corrected so that what is learnt shows (spec 2.2).

A part named ``{term}_left`` is what is left of a term between the loss of a model that knows nothing and the best possible, both
measured on the batch: 1 for nothing learnt, 0 for all. It is logged, not descended.

Axes: B example, C channel, H W pixel, L patch, K visible patch, P number of a patch, Q pixel of a patch.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from chiasma.contracts import Batch, Objective, Reference, StepOutput
from chiasma.families.hicfoundation.batch import MEAN_C, STD_C
from chiasma.families.hicfoundation.config import Config
from chiasma.families.hicfoundation.losses import dissimilarity, masked_regression, patch_contrast
from chiasma.families.hicfoundation.masking import (
    hidden_pixels,
    official_kept,
    symmetric_kept,
    visible_count,
    visible_patches,
)
from chiasma.families.hicfoundation.model import MaskedAutoencoder, Reconstruction
from chiasma.families.hicfoundation.patches import filled, patchify, unpatchify

LEAST_COUNTED = 0.001  # share of a patch's pixels that must count for the patch to (spec 2.2)
SMALLEST_GAP = 1e-4  # between chance and floor, so that what is left stays finite
LEFT = Reference(1.0, 0.0)
VALIDATION_SEED = 0


@dataclass(frozen=True)
class Masked:
    """A batch with its drawn mask: what the model made of it, which patches it saw, and which pixels count."""

    drawn: Reconstruction
    kept_BL: Tensor
    counted_BLQ: Tensor
    grid: tuple[int, int]

    @property
    def asked_BL(self) -> Tensor:
        """Whether enough pixels of a patch count."""
        return self.counted_BLQ.mean(dim=2) >= LEAST_COUNTED


def left(loss: Tensor, floor: Tensor | float, chance: Tensor | float) -> Tensor:
    """Return what is left of a loss between chance and floor."""
    gap = torch.as_tensor(chance - floor, device=loss.device).clamp(min=SMALLEST_GAP)
    return ((loss - floor) / gap).detach()


def draw_mask(model: MaskedAutoencoder, batch: Batch) -> tuple[Tensor, Tensor]:
    """Return which patches the encoder sees (B, L), bool, and their places (B, K).

    In training the draw follows torch's seed; in evaluation it is the same each time, so that epochs compare.
    """
    config, grid, diagonal_B = model.config, model.grid(batch), batch["diagonal"]
    shape, device = (len(diagonal_B), grid[0] * grid[1] + 1), diagonal_B.device
    if model.training:
        noise_BL, coin_B1 = torch.rand(shape, device=device).tensor_split([-1], dim=1)
    else:
        fixed = torch.Generator().manual_seed(VALIDATION_SEED)
        noise_BL, coin_B1 = torch.rand(shape, generator=fixed).to(device).tensor_split([-1], dim=1)
    patches_B, count = (diagonal_B / config.patch).round(), visible_count(noise_BL.shape[1], config.mask_ratio)
    if config.mask == "official":
        kept_BL = official_kept(noise_BL, grid, patches_B, count)
    else:
        kept_BL = symmetric_kept(noise_BL, grid, patches_B, count, coin_B1.squeeze(1))
    return kept_BL, visible_patches(kept_BL, count)


class HicObjective:
    """What both objectives share: a masked pass, the contrast between patches, and the count.

    The chance level of the contrast is the log of the patches of a window, which the first batch tells.
    """

    temperature, centred = 1.0, False

    def __init__(self, config: Config) -> None:
        self.config, self.patches = config, 0

    def masked(self, model: MaskedAutoencoder, batch: Batch) -> Masked:
        """Return the batch seen through a drawn mask."""
        kept_BL, visible_BK = draw_mask(model, batch)
        counted_B1HW = filled(batch["counted"][:, None], self.config.patch, batch["counted"].new_zeros(1))
        self.patches = kept_BL.shape[1]
        return Masked(model(batch, visible_BK), kept_BL, patchify(counted_B1HW, self.config.patch), model.grid(batch))

    def contrast(self, masked: Masked, asked_BL: Tensor) -> dict[str, Tensor]:
        """Return the contrast of the asked patches, and what is left of it above that of a perfect copy."""
        drawn, how = masked.drawn, {"temperature": self.temperature, "centred": self.centred}
        loss = patch_contrast(drawn.predicted_BLP, drawn.target_BLP, asked_BL, **how)
        with torch.no_grad():
            perfect = patch_contrast(drawn.target_BLP, drawn.target_BLP, asked_BL, **how)
        return {"contrastive": loss, "contrastive_left": left(loss, perfect, math.log(self.patches))}

    def count(self, masked: Masked, batch: Batch) -> dict[str, Tensor]:
        """Return the squared error of the count, and what is left of it beside that of the batch's mean."""
        loss = (masked.drawn.count_B - batch["count"]).square().mean()
        return {"count": loss, "count_left": left(loss, 0.0, batch["count"].var(correction=0))}

    def references(self, batch_size: int) -> Mapping[str, Reference]:
        """Return the references of the shared parts."""
        chance = math.log(self.patches) if self.patches else math.nan
        return {
            "contrastive": Reference(chance, math.nan),
            "contrastive_left": LEFT,
            "count": Reference(math.nan, 0.0),
            "count_left": LEFT,
        }


class CorrectedObjective(HicObjective):
    """Masked pixels, contrast of hidden patches less the window's mean patch and with a temperature, and the count."""

    centred = True

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self.temperature = config.temperature

    def __call__(self, model: MaskedAutoencoder, batch: Batch, epoch: int) -> StepOutput:
        """Return the loss of ``batch``, the same at each epoch, and its parts."""
        masked = self.masked(model, batch)
        with torch.autocast(batch["contacts"].device.type, enabled=False):
            hidden_BLQ = hidden_pixels(masked.kept_BL, masked.grid, self.config.patch, batch["diagonal"])
            hidden_BLQ = hidden_BLQ & (masked.counted_BLQ > 0)
            regression = masked_regression(masked.drawn.predicted_BLP, masked.drawn.target_BLP, hidden_BLQ)
            contrast = self.contrast(masked, masked.asked_BL & ~masked.kept_BL)
            count = self.count(masked, batch)
        weights = self.config.contrastive_weight, self.config.count_weight
        total = regression + weights[0] * contrast["contrastive"] + weights[1] * count["count"]
        return StepOutput(total, {"regression": regression, **contrast, **count}, len(batch["contacts"]))

    def references(self, batch_size: int) -> Mapping[str, Reference]:
        """Return chance and floor: the mean of a window's hidden pixels has a regression loss of 1."""
        return {"regression": LEFT, **super().references(batch_size)}


class OfficialObjective(HicObjective):
    """As published: contrast of all patches without temperature, likeness of the whole image, and the count."""

    def __call__(self, model: MaskedAutoencoder, batch: Batch, epoch: int) -> StepOutput:
        """Return the loss of ``batch``, the same at each epoch, and its parts."""
        masked = self.masked(model, batch)
        with torch.autocast(batch["contacts"].device.type, enabled=False):
            contrast = self.contrast(masked, masked.asked_BL)
            likeness = self.likeness(masked)
            count = self.count(masked, batch)
        total = contrast["contrastive"] + self.config.loss_alpha * (likeness["ssim"] + count["count"])
        return StepOutput(total, {**contrast, **likeness, **count}, len(batch["contacts"]))

    def likeness(self, masked: Masked) -> dict[str, Tensor]:
        """Return one minus the similarity of the images, and what is left of it beside that of each image's mean colour."""
        drawn = masked.drawn
        predicted, target = (
            as_colours(unpatchify(patches_BLP, masked.grid, self.config.patch))
            for patches_BLP in (drawn.predicted_BLP, drawn.target_BLP)
        )
        loss = dissimilarity(predicted, target)
        with torch.no_grad():
            mean_colour = dissimilarity(target.mean(dim=(2, 3), keepdim=True).expand_as(target), target)
        return {"ssim": loss, "ssim_left": left(loss, 0.0, mean_colour)}

    def references(self, batch_size: int) -> Mapping[str, Reference]:
        """Return chance and floor: an image that shares no structure with the window has a similarity of 0."""
        return {**super().references(batch_size), "ssim": Reference(1.0, 0.0), "ssim_left": LEFT}


def as_colours(image_BCHW: Tensor) -> Tensor:
    """Return the colours in 0..1 of a normalised image."""
    mean_C11, std_C11 = (torch.from_numpy(values).to(image_BCHW)[:, None, None] for values in (MEAN_C, STD_C))
    return (image_BCHW * std_C11 + mean_C11).clamp(0, 1)


def build_objective(config: Config) -> Objective:
    """Build the pre-training objective."""
    return {"corrected": CorrectedObjective, "official": OfficialObjective}[config.objective](config)
