"""Predicted contact maps as .mcool: bands of each chromosome, at the bin size they were predicted in and at coarser ones.

Axes: I bins of a chromosome, D distance in bins. Band [i, d] is the pair of bins (i, i + d), nan where nothing is predicted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import cooler
import h5py
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_array

import chiasma
from chiasma.core.atomic import writing
from chiasma.core.errors import InputError
from chiasma.genome.bins import bin_offsets, count_bins
from chiasma.io.cooler import CoolerSource, bin_table
from chiasma.io.hic import write_hic

IGNORED_DIAGONALS, TOLERANCE, MAX_SWEEPS = 2, 1e-5, 200  # of balancing, cooler's own
LEVELS = 4  # bin sizes of a file: the map's own, then each twice the one before
MEANING = {
    "values": "predicted contacts, count-like; balanced already where weight is 1 wherever something is predicted",
    "missing": "a pixel without a row is not predicted; a coarse pixel is there when all of its pixels are predicted",
}
Bands = Mapping[str, NDArray[np.floating]]  # chromosome -> (I, D)
Weights = Mapping[str, NDArray[np.floating]]  # chromosome -> (I,)


def write_predicted_map(
    path: str | Path,
    bands: Bands,
    lengths: Mapping[str, int],
    resolution_bp: int,
    assembly: str = "unknown",
    weights: Weights | None = None,
) -> None:
    """Write predicted contacts as .mcool, atomically: float counts, zeros included, and a ``weight`` or nan for each bin.

    Parameters
    ----------
    bands : chromosome -> contacts (I, D), nan where nothing is predicted; chromosomes without a band hold no pixel
    lengths : chromosome -> length in bp, in order
    resolution_bp : bin size of the bands
    weights : chromosome -> what raw counts are multiplied by (I,), nan for a bin that is left out. Given them, the file holds
        bands over the weights of both bins, raw counts, beside these weights; coarser maps are balanced anew. Without them it
        holds the bands themselves, with weight 1.
    """
    if weights is not None:
        bands = {name: raw_band(band_ID, weights[name]) for name, band_ID in bands.items()}
    with writing(path) as part:
        for level in range(LEVELS):
            if level:
                bands = {
                    name: coarsen_band(band, count_bins(lengths[name], resolution_bp)) for name, band in bands.items()
                }
                resolution_bp *= 2
            if level and not any(np.isfinite(band).any() for band in bands.values()):
                break
            _write_level(part, bands, lengths, resolution_bp, assembly)
            if weights is not None:
                own = {name: balance_band(band) for name, band in bands.items()} if level else weights
                _weigh(f"{part}::resolutions/{resolution_bp}", own, lengths, resolution_bp)
        with h5py.File(part, "r+") as file:
            file.attrs.update({"format": "HDF5::MCOOL", "format-version": 2})


def _write_level(part: Path, bands: Bands, lengths: Mapping[str, int], resolution_bp: int, assembly: str) -> None:
    bins = bin_table(lengths, resolution_bp).assign(weight=predicted_bins(bands, lengths, resolution_bp))
    uri = f"{part}::resolutions/{resolution_bp}"
    cooler.create_cooler(
        uri, bins, pixel_frames(bands, lengths, resolution_bp), dtypes={"count": np.float32}, ordered=True, mode="a",
        assembly=assembly, metadata=MEANING,
    )  # fmt: skip
    with cooler.Cooler(uri).open("r+") as group:
        group.attrs["generated-by"] = f"chiasma-{chiasma.__version__}"
        group["bins"]["weight"].attrs["divisive_weights"] = False


def raw_band(band_ID: NDArray[np.floating], weights_I: NDArray[np.floating]) -> NDArray[np.float32]:
    """Return contacts over the weights of both bins (I, D); nan where either has none, and beyond the chromosome's end."""
    padded_I = np.concatenate([weights_I, np.full(band_ID.shape[1], np.nan)])
    second_ID = np.lib.stride_tricks.sliding_window_view(padded_I, band_ID.shape[1])[: len(weights_I)]
    return (band_ID / (weights_I[:, None] * second_ID)).astype(np.float32)


def balance_band(band_ID: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return the weights (I,) that balance a band; nan for a bin without contacts beyond the first diagonals.

    They are those of cooler's ``balance_cooler`` within chromosomes, no bin filtered out, which reads the file in each sweep.
    """
    first, distance = predicted_pixels(band_ID)
    kept = distance >= IGNORED_DIAGONALS
    first, second, bins = first[kept], (first + distance)[kept], len(band_ID)
    contacts = band_ID[first, second - first].astype(np.float32).astype(np.float64)  # as they are written
    upper_II = csr_array((contacts, (first, second)), shape=(bins, bins))
    lower_II, weights_I = upper_II.T.tocsr(), np.ones(bins)
    for _ in range(MAX_SWEEPS):
        sums_I = weights_I * (upper_II @ weights_I + lower_II @ weights_I)
        seen_I = sums_I != 0
        if not seen_I.any():
            return np.full(bins, np.nan)
        weights_I[seen_I] /= sums_I[seen_I] / sums_I[seen_I].mean()
        if sums_I[seen_I].var() < TOLERANCE:
            break
    return np.where(seen_I, weights_I / np.sqrt(sums_I[seen_I].mean()), np.nan)


def _weigh(uri: str, weights: Weights, lengths: Mapping[str, int], resolution_bp: int) -> None:
    """Write the weights of a map's bins."""
    blank = {name: np.full(count_bins(length, resolution_bp), np.nan) for name, length in lengths.items()}
    with cooler.Cooler(uri).open("r+") as group:
        group["bins"]["weight"][:] = np.concatenate([weights.get(name, blank[name]) for name in lengths])


def predicted_pixels(band_ID: NDArray[np.floating]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return bin and distance of the band's finite pixels, by bin then distance; beyond the chromosome's end there are none."""
    first, distance = np.nonzero(np.isfinite(band_ID))
    inside = first + distance < len(band_ID)
    return first[inside], distance[inside]


def pixel_frames(bands: Bands, lengths: Mapping[str, int], resolution_bp: int) -> Iterator[pd.DataFrame]:
    """Yield the predicted pixels of each chromosome, sorted: bin1_id, bin2_id (counted through all chromosomes), count."""
    offsets = bin_offsets(lengths, resolution_bp)
    for chrom in lengths:
        if chrom in bands:
            first, distance = predicted_pixels(bands[chrom])
            values = bands[chrom][first, distance]
            bin1 = first + offsets[chrom]
            yield pd.DataFrame({"bin1_id": bin1, "bin2_id": bin1 + distance, "count": values.astype(np.float32)})


def predicted_bins(bands: Bands, lengths: Mapping[str, int], resolution_bp: int) -> NDArray[np.float64]:
    """Return 1 for each bin of the genome with a predicted pixel, nan for the others."""
    weights = []
    for chrom, length in lengths.items():
        own = np.full(count_bins(length, resolution_bp), np.nan)
        if chrom in bands:
            first, distance = predicted_pixels(bands[chrom])
            own[first] = own[first + distance] = 1.0
        weights.append(own)
    return np.concatenate(weights)


def coarsen_band(band_ID: NDArray[np.floating], bins: int) -> NDArray[np.float64]:
    """Return the band of bins twice as wide, ((I + 1) // 2, (D + 1) // 2): sums of the pixels that fall together.

    nan unless all of a coarse pixel's pixels are predicted; beyond the chromosome's end there are none to wait for.

    Parameters
    ----------
    bins : I, the number of bins; the last coarse bin holds only one of them when it is odd
    """
    distances, wide = band_ID.shape[1], (band_ID.shape[1] + 1) // 2
    padded = np.full((bins + bins % 2, distances + 2), np.nan)
    padded[:bins, :distances] = band_ID
    beyond = np.arange(len(padded))[:, None] + np.arange(distances + 2) >= bins
    padded[beyond] = 0.0
    coarse = np.zeros((len(padded) // 2, wide))
    for row in (0, 1):
        for col in (0, 1):
            shift = col - row  # pixel (2i + row, 2j + col) lies 2(j - i) + shift bins off the diagonal
            at = 2 * np.arange(wide) + shift
            own = padded[row::2][:, np.maximum(at, 0)]
            coarse += np.where(at >= 0, own, 0.0)  # below the diagonal: the mirror image counts once
    outside = 2 * (np.arange(len(coarse))[:, None] + np.arange(coarse.shape[1])) >= bins
    coarse[outside] = np.nan
    return coarse


def read_band(path: str | Path, chrom: str, resolution_bp: int, band_bins: int) -> NDArray[np.float32]:
    """Return a chromosome's predicted contacts, balanced (I, band_bins) float32; nan where nothing is predicted.

    InputError when the file has no such chromosome or bin size.
    """
    source = CoolerSource(path)
    if chrom not in source.chromosomes or resolution_bp not in source.resolutions:
        raise InputError(
            f"{path}: no map of '{chrom}' at {resolution_bp} bp; it holds {', '.join(source.chromosomes)} at "
            f"{', '.join(str(size) for size in source.resolutions)} bp"
        )
    band_ID = np.full((count_bins(source.chromosomes[chrom], resolution_bp), band_bins), np.nan, np.float32)
    weights_I = source.weights(chrom, resolution_bp, "weight")
    for pixels in source.stripes(chrom, resolution_bp):
        distance = pixels.bin2 - pixels.bin1
        kept = distance < band_bins
        factor = weights_I[pixels.bin1[kept]] * weights_I[pixels.bin2[kept]]
        band_ID[pixels.bin1[kept], distance[kept]] = pixels.count[kept] * factor
    return band_ID


def export_map(path: str | Path, output: str | Path) -> int:
    """Write the finest map of an .mcool or .cool as .hic with all of its bin sizes, atomically; return the pixels written.

    Coarser maps are summed from the finest; a .hic cannot hold zeros or say what is not predicted, so both are absent.
    """
    source = CoolerSource(path)
    finest, written = source.resolutions[0], 0
    offsets = bin_offsets(source.chromosomes, finest)

    def frames() -> Iterator[pd.DataFrame]:
        nonlocal written
        for chrom in source.chromosomes:
            for pixels in source.stripes(chrom, finest):
                kept = pixels.count > 0
                written += int(kept.sum())
                ids = {f"bin{side}_id": pixels[side - 1][kept] + offsets[chrom] for side in (1, 2)}
                yield pd.DataFrame(ids | {"count": pixels.count[kept]})
        if not written:
            raise InputError(f"{path}: holds no contacts within chromosomes; nothing to export")

    write_hic(output, source.chromosomes, source.resolutions, frames(), source.assembly)
    return written
