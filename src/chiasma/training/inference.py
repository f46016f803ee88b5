"""A trained module over all rows of a table, in their order."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import torch
from torch import Tensor

from chiasma.contracts import Batch
from chiasma.core.log import progress
from chiasma.training.batches import Batches, to_device


@torch.no_grad()
def infer(
    function: Callable[[Batch], Mapping[str, Tensor]], batches: Batches, device: torch.device, label: str
) -> dict[str, np.ndarray]:
    """Return name -> array (n, ...) float32 of what ``function`` makes of each row, in the order of the rows.

    Parameters
    ----------
    function : batch -> name -> tensor (B, ...), of a module on ``device`` and in evaluation mode
    batches : over the n rows, with a plan whose order is given
    label : what progress is reported as
    """
    results: dict[str, np.ndarray] = {}
    for loaded in progress(batches.stream(), label, total=len(batches)):
        for name, tensor in function(to_device(loaded.batch, device)).items():
            values = tensor.float().cpu().numpy()
            results.setdefault(name, np.empty((batches.examples, *values.shape[1:]), np.float32))[loaded.rows] = values
    return results
