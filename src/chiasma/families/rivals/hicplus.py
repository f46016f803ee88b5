"""Three convolutions over the contacts of a window, after HiCPlus (Zhang et al., Nature Communications 2018).

Axes: B example, N contact bin, D channel of a pixel.
"""

from __future__ import annotations

from torch import Tensor, nn

from chiasma.contracts import Batch
from chiasma.families.rivals.config import Config

CHANNELS = 2  # of the picture: contacts against their expectation, and their number
KERNELS = (9, 1, 5)  # HiCFoundation specification 9


class HicPlus(nn.Module):
    """Patterns about each pixel, a map of them pixel by pixel, and what the pixels about it make of that."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.width = config.pixel_width
        widths = (CHANNELS, config.width, config.width, config.pixel_width)
        first, second, third = (
            nn.Conv2d(read, made, kernel, padding=kernel // 2)
            for read, made, kernel in zip(widths[:-1], widths[1:], KERNELS, strict=True)
        )
        self.layers = nn.Sequential(first, nn.ReLU(), second, nn.ReLU(), third)
        self.apply(initialise)

    def forward(self, batch: Batch) -> Tensor:
        """Return (B, N, N, D), rows of the first window."""
        return self.layers(batch["contacts"]).permute(0, 2, 3, 1)


def initialise(module: nn.Module) -> None:
    """Draw the weights of a convolution so that ReLU keeps the size of what it is given (He et al., 2015); zero its biases."""
    if isinstance(module, nn.Conv2d):
        nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
        nn.init.zeros_(module.bias)
