"""What fine-tuning adds: from the decoder's tokens to features of each pixel.

Axes: B example, C channel of the image, N contact bin, L patch, T token, D channel, F channel of a pixel.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from torch import Tensor, nn

from chiasma.contracts import Batch
from chiasma.core.errors import InputError
from chiasma.families.hicfoundation.blocks import initialise
from chiasma.families.hicfoundation.config import Config
from chiasma.families.hicfoundation.patches import unpatchify

if TYPE_CHECKING:
    from chiasma.families.hicfoundation.model import MaskedAutoencoder

UNUSED = ("decoder.hidden_D", "pixels.", "count.")  # parts of the pre-trained network that only pre-training trains


class HicRepresentation(nn.Module):
    """A window as a task needs it: the decoder's tokens, with all patches seen, or features of each pixel (spec 4.1)."""

    def __init__(self, encoder: MaskedAutoencoder, config: Config, need: str) -> None:
        super().__init__()
        self.encoder, self.config = encoder, config
        self.width = config.decoder_width if need == "pair" else config.pixel_width
        self.pixels = None if need == "pair" else PixelFeatures(config)
        for name, parameter in encoder.named_parameters():
            parameter.requires_grad_(not name.startswith(UNUSED))

    def forward(self, batch: Batch) -> Tensor:
        """Return what the task needs; InputError when the batch holds no contacts.

        pair    tokens (B, T, D): of the window, of the count, and of the patches row by row
        grid    (B, N, N, F), rows of the first window
        """
        if "contacts" not in batch:
            raise InputError(
                f"hicfoundation reads contacts alone; the batch holds {', '.join(sorted(batch)) or 'nothing'}"
            )
        x_BTD = self.encoder.decode(self.encoder.encode(batch), batch)
        if self.pixels is None:
            return x_BTD
        rows, cols = self.encoder.grid(batch)
        return self.pixels(x_BTD[:, -rows * cols :], (rows, cols), batch["contacts"])


class PixelFeatures(nn.Module):
    """Each patch's token drawn out to its pixels, and each pixel's own value added to that."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.patch = config.patch
        self.draw = nn.Linear(config.decoder_width, config.pixel_width * config.patch**2)
        self.own = nn.Linear(config.channels, config.pixel_width, bias=False)
        self.apply(initialise)

    def forward(self, patches_BLD: Tensor, grid: tuple[int, int], image_BCNN: Tensor) -> Tensor:
        """Return (B, N, N, F), without the pixels that fill up the last patches."""
        height, width = image_BCNN.shape[-2:]
        drawn_BFNN = unpatchify(self.draw(patches_BLD), grid, self.patch)[:, :, :height, :width]
        return drawn_BFNN.permute(0, 2, 3, 1) + self.own(image_BCNN.permute(0, 2, 3, 1))
