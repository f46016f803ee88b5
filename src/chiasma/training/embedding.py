"""A pre-trained model's vectors of the rows of a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chiasma.tiles.dataset import TileDataset
from chiasma.training.batches import Batches, Encoding, Plan
from chiasma.training.checkpoint import PretrainedModel
from chiasma.training.inference import infer, infer_means
from chiasma.training.optimisation import choose_device

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from chiasma.tiles.arrays import TileArrays

BATCH = 64


def embed_rows(
    model: PretrainedModel, arrays: TileArrays, frame: pd.DataFrame, level: str, label: str = "embedding"
) -> dict[str, np.ndarray]:
    """Return the family's vectors of each row, name -> (n, D) float32, or (n, T, D) for tokens.

    Parameters
    ----------
    frame : n rows with columns sample, chrom, bin1, bin2
    level : pooled or tokens
    label : what progress is reported as
    """
    device, family = choose_device(), model.family
    model.module.to(device)
    function = family.embed_tokens if level == "tokens" else family.embed
    return infer(lambda batch: function(model.module, batch), _batches(model, arrays, frame), device, label)


def embed_chromosomes(
    model: PretrainedModel, arrays: TileArrays, frame: pd.DataFrame, label: str = "embedding"
) -> tuple[pd.DataFrame, dict[str, np.ndarray]]:
    """Return the chromosomes of each sample, and the mean of the family's vectors of their rows, name -> (chromosomes, D) float32.

    Memory is that of a batch, however many rows a chromosome has.

    Parameters
    ----------
    frame : as of `embed_rows`

    Returns
    -------
    columns sample, chrom, tiles (how many there are), in the order of ``frame``; and the vectors
    """
    device, groups = choose_device(), frame.groupby(["sample", "chrom"], sort=False)
    model.module.to(device)
    means = infer_means(
        lambda batch: model.family.embed(model.module, batch),
        _batches(model, arrays, frame),
        device,
        label,
        groups.ngroup().to_numpy(),
    )
    return groups.size().rename("tiles").reset_index(), means


def _batches(model: PretrainedModel, arrays: TileArrays, frame: pd.DataFrame) -> Batches:
    return Batches(TileDataset(frame, arrays), frame, Encoding(model.family, model.family_config), Plan(BATCH))
