"""What each part of the loss says of predictions that know nothing of a window, some of it, or everything.

Axes: B window, C channel, H W pixel, L patch, K visible patch, P number of a patch.
"""

from __future__ import annotations

import torch
from torch import Tensor

from chiasma.contracts import Batch, Examples, Landmark
from chiasma.families.hicfoundation.batch import encode
from chiasma.families.hicfoundation.config import Config
from chiasma.families.hicfoundation.model import Reconstruction
from chiasma.families.hicfoundation.objective import build_objective
from chiasma.families.hicfoundation.patches import filled, grid_of, patchify
from chiasma.schema.tables import CHANCE, FLOOR

NOISE_SEED = 0
UNTRAINED, MEAN, DECAY, COPY = "untrained", "mean", "distance decay", "perfect copy"
ROLES = {
    ("contrastive", CHANCE): CHANCE,
    ("regression", MEAN): CHANCE,
    ("ssim", MEAN): CHANCE,
    **{(part, COPY): FLOOR for part in ("contrastive", "regression", "ssim")},
}  # of the count none: its chance is how much the windows differ in contacts, which is another in each data set
MEANINGLESS = {
    ("count", DECAY),  # an image has no count
    ("contrastive", MEAN),  # a constant less its mean patch is nothing; chance stands for it
}


class Oracle:
    """Stands for a network that draws a given image and reads off a given count, whatever it is shown."""

    training = False

    def __init__(self, config: Config, image_BCHW: Tensor, count_B: Tensor) -> None:
        self.config, self.image_BCHW, self.count_B = config, image_BCHW, count_B

    def grid(self, batch: Batch) -> tuple[int, int]:
        """Return the rows and columns of patches."""
        return grid_of(*batch["contacts"].shape[-2:], self.config.patch)

    def __call__(self, batch: Batch, visible_BK: Tensor) -> Reconstruction:
        """Return the given prediction beside the windows of the batch."""
        target_BLP, predicted_BLP = (self._patches(image) for image in (batch["contacts"], self.image_BCHW))
        return Reconstruction(target_BLP, predicted_BLP, self.count_B)

    def _patches(self, image_BCHW: Tensor) -> Tensor:
        blank_C = image_BCHW.new_zeros(image_BCHW.shape[1])
        return patchify(filled(image_BCHW, self.config.patch, blank_C), self.config.patch)


def landmarks(config: Config, examples: Examples) -> list[Landmark]:
    """Return what each part of the loss is, window by window, for predictions of which it is known what they know.

    untrained       nothing: noise of unit variance for an image, as from random weights, and 0 for the count
    mean            the mean colour of the window, and the mean count of all windows; no contrast
    distance decay  of each window the mean at each distance; no count
    perfect copy    the window itself, and its count
    chance          of the contrast: the log of the patches, what a guess among them costs

    Parameters
    ----------
    examples : contact windows as a dataset cuts them; they are measured one by one, through the mask of validation
    """
    batch, objective, values = encode(examples, config, None), build_objective(config), {}
    for at in range(len(batch["contacts"])):
        window = {name: tensor[at : at + 1] for name, tensor in batch.items()}
        for name, image_BCHW, count_B in _predictions(window, batch["count"].mean()):
            parts = objective(Oracle(config, image_BCHW, count_B), window, 0).parts
            for part, value in parts.items():
                if not part.endswith("_left") and (part, name) not in MEANINGLESS:
                    values.setdefault((part, name), []).append(value.item())
    chance = objective.references(1)["contrastive"].chance
    values["contrastive", CHANCE] = [chance] * len(batch["contacts"])
    return [Landmark(part, name, ROLES.get((part, name), ""), tuple(each)) for (part, name), each in values.items()]


def _predictions(window: Batch, mean_count: Tensor) -> list[tuple[str, Tensor, Tensor]]:
    """Return the name, the image (1, C, H, W) and the count (1,) of each prediction of one window."""
    image_BCHW, count_B = window["contacts"], window["count"]
    noise_BCHW = torch.randn(image_BCHW.shape, generator=torch.Generator().manual_seed(NOISE_SEED))
    mean_BCHW = image_BCHW.mean(dim=(2, 3), keepdim=True).expand_as(image_BCHW)
    mean_B = mean_count.expand_as(count_B)
    return [
        (UNTRAINED, noise_BCHW, torch.zeros_like(count_B)),
        (MEAN, mean_BCHW, mean_B),
        (DECAY, decay_image(image_BCHW, int(window["diagonal"])), mean_B),
        (COPY, image_BCHW, count_B),
    ]


def decay_image(image_BCHW: Tensor, diagonal: int) -> Tensor:
    """Return the images with each pixel the mean of those at its distance from the map's diagonal, channel by channel.

    Parameters
    ----------
    diagonal : bins by which the row of a pixel on the map's diagonal exceeds its column
    """
    height, width = image_BCHW.shape[-2:]
    distance_HW = (torch.arange(height)[:, None] - torch.arange(width) - diagonal).abs()
    pixels_D = torch.bincount(distance_HW.flatten())
    sums_BCD = image_BCHW.new_zeros((*image_BCHW.shape[:2], len(pixels_D)))
    sums_BCD.index_add_(2, distance_HW.flatten(), image_BCHW.flatten(2))
    return (sums_BCD / pixels_D.clamp(min=1))[:, :, distance_HW]
