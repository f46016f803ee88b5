"""The triplets to learn from: a window, the same place of a replicate, and the same place of another biosample.

Axes: T triplets, W places.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from chiasma.core.seed import generator
from chiasma.schema.tables import EXAMPLES
from chiasma.tasks.reproducibility.config import GROUP, LABELS, Config, check_replicates
from chiasma.tiles.arrays import TileArrays
from chiasma.tiles.index import check_trainable
from chiasma.tiles.window_grid import WindowGrid, tiled_windows


def build_examples(
    config: Config, arrays: TileArrays, splits: pd.DataFrame, labels: Mapping[str, pd.DataFrame]
) -> pd.DataFrame:
    """Return the triplets of all places as an EXAMPLES table: three rows each, labels 0 (anchor), 1 (replicate), 2 (other).

    Triplets are in genomic order. One is kept when all three of its windows are; else its rows have the reason of the first
    window that is not.

    Parameters
    ----------
    config : numbers of the task
    arrays : the tileset the windows are cut from
    splits : SPLITS table
    labels : nothing

    Raises
    ------
    ConfigError
        When ``replicates`` names no triplet, or a sample that the tileset does not have.
    InputError
        When no triplet is left to train on.
    """
    check_replicates(config, arrays.meta.samples, "task")
    grid = WindowGrid(config.stride_bins, config.min_nonzero_fraction)
    windows = tiled_windows(grid, arrays, splits, config.samples, list(arrays.meta.chromosomes))
    frames = [triplets(config, own, chrom) for chrom, own in windows.groupby("chrom", sort=False)]
    examples = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=EXAMPLES.names)
    check_trainable(examples, "splits, replicates and min_nonzero_fraction")
    return examples[EXAMPLES.names]


def triplets(config: Config, windows: pd.DataFrame, chrom: str) -> pd.DataFrame:
    """Return the triplets of one chromosome, three rows each, by place.

    Parameters
    ----------
    windows : of all samples on this chromosome, at the same places
    """
    by_sample = {sample: own.reset_index(drop=True) for sample, own in windows.groupby("sample", sort=False)}
    places = len(next(iter(by_sample.values())))
    members = list(drawn_members(config, chrom, places))
    place_T = np.concatenate([np.arange(places) for _ in members])
    order = np.argsort(place_T, kind="stable")
    name_T3 = np.concatenate(members)[order]
    rows = pd.DataFrame({"sample": name_T3.ravel(), "place": np.repeat(place_T[order], GROUP)})
    flat = pd.concat([own.assign(place=own.index) for own in by_sample.values()])
    found = rows.merge(flat, on=["sample", "place"], how="left", validate="m:1")
    reason_T3 = found["reason"].to_numpy(object).reshape(-1, GROUP)
    first_T = np.argmax(reason_T3 != "", axis=1)
    reason_T = reason_T3[np.arange(len(reason_T3)), first_T]
    return found.assign(
        source="triplet",
        label=np.tile(LABELS, len(reason_T3)),
        kept=np.repeat(reason_T == "", GROUP),
        reason=np.repeat(reason_T, GROUP),
    )


def drawn_members(config: Config, chrom: str, places: int) -> Iterator[np.ndarray]:
    """Yield the samples (W, 3) of one triplet at each place: anchor, replicate, and a sample of another biosample.

    Triplets of one place and pair of replicates have different samples in their third row.
    """
    for anchor, positive in config.anchors():
        others = np.array(config.others(anchor), object)
        rng = generator(config.seed, "negatives", chrom, anchor, positive)
        drawn_WN = rng.permuted(np.tile(np.arange(len(others)), (places, 1)), axis=1)[:, : config.negatives]
        for column_W in drawn_WN.T:
            yield np.stack(
                [np.full(places, anchor, object), np.full(places, positive, object), others[column_W]], axis=1
            )
