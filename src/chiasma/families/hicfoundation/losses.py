"""The terms of both objectives: contrast between patches, likeness of images, masked pixels.

Axes: B example, C channel, H W pixel, L M patch, P number of a patch, Q pixel of a patch.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from chiasma.families.hicfoundation.config import WINDOW

SIGMA = 1.5  # of the Gaussian window of image similarity, in pixels (spec 2.2)
LUMINANCE, CONTRAST = 0.01**2, 0.03**2  # what keeps its two ratios finite, for values in 0..1
SMALLEST_VARIANCE = 1e-4  # of a window's pixels, so that an empty window does not rule the loss


def patch_contrast(
    predicted_BLP: Tensor, target_BLP: Tensor, asked_BL: Tensor, temperature: float, *, centred: bool
) -> Tensor:
    """Return how badly predicted patches find their own among all patches of the window: cross-entropy in nats (spec 2.2).

    Parameters
    ----------
    asked_BL : bool, the predicted patches that are asked; 0 when there are none
    centred : whether the mean patch of the window is taken off first, off predictions and off targets
    """
    pair = (patches.float() for patches in (predicted_BLP, target_BLP))
    centre = (patches - patches.mean(dim=1, keepdim=True) if centred else patches for patches in pair)
    predicted_BLP, target_BLP = (F.normalize(patches, dim=2) for patches in centre)
    logits_BLM = predicted_BLP @ target_BLP.transpose(1, 2) / temperature
    own_BL = torch.arange(logits_BLM.shape[1], device=logits_BLM.device).expand_as(asked_BL)
    loss_BL = F.cross_entropy(logits_BLM.transpose(1, 2), own_BL, reduction="none")
    return (loss_BL * asked_BL).sum() / asked_BL.sum().clamp(min=1)


def masked_regression(predicted_BLP: Tensor, target_BLP: Tensor, hidden_BLQ: Tensor) -> Tensor:
    """Return the squared error at hidden pixels over that of the window's mean of them: 1 where nothing is learnt.

    Parameters
    ----------
    predicted_BLP, target_BLP : patches of one channel, so P is Q
    hidden_BLQ : bool, the pixels that count; a window without any adds 0
    """
    weight_BLQ = hidden_BLQ.float()
    pixels_B = weight_BLQ.sum(dim=(1, 2)).clamp(min=1)
    mean_B = (weight_BLQ * target_BLP).sum(dim=(1, 2)) / pixels_B
    spread_B = (weight_BLQ * (target_BLP - mean_B[:, None, None]).square()).sum(dim=(1, 2)) / pixels_B
    error_B = (weight_BLQ * (predicted_BLP - target_BLP).square()).sum(dim=(1, 2)) / pixels_B
    return (error_B / spread_B.clamp(min=SMALLEST_VARIANCE)).mean()


def dissimilarity(first_BCHW: Tensor, second_BCHW: Tensor) -> Tensor:
    """Return one minus the structural similarity of images with values in 0..1, the mean over pixels, channels and images.

    Wang et al., IEEE Transactions on Image Processing 2004; only pixels whose whole window lies in the image.
    """
    x, y = (image.float().flatten(0, 1)[:, None] for image in (first_BCHW, second_BCHW))
    mean_x, mean_y = _blurred(x), _blurred(y)
    spread_x, spread_y = _blurred(x * x) - mean_x.square(), _blurred(y * y) - mean_y.square()
    shared = _blurred(x * y) - mean_x * mean_y
    luminance = (2 * mean_x * mean_y + LUMINANCE) / (mean_x.square() + mean_y.square() + LUMINANCE)
    structure = (2 * shared + CONTRAST) / (spread_x + spread_y + CONTRAST)
    return 1 - (luminance * structure).mean()


def _blurred(image_B1HW: Tensor) -> Tensor:
    place_W = torch.arange(WINDOW, device=image_B1HW.device) - WINDOW // 2
    weight_W = torch.exp(-place_W.square() / (2 * SIGMA**2))
    weight_11W1 = (weight_W / weight_W.sum())[None, None, :, None]
    return F.conv2d(F.conv2d(image_B1HW, weight_11W1), weight_11W1.transpose(2, 3))
