"""Errors over values of which some are not known."""

from __future__ import annotations

import torch
from torch import Tensor


def masked_mse(outputs: Tensor, targets: Tensor, weights: Tensor | None = None) -> Tensor:
    """Return the mean square of outputs less targets, both of one shape, over the targets that are not nan; 0 without any.

    ``weights``, of that shape and positive, say how much each counts.
    """
    known = torch.isfinite(targets)
    error = torch.where(known, outputs.float() - torch.nan_to_num(targets), 0.0)
    if weights is None:
        return error.square().sum() / known.sum().clamp(min=1)
    return (weights * error.square()).sum() / torch.where(known, weights, 0.0).sum().clamp(min=1e-6)
