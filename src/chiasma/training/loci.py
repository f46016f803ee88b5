"""Pairs that share the work on their loci: each locus is encoded once, then paired with all its partners.

Axes: n pairs, U loci, B pairs of a batch.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import torch

from chiasma.contracts import LOCI
from chiasma.tiles.dataset import LocusDataset, TileDataset
from chiasma.training.batches import Batches, Encoding, Loaded, Plan
from chiasma.training.inference import infer

if TYPE_CHECKING:
    from chiasma.contracts import Representation
    from chiasma.tiles.arrays import TileArrays

PLACE = ["sample", "chrom"]


def unique_loci(frame: pd.DataFrame) -> tuple[pd.DataFrame, np.ndarray]:
    """Return the different loci of pairs, and which two of them each pair has.

    Parameters
    ----------
    frame : n rows with columns sample, chrom, bin1, bin2

    Returns
    -------
    loci, columns sample, chrom, bin, sorted (U rows); and their row numbers (n, 2), of the first bin and of the second
    """
    ends = [frame[[*PLACE, end]].set_axis([*PLACE, "bin"], axis=1) for end in ("bin1", "bin2")]
    groups = pd.concat(ends, ignore_index=True).groupby([*PLACE, "bin"], sort=True)
    return groups.size().index.to_frame(index=False), groups.ngroup().to_numpy().reshape(2, -1).T


class PairedLoci(Batches):
    """A stream of batches of pairs whose strips are there as what `Representation.encode_loci` made of them."""

    def __init__(
        self,
        frame: pd.DataFrame,
        arrays: TileArrays,
        encoding: Encoding,
        plan: Plan,
        loci: tuple[np.ndarray, np.ndarray],
    ) -> None:
        super().__init__(TileDataset(frame, arrays, strips=False), frame, encoding, plan)
        self.encoded, self.ends_n2 = loci

    def stream(self, epoch: int = 0, start: int = 0) -> Iterator[Loaded]:
        """Yield the batches of ``epoch`` from batch ``start`` on, with `LOCI` (B, 2, ...)."""
        for batch, rows in super().stream(epoch, start):
            yield Loaded({**batch, LOCI: torch.from_numpy(self.encoded[self.ends_n2[rows]])}, rows)


def pair_loci(
    representation: Representation, frame: pd.DataFrame, arrays: TileArrays, encoding: Encoding, plan: Plan
) -> PairedLoci:
    """Encode each locus of ``frame`` once, and return the batches of its pairs.

    Parameters
    ----------
    representation : of a family that shares loci, in evaluation mode
    frame : n rows with columns sample, chrom, bin1, bin2
    encoding : of the pairs; its family encodes the strips too
    plan : of the pairs, in the order given; a batch holds as many strips as both ends of its pairs would
    """
    device = next(representation.encoder.parameters()).device
    loci, ends_n2 = unique_loci(frame)
    strips = Encoding(encoding.family, encoding.config)
    batches = Batches(LocusDataset(loci, arrays), loci, strips, Plan(2 * plan.batch_size, workers=plan.workers))
    encoded = infer(lambda batch: {LOCI: representation.encode_loci(batch)}, batches, device, "encoding loci")
    return PairedLoci(frame, arrays, encoding, plan, (encoded[LOCI], ends_n2))
