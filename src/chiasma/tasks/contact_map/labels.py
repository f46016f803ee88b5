"""The windows to train on: tiles of the map on and off the diagonal, filtered as a tileset's tiles are."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from chiasma.core.errors import InputError
from chiasma.core.log import log, progress
from chiasma.schema.tables import EXAMPLES
from chiasma.tasks.contact_map.config import Config
from chiasma.tiles.arrays import ArraysMeta, TileArrays
from chiasma.tiles.index import check_tiles

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
    check_limits(config, arrays)
    places = [(sample, chrom) for sample in arrays.meta.samples for chrom in arrays.meta.chromosomes]
    frames = []
    for sample, chrom in progress(places, "windows"):
        drawn = draw_windows(config, arrays.meta, chrom)
        if len(drawn):
            drawn = drawn.assign(sample=sample, chrom=chrom, source="tiling", label=1)
            frames.append(check_tiles(arrays, splits, drawn, config.min_nonzero_fraction))
    examples = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=EXAMPLES.names)
    check_trainable(examples)
    return examples.sort_values(KEYS, kind="stable")[EXAMPLES.names].reset_index(drop=True)


def check_limits(config: Config, arrays: TileArrays) -> None:
    """Raise InputError when the task reaches beyond the stored band."""
    if config.max_distance_bins > arrays.meta.max_distance_bins:
        raise InputError(
            f"{arrays.folder}: pairs reach {arrays.meta.max_distance_bins} bins, the task asks for max_distance_bins "
            f"{config.max_distance_bins}; lower it, or raise the tileset's and tile again"
        )


def draw_windows(config: Config, meta: ArraysMeta, chrom: str) -> pd.DataFrame:
    """Return the bins bin1 and bin2 that windows of one chromosome are centred on; the first touches its start."""
    bins = meta.bins(chrom)
    bin1 = np.arange(meta.half_bins, bins, config.stride_bins)
    distances = np.arange(0, config.max_distance_bins + 1, config.distance_step_bins)
    pairs = np.stack([np.repeat(bin1, len(distances)), np.add.outer(bin1, distances).ravel()], axis=1)
    pairs = pairs[pairs[:, 1] < bins]
    return pd.DataFrame({"bin1": pairs[:, 0], "bin2": pairs[:, 1]})


def check_trainable(examples: pd.DataFrame) -> None:
    """Raise InputError without a window to train on; warn when validation or test has none."""
    found = examples.loc[examples["kept"].astype(bool), "split"].value_counts()
    if not found.get("train", 0):
        raise InputError(
            f"no window is left to train on (of {len(examples)}, dropped by reason: "
            f"{examples['reason'].value_counts().to_dict()}); check splits, distances and min_nonzero_fraction"
        )
    for split in ("valid", "test"):
        if not found.get(split, 0):
            log.warning("no window lies in the %s split", split)
