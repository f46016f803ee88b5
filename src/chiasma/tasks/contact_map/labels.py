"""The windows to train on: tiles of the map on and off the diagonal, filtered as a tileset's tiles are."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from chiasma.core.errors import InputError
from chiasma.core.log import progress
from chiasma.schema.tables import EXAMPLES
from chiasma.tasks.contact_map.config import Config
from chiasma.tiles.arrays import ArraysMeta, TileArrays
from chiasma.tiles.index import check_reach, check_tiles, check_trainable

KEYS = ["sample", "chrom", "bin1", "bin2"]


def read(path: Path) -> pd.DataFrame:
    """Refuse a file of labels: the targets are the contacts themselves."""
    raise InputError(
        f"{path}: the task takes its targets from the contacts of the tileset and reads no labels; give none"
    )


def build_examples(
    config: Config, arrays: TileArrays, splits: pd.DataFrame, labels: Mapping[str, pd.DataFrame]
) -> pd.DataFrame:
    """Return the windows of all samples as an EXAMPLES table, in genomic order, each with label 1.

    Parameters
    ----------
    config : numbers of the task
    arrays : the tileset the windows are cut from
    splits : SPLITS table
    labels : nothing

    Raises
    ------
    InputError
        When the task reaches beyond the stored band, or no window is left to train on.
    """
    check_reach(arrays, config.max_distance_bins)
    places = [(sample, chrom) for sample in arrays.meta.samples for chrom in arrays.meta.chromosomes]
    frames = []
    for sample, chrom in progress(places, "windows"):
        drawn = draw_windows(config, arrays.meta, chrom)
        if len(drawn):
            drawn = drawn.assign(sample=sample, chrom=chrom, source="tiling", label=1)
            frames.append(check_tiles(arrays, splits, drawn, config.min_nonzero_fraction))
    examples = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=EXAMPLES.names)
    check_trainable(examples, "splits, distances and min_nonzero_fraction")
    return examples.sort_values(KEYS, kind="stable")[EXAMPLES.names].reset_index(drop=True)


def draw_windows(config: Config, meta: ArraysMeta, chrom: str) -> pd.DataFrame:
    """Return the bins bin1 and bin2 that windows of one chromosome are centred on; the first touches its start."""
    bins = meta.bins(chrom)
    bin1 = np.arange(meta.half_bins, bins, config.stride_bins)
    distances = np.arange(0, config.max_distance_bins + 1, config.distance_step_bins)
    pairs = np.stack([np.repeat(bin1, len(distances)), np.add.outer(bin1, distances).ravel()], axis=1)
    pairs = pairs[pairs[:, 1] < bins]
    return pd.DataFrame({"bin1": pairs[:, 0], "bin2": pairs[:, 1]})
