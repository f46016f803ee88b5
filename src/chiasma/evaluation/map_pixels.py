"""The pixels that count in a comparison of contact maps: the same for every prediction.

Axes: I bins of a piece, S distance in bins. A band's [i, s] is the pair of bins (i, i + s).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from chiasma.core.errors import InputError
from chiasma.core.log import log
from chiasma.evaluation.intervals import Blocks
from chiasma.tiles.arrays import ArraysMeta, TileArrays, valid_pairs

Bands = Mapping[tuple[str, str], NDArray]


@dataclass(frozen=True)
class Piece:
    """One test region of one sample.

    Attributes
    ----------
    sample : the one that is predicted
    first_bin : bin of the chromosome at which row 0 lies
    counted_IS : pixels that count
    contacts_IS : observed contacts, float32; 0 where a pixel does not count
    block_I : block of each row; a pixel belongs to the block of its first bin
    """

    sample: str
    chrom: str
    first_bin: int
    counted_IS: NDArray[np.bool_]
    contacts_IS: NDArray[np.float32]
    block_I: NDArray[np.int64]

    def cut(self, band: NDArray) -> NDArray[np.float32]:
        """Return the piece of a chromosome's ``band`` (I, S): negative contacts count as 0, as do pixels that do not count."""
        rows = band[self.first_bin : self.first_bin + len(self.counted_IS), : self.counted_IS.shape[1]]
        counted = self.counted_IS[:, : rows.shape[1]]  # beyond a narrower band no pixel counts
        out = np.zeros(self.counted_IS.shape, np.float32)
        out[:, : rows.shape[1]][counted] = np.maximum(rows[counted].astype(np.float32), 0)
        return out


def common_pieces(
    bands: Sequence[Bands],
    arrays: TileArrays,
    splits: pd.DataFrame,
    blocks: Blocks,
    min_distance_bins: int,
    truth_of: Mapping[str, str] = MappingProxyType({}),
) -> list[Piece]:
    """Return the test regions with the pixels that every prediction holds.

    A pixel counts when both its bins are valid in the truth and lie in one test region (a pixel across the ground between two regions
    does not count), at least ``min_distance_bins`` apart, and when it is finite in all ``bands``. What is lost because
    predictions differ in where they are finite is logged.

    Parameters
    ----------
    bands : of each prediction, (sample, chromosome) -> (I of the chromosome, at most the stored distances)
    truth_of : sample -> sample whose contacts and valid bins are the truth; by default its own

    Raises
    ------
    InputError
        When a band does not fit the stored one, or no pixel is left.
    """
    pieces, held, common = [], 0, 0
    for sample, chrom in dict.fromkeys(place for own in bands for place in own):
        own = [_checked(each.get((sample, chrom)), (sample, chrom), arrays.meta) for each in bands]
        truth = (truth_of.get(sample, sample), chrom)
        for first, last in test_bins(splits, chrom, arrays.meta):
            usable_IS = _usable(arrays.valid(*truth)[first:last], own, min_distance_bins)
            counted_IS, any_IS = _finite(usable_IS, [band[first:last] for band in own])
            held, common = held + int(any_IS.sum()), common + int(counted_IS.sum())
            if counted_IS.any():
                observed_IS = arrays.contacts(*truth)[first:last, : counted_IS.shape[1]]
                contacts_IS = np.where(counted_IS, observed_IS, 0).astype(np.float32)
                start_bp = pd.Series(np.arange(first, last) * arrays.meta.resolution_bp)
                block_I = blocks.index(pd.Series([chrom] * (last - first)), start_bp)
                pieces.append(Piece(sample, chrom, first, counted_IS, contacts_IS, block_I))
    if not pieces:
        raise InputError(
            f"{len(bands)} predicted maps have no pixel of a test region in common where both bins are valid; "
            "predict the test regions of the same samples and chromosomes with each model"
        )
    if common < held:
        log.warning("maps: %d of %d pixels are not predicted by all and left out", held - common, held)
    return _of_one_width(pieces)


def matching_factors(pieces: Sequence[Piece], contacts: Sequence[NDArray]) -> dict[str, float]:
    """Return for each sample what brings a map to its depth: observed over the map's own total of all counted pixels.

    A sample is one experiment of one depth, so that its regions share the factor. 1 where the map has no contacts.

    Parameters
    ----------
    contacts : of the map, (I, S) of each piece
    """
    totals: dict[str, NDArray[np.float64]] = {}
    for piece, own_IS in zip(pieces, contacts, strict=True):
        pair = np.array([each.sum(dtype=float) for each in (piece.contacts_IS, own_IS)])
        totals[piece.sample] = totals.get(piece.sample, 0) + pair
    return {sample: float(truth / own) if own > 0 else 1.0 for sample, (truth, own) in totals.items()}


def test_bins(splits: pd.DataFrame, chrom: str, meta: ArraysMeta) -> Iterator[tuple[int, int]]:
    """Yield (first, last) of the bins that lie wholly in each test region of a chromosome; regions that touch are one."""
    regions = splits[(splits["split"] == "test") & (splits["chrom"] == chrom)].sort_values("start")
    merged: list[list[int]] = []
    for start, end in regions[["start", "end"]].itertuples(index=False):
        if merged and start <= merged[-1][1]:
            merged[-1][1] = max(merged[-1][1], int(end))
        else:
            merged.append([int(start), int(end)])
    for start, end in merged:
        whole = meta.bins(chrom) if end >= meta.chromosomes[chrom] else end // meta.resolution_bp
        if whole > -(-start // meta.resolution_bp):
            yield -(-start // meta.resolution_bp), whole


def _checked(band: NDArray | None, place: tuple[str, str], meta: ArraysMeta) -> NDArray:
    """Return the band, or one without any distance where there is none."""
    bins = meta.bins(place[1])
    if band is None:
        return np.zeros((bins, 0), np.float32)
    if band.ndim != 2 or len(band) != bins or band.shape[1] > meta.band_bins:
        raise InputError(
            f"{place[0]} {place[1]}: the predicted band has shape {band.shape}, expected ({bins}, at most {meta.band_bins}): "
            "one row for each bin of the chromosome, [i, d] the pair (i, i + d)"
        )
    return band


def _usable(valid_I: NDArray[np.bool_], bands: list[NDArray], min_distance_bins: int) -> NDArray[np.bool_]:
    """Return the pixels of a region with valid bins, up to the farthest distance that any band has."""
    usable_IS = valid_pairs(np.asarray(valid_I), max(1, *(band.shape[1] for band in bands)))
    usable_IS[:, :min_distance_bins] = False
    return usable_IS


def _finite(usable_IS: NDArray[np.bool_], bands: list[NDArray]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return the usable pixels that are finite in all bands, and in any."""
    every, some = usable_IS.copy(), np.zeros_like(usable_IS)
    for band in bands:
        width = band.shape[1]
        finite = np.isfinite(band)
        every[:, :width] &= finite
        every[:, width:] = False
        some[:, :width] |= finite
    return every, some & usable_IS


def _of_one_width(pieces: list[Piece]) -> list[Piece]:
    """Bring all pieces to the largest distance at which any pixel counts, so that their sums add up."""
    width = max(int(np.flatnonzero(piece.counted_IS.any(axis=0))[-1]) + 1 for piece in pieces)
    return [
        Piece(
            piece.sample,
            piece.chrom,
            piece.first_bin,
            _widened(piece.counted_IS, width),
            _widened(piece.contacts_IS, width),
            piece.block_I,
        )
        for piece in pieces
    ]


def _widened(band: NDArray, width: int) -> NDArray:
    out = np.zeros((len(band), width), band.dtype)
    out[:, : band.shape[1]] = band[:, :width]
    return out
