"""Errors over values of which some are not known."""

from __future__ import annotations

import torch
from torch import Tensor


def masked_mse(outputs: Tensor, targets: Tensor) -> Tensor:
    """Return the mean square of outputs less targets, both of one shape, over the targets that are not nan; 0 without any."""
    known = torch.isfinite(targets)
    error = torch.where(known, outputs.float() - torch.nan_to_num(targets), 0.0)
    return error.square().sum() / known.sum().clamp(min=1)
