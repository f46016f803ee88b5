"""No network at all: what a task's head makes of its own inputs is seen alone.

Axes: B example, N contact bin, D channel of a pixel.
"""

from __future__ import annotations

from torch import Tensor, nn

from chiasma.contracts import Batch
from chiasma.families.rivals.config import Config


class Blank(nn.Module):
    """Zeros for each pixel; without weights."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.width = config.pixel_width

    def forward(self, batch: Batch) -> Tensor:
        """Return zeros (B, N, N, D)."""
        contacts_BCNN = batch["contacts"]
        return contacts_BCNN.new_zeros((len(contacts_BCNN), *contacts_BCNN.shape[2:], self.width))
