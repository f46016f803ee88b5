"""Predicted signal as bigWig: one value for each contact bin, in the unit that was measured."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from chiasma.core.errors import InputError
from chiasma.genome.bins import count_bins
from chiasma.io.bigwig import read_bin_sums, read_chromosomes, write_bins


def write_predicted_profile(
    path: str | Path, log2_signal: Mapping[str, NDArray], lengths: Mapping[str, int], bin_bp: int
) -> None:
    """Write the signal 2^x - 1 of each bin, not below 0, as bigWig, atomically; bins without a prediction stay absent.

    Parameters
    ----------
    log2_signal : chromosome -> x = log2(1 + signal) of each bin (I,), nan where nothing is predicted
    lengths : chromosome -> length in bp, of all chromosomes of the header, in order
    """
    signal = {
        chrom: np.maximum(np.exp2(np.asarray(values, np.float64)) - 1, 0) for chrom, values in log2_signal.items()
    }
    absent = {chrom: np.full(count_bins(length, bin_bp), np.nan) for chrom, length in lengths.items()}
    write_bins(path, lengths, absent | signal, bin_bp)


def read_predicted_profile(path: str | Path, lengths: Mapping[str, int], bin_bp: int) -> dict[str, NDArray[np.float32]]:
    """Read chromosome -> log2(1 + signal) of each bin (I,) float32, nan where nothing is predicted.

    Parameters
    ----------
    lengths : chromosome -> length in bp, as it was written

    Raises
    ------
    InputError
        When the file lacks a chromosome or has another length of it, or is damaged.
    """
    found = read_chromosomes(path)
    for chrom, length in lengths.items():
        if found.get(chrom) != length:
            raise InputError(
                f"{path}: {chrom} is {found.get(chrom, 'not there')}, expected {length} bp; predict again with this study's tiles"
            )
    profile = {}
    for chrom in lengths:
        sums_I, covered_I = read_bin_sums(path, chrom, bin_bp)
        means_I = np.divide(sums_I, covered_I, out=np.full(len(sums_I), np.nan), where=covered_I > 0)
        profile[chrom] = np.log2(1 + means_I).astype(np.float32)
    return profile
