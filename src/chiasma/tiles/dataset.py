"""Tiles as a torch dataset: batched reads from the shared arrays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from torch.utils.data import Dataset

from chiasma.tiles.arrays import TileArrays

if TYPE_CHECKING:
    import pandas as pd


class TileDataset(Dataset):
    """The tiles of an index or example table, read in batches.

    Parameters
    ----------
    frame : columns sample, chrom, bin1, bin2, label when there are labels, and chrom2 when there are windows between
        chromosomes; every row is served
    arrays : the tileset's arrays
    strips : whether tracks are read too

    Notes
    -----
    ``dataset[indices]`` and ``dataset.__getitems__(indices)`` return one dict of arrays, the ``Examples`` of
    `chiasma.contracts`: contacts (B, N, N), expected, valid, tracks (B, 2L, C) if there are any, distance_bins (B,), label
    (B,) int64.
    Batches come whole, so a DataLoader's ``collate_fn`` must hand them on as they are. Arrays are mapped on first use in
    each process.
    """

    def __init__(self, frame: pd.DataFrame, arrays: TileArrays, *, strips: bool = True) -> None:
        self.arrays, self.strips = arrays, strips
        self.bin1 = frame["bin1"].to_numpy(np.int64)
        self.bin2 = frame["bin2"].to_numpy(np.int64)
        self.label = frame["label"].to_numpy(np.int64) if "label" in frame else None
        groups = frame.assign(chrom2=frame.get("chrom2", frame["chrom"])).groupby(
            ["sample", "chrom", "chrom2"], sort=True
        )
        self.places: list[tuple[str, str, str]] = list(groups.indices)
        self.place = groups.ngroup().to_numpy(np.int64)
        for sample, *chroms in self.places:
            arrays.check_sample(sample)
            for chrom in chroms:
                arrays.meta.bins(chrom)

    def __len__(self) -> int:
        return len(self.bin1)

    def __getitem__(self, index: int) -> dict[str, np.ndarray]:
        return self.__getitems__([index])

    def __getitems__(self, indices: Sequence[int]) -> dict[str, np.ndarray]:
        """Return the tiles at ``indices``, in that order, as arrays that share their first axis."""
        indices_B = np.asarray(indices, np.int64)
        place_B = self.place[indices_B]
        examples: dict[str, np.ndarray] = {}
        for place in np.unique(place_B):
            at = np.flatnonzero(place_B == place)
            rows = indices_B[at]
            sample, chrom, chrom2 = self.places[place]
            pairs = self.bin1[rows], self.bin2[rows]
            windows = self.arrays.windows(sample, chrom, *pairs, strips=self.strips, chrom2=chrom2)
            if len(at) == len(indices_B):
                examples = windows
                break
            for name, values in windows.items():
                examples.setdefault(name, np.empty((len(indices_B), *values.shape[1:]), values.dtype))[at] = values
        if self.label is not None:
            examples["label"] = self.label[indices_B]
        return examples


class TilesetsDataset(Dataset):
    """The tiles of several tilesets, whose windows have one shape, as one dataset.

    Parameters
    ----------
    frame : columns tileset, sample, chrom, bin1, bin2; every row is served
    arrays : the arrays of each tileset, by name

    Notes
    -----
    ``dataset.__getitems__(indices)`` returns what `TileDataset` does, without targets, which tilesets need not have alike.
    """

    def __init__(self, frame: pd.DataFrame, arrays: Mapping[str, TileArrays]) -> None:
        rows = frame.groupby("tileset", sort=True).indices
        self.parts = [TileDataset(frame.iloc[own], arrays[name]) for name, own in rows.items()]
        self.part, self.row = np.zeros(len(frame), np.int64), np.zeros(len(frame), np.int64)
        for part, own in enumerate(rows.values()):
            self.part[own], self.row[own] = part, np.arange(len(own))

    def __len__(self) -> int:
        return len(self.part)

    def __getitems__(self, indices: Sequence[int]) -> dict[str, np.ndarray]:
        """Return the tiles at ``indices``, in that order, as arrays that share their first axis."""
        indices_B = np.asarray(indices, np.int64)
        examples: dict[str, np.ndarray] = {}
        for part in np.unique(self.part[indices_B]):
            at = np.flatnonzero(self.part[indices_B] == part)
            windows = self.parts[part].__getitems__(self.row[indices_B[at]])
            windows.pop("targets", None)
            if len(at) == len(indices_B):
                return windows
            for name, values in windows.items():
                examples.setdefault(name, np.empty((len(indices_B), *values.shape[1:]), values.dtype))[at] = values
        return examples


class LocusDataset(Dataset):
    """The strips of single loci, each of which may belong to many tiles.

    Parameters
    ----------
    loci : columns sample, chrom, bin; every row is served
    arrays : the tileset's arrays

    Notes
    -----
    ``dataset.__getitems__(indices)`` returns ``tracks`` (U, L, C), one strip a locus.
    """

    def __init__(self, loci: pd.DataFrame, arrays: TileArrays) -> None:
        self.arrays = arrays
        self.bin = loci["bin"].to_numpy(np.int64)
        groups = loci.groupby(["sample", "chrom"], sort=True)
        self.places: list[tuple[str, str]] = list(groups.indices)
        self.place = groups.ngroup().to_numpy(np.int64)

    def __len__(self) -> int:
        return len(self.bin)

    def __getitems__(self, indices: Sequence[int]) -> dict[str, np.ndarray]:
        """Return the strips at ``indices``, in that order."""
        indices_U = np.asarray(indices, np.int64)
        shape = self.arrays.meta.shape
        tracks_ULC = np.empty((len(indices_U), shape["strip_bins"], shape["tracks"]), np.float32)
        for place in np.unique(self.place[indices_U]):
            at = np.flatnonzero(self.place[indices_U] == place)
            tracks_ULC[at] = self.arrays.strips(*self.places[place], self.bin[indices_U[at]])
        return {"tracks": tracks_ULC}
