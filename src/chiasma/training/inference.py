"""A trained module over all rows of a table, in their order.

Axes: n rows, T tokens, D channels.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd
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


@torch.no_grad()
def infer_means(
    function: Callable[[Batch], Mapping[str, Tensor]],
    batches: Batches,
    device: torch.device,
    label: str,
    group_n: np.ndarray,
) -> dict[str, np.ndarray]:
    """Return name -> the mean (G, ...) float32 of what ``function`` makes of the rows of each group; one batch is held at a time.

    Parameters
    ----------
    function, batches, device, label : as of `infer`
    group_n : number of each row's group (n,), from 0; each group has a row
    """
    sums: dict[str, np.ndarray] = {}
    count_G = np.bincount(group_n)
    for loaded in progress(batches.stream(), label, total=len(batches)):
        for name, tensor in function(to_device(loaded.batch, device)).items():
            values = tensor.float().cpu().numpy()
            sums.setdefault(name, np.zeros((len(count_G), *values.shape[1:])))
            np.add.at(sums[name], group_n[loaded.rows], values)
    return {
        name: (total / count_G.reshape(-1, *[1] * (total.ndim - 1))).astype(np.float32) for name, total in sums.items()
    }


def by_token(rows: pd.DataFrame, tokens: Mapping[str, np.ndarray]) -> tuple[pd.DataFrame, dict[str, np.ndarray]]:
    """Give every token of every modality a row of its own.

    Parameters
    ----------
    rows : n rows
    tokens : ``{modality}_{part}`` -> (n, T, D), as `chiasma.contracts.Family` says of ``embed_tokens``

    Returns
    -------
    rows repeated with columns ``modality`` and ``token`` (from 0), the tokens of a row together; and part -> (rows, D)
    """
    parts: dict[str, dict[str, np.ndarray]] = {}
    for name, values in tokens.items():
        modality, _, part = name.rpartition("_")
        parts.setdefault(part, {})[modality] = values
    counts = {modality: values.shape[1] for modality, values in next(iter(parts.values())).items()}
    total = sum(counts.values())
    repeated = rows.loc[np.repeat(rows.index, total)].reset_index(drop=True)
    repeated["modality"] = np.tile(np.repeat(list(counts), list(counts.values())), len(rows))
    repeated["token"] = np.tile(np.concatenate([np.arange(count) for count in counts.values()]), len(rows))
    vectors = {part: np.concatenate([own[name] for name in counts], axis=1) for part, own in parts.items()}
    return repeated, {part: values.reshape(len(rows) * total, -1) for part, values in vectors.items()}
