"""A pre-trained model's vectors of the rows of a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chiasma.tiles.dataset import TileDataset
from chiasma.training.batches import Batches, Encoding, Plan
from chiasma.training.checkpoint import PretrainedModel
from chiasma.training.inference import infer
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
    batches = Batches(TileDataset(frame, arrays), frame, Encoding(family, model.family_config), Plan(BATCH))
    model.module.to(device)
    function = family.embed_tokens if level == "tokens" else family.embed
    return infer(lambda batch: function(model.module, batch), batches, device, label)
