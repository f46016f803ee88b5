"""From windows to similarities: of each place of one sample with the same place of every other sample.

Axes: n windows, W places, E channels of an embedding.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from chiasma.contracts import Inputs
from chiasma.core.errors import InputError
from chiasma.core.log import log
from chiasma.schema.tables import SIMILARITIES
from chiasma.tasks.reproducibility.config import Config, check_replicates
from chiasma.tiles.stitching import PREDICTED_SPLITS
from chiasma.tiles.window_grid import WindowGrid, tiled_windows

PLACE = ["chrom", "bin1"]
SPAN = {"start1": "start", "end1": "end"}  # of a window on the diagonal, whose sides are one
Score = Callable[[pd.DataFrame], np.ndarray]  # rows sample, chrom, bin1, bin2 -> embeddings (n, E)
Compare = Callable[[pd.DataFrame, str], np.ndarray]  # windows of the sample, another sample -> similarities (n,)


def predict(config: Config, inputs: Inputs, score: Score) -> dict[str, pd.DataFrame]:
    """Return the similarities of one sample as ``tsv``, a SIMILARITIES table: cosines of the embeddings.

    Parameters
    ----------
    score : windows -> embeddings (n, E), of any length

    Raises
    ------
    InputError
        When the sample is unknown, or no window lies in the valid and test regions.
    ConfigError
        When ``replicates`` names a sample that the tileset does not have, or no two to be compared.
    """
    windows = predicted_windows(config, inputs)
    directed = {sample: unit(score(own)) for sample, own in windows.items() if len(own)}

    def cosine(shared: pd.DataFrame, other: str) -> np.ndarray:
        first, second = (directed[name][at_places(windows[name], shared)] for name in (inputs.sample, other))
        return (first * second).sum(axis=1)

    return {"tsv": similarities(windows, inputs.sample, cosine)}


def unit(vectors_nE: np.ndarray) -> np.ndarray:
    """Return the vectors (n, E) float64 at length 1; one without length is nan."""
    vectors_nE = np.asarray(vectors_nE, np.float64)
    length_n1 = np.linalg.norm(vectors_nE, axis=1, keepdims=True)
    return np.divide(vectors_nE, length_n1, out=np.full(vectors_nE.shape, np.nan), where=length_n1 > 0)


def predicted_windows(config: Config, inputs: Inputs) -> dict[str, pd.DataFrame]:
    """Return the usable windows of every sample that is compared in valid and test regions, by sample, in genomic order.

    A sample that ``replicates`` does not name is compared with none, and nothing is returned.
    """
    arrays, splits = inputs.arrays, inputs.splits
    arrays.check_sample(inputs.sample)
    check_replicates(config, arrays.meta.samples, "task")
    if inputs.sample not in config.samples:
        log.warning("sample '%s' is not named in replicates: it is compared with none", inputs.sample)
        return {}
    wanted = set(splits.loc[splits["split"].isin(PREDICTED_SPLITS), "chrom"])
    chromosomes = [chrom for chrom in arrays.meta.chromosomes if chrom in wanted]
    grid = WindowGrid(config.stride_bins, config.min_nonzero_fraction)
    windows = tiled_windows(grid, arrays, splits, config.samples, chromosomes)
    windows = windows[windows["kept"].astype(bool) & windows["split"].isin(PREDICTED_SPLITS)].rename(columns=SPAN)
    if windows.empty:
        raise InputError(
            f"no window of {arrays.meta.tile_bins} bins is left in valid and test regions; widen the splits, or lower "
            "min_nonzero_fraction"
        )
    return {name: windows[windows["sample"] == name].reset_index(drop=True) for name in config.samples}


def similarities(windows: dict[str, pd.DataFrame], sample: str, compare: Compare) -> pd.DataFrame:
    """Return the SIMILARITIES table of a sample with every other, over the places that both have.

    Parameters
    ----------
    windows : of each sample, from `predicted_windows`; empty gives an empty table
    compare : windows of the sample at the places shared with another, and that one's name -> similarities (n,)
    """
    frames = [pd.DataFrame(columns=SIMILARITIES.names)]
    for other, theirs in windows.items():
        if other == sample:
            continue
        shared = windows[sample].merge(theirs[PLACE], on=PLACE, how="inner")
        if len(shared):
            frames.append(shared.assign(other=other, similarity=compare(shared, other))[SIMILARITIES.names])
    return pd.concat(frames[1:] or frames, ignore_index=True)


def at_places(windows: pd.DataFrame, shared: pd.DataFrame) -> np.ndarray:
    """Return the row numbers of ``windows`` at the places of ``shared``, in its order."""
    rows = pd.Series(np.arange(len(windows)), index=pd.MultiIndex.from_frame(windows[PLACE]))
    return rows.loc[pd.MultiIndex.from_frame(shared[PLACE])].to_numpy()
