"""Contacts: what a pixel's value means, how it falls with distance, and the quality of a map.

Arrays here are bands: row i, column d holds the pair of bins (i, i + d).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from chiasma.core.errors import ConfigError, unknown

BALANCES = ("ice", "none", "weight", "KR", "VC", "VC_SQRT", "SCALE")
ROWS = 8192  # rows of a band held as float64 at a time
MIN_CONTACTS = 500.0  # a distance with fewer contacts borrows from its neighbours
WIDTHS = (0.02, 0.05, 0.1, 0.2, 0.4)  # how far it may reach, as a fraction of the distance
SLOPE_BINS = (10, 200)  # distances between which the slope of P(s) is fitted


@dataclass(frozen=True)
class ContactsConfig:
    """How raw contacts become the study's map.

    Attributes
    ----------
    chromosomes : chromosomes of the study
    resolution_bp : bin size of the map
    balance : ice, none, or the name of weights in the file (weight, KR, VC, VC_SQRT, SCALE)
    ice_mad_max : bins with a log coverage this many median absolute deviations below the median are masked
    keep_fraction : share of the reads that are kept, drawn one by one; 1 for all
    keep_start : of two maps made of one file, ranges [keep_start, keep_start + keep_fraction) that do not meet share no read
    keep_seed : seed of the draw
    """

    chromosomes: tuple[str, ...]
    resolution_bp: int
    balance: str = "ice"
    ice_mad_max: float = 5.0
    keep_fraction: float = 1.0
    keep_start: float = 0.0
    keep_seed: int = 1

    def __post_init__(self) -> None:
        """Refuse a balance that no file and no method of ours can have."""
        if self.balance not in BALANCES:
            raise ConfigError(unknown("balance", self.balance, BALANCES, "balance"))


def band_sums(band: NDArray, valid: NDArray[np.bool_]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return the sum of contacts and the number of pairs of valid bins at each distance, each (band_bins,).

    Parameters
    ----------
    band : (n_bins, band_bins), any float type, may be a memory map; values of invalid pairs are ignored, nan included
    valid : (n_bins,)
    """
    n_bins, band_bins = band.shape
    partner = np.lib.stride_tricks.sliding_window_view(np.pad(valid, (0, band_bins)), band_bins)
    sums, pairs = np.zeros(band_bins), np.zeros(band_bins, np.int64)
    for start in range(0, n_bins, ROWS):
        rows = slice(start, min(start + ROWS, n_bins))
        both = partner[rows] & valid[rows, None]
        sums += np.where(both, band[rows], 0).sum(axis=0, dtype=np.float64)
        pairs += both.sum(axis=0)
    return sums, pairs


def _window_sums(values: NDArray, width: float) -> NDArray[np.float64]:
    """Return at each distance d the sum of ``values`` over distances within ``width * d`` of it; 0 counts only for itself."""
    distance = np.arange(len(values))
    reach = np.ceil(width * distance).astype(int)
    total = np.concatenate([[0.0], np.cumsum(values, dtype=np.float64)])
    first = np.maximum(distance - reach, np.minimum(distance, 1))
    return total[np.minimum(distance + reach + 1, len(values))] - total[first]


def smooth_decay(sums: NDArray, pairs: NDArray, min_contacts: float = MIN_CONTACTS) -> NDArray[np.float64]:
    """Return mean contacts per pair at each distance, (band_bins,).

    A distance with at least ``min_contacts`` contacts keeps its own mean. Others take the mean over the narrowest window
    of neighbouring distances (a fraction of the distance, so even on a log axis) that holds so many; a distance where
    nothing is seen even then continues the value before it, so that the result is positive wherever contacts exist.
    """
    mean = np.divide(sums, pairs, out=np.zeros(len(sums)), where=pairs > 0)
    sparse = sums < min_contacts
    for width in WIDTHS:
        contacts, wide_pairs = _window_sums(sums, width), _window_sums(pairs, width)
        np.divide(contacts, wide_pairs, out=mean, where=sparse & (wide_pairs > 0))
        sparse &= contacts < min_contacts
    return _carried_forward(mean)


def _carried_forward(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return ``values`` with each that is not positive replaced by the last positive one before it (or the first after)."""
    seen = np.flatnonzero(values > 0)
    if not len(seen):
        return values
    source = np.searchsorted(seen, np.arange(len(values)), side="right") - 1
    return values[seen[np.maximum(source, 0)]]


def expected_by_distance(band: NDArray, valid: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return the expected contacts at each distance, (band_bins,) float64.

    The mean over pairs of valid bins, smoothed over neighbouring distances where contacts are few (`smooth_decay`).

    Parameters
    ----------
    band : (n_bins, band_bins) count-like contacts; [i, d] is the pair (i, i + d)
    valid : (n_bins,) whether a bin has a weight
    """
    return smooth_decay(*band_sums(band, valid))


def observed_over_expected(band: NDArray, expected: NDArray) -> NDArray[np.float32]:
    """Return ``band / expected`` per distance, (n_bins, band_bins) float32; 0 where nothing is expected."""
    scale = np.divide(1.0, expected, out=np.zeros(len(expected)), where=np.asarray(expected) > 0)
    return np.asarray(band, np.float32) * scale.astype(np.float32)


def pairs_by_distance(valid: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return the number of pairs of valid bins at each distance, (n_bins,), for a whole chromosome.

    Parameters
    ----------
    valid : (n_bins,)
    """
    n_bins = len(valid)
    size = 2 * n_bins  # padded, so that the correlation does not wrap around
    spectrum = np.fft.rfft(valid.astype(np.float64), size)
    return np.rint(np.fft.irfft(spectrum * spectrum.conj(), size)[:n_bins]).astype(np.int64)


def decay_classes(n_distances: int, per_decade: int = 20) -> NDArray[np.int64]:
    """Return the first distance (bins) of each class of distances that are even on a log axis, (n_classes,) rising from 0.

    A class ends where the next begins; 0 and other short distances are a class each.
    """
    decades = max(np.log10(max(n_distances, 2)), 1)
    borders = np.unique(np.rint(np.geomspace(1, n_distances, int(decades * per_decade) + 1)).astype(np.int64))
    return np.concatenate([[0], borders[borders < n_distances]])


def decay_table(
    sums: NDArray, pairs: NDArray, per_decade: int = 20
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]:
    """Return P(s) in distance classes that are even on a log axis: mean distance in bins, mean contacts a pair, pairs.

    Parameters
    ----------
    sums : (n_distances,) contacts at each distance in bins
    pairs : (n_distances,) pairs of valid bins
    per_decade : classes a decade; a short distance is a class by itself; classes without pairs are left out
    """
    first = decay_classes(len(sums), per_decade)
    number = np.add.reduceat(pairs, first).astype(np.int64)
    distance, contacts = (
        np.add.reduceat(values, first) for values in (pairs * np.arange(len(pairs), dtype=float), sums)
    )
    seen = number > 0
    return distance[seen] / number[seen], contacts[seen] / number[seen], number[seen]


def decay_slope(sums: NDArray, pairs: NDArray) -> float:
    """Return the slope of log contacts over log distance between `SLOPE_BINS`; nan with fewer than three classes there."""
    distance, contacts, _ = decay_table(sums, pairs)
    used = (distance >= SLOPE_BINS[0]) & (distance <= SLOPE_BINS[1]) & (contacts > 0)
    if used.sum() < 3:
        return float("nan")
    return float(np.polyfit(np.log(distance[used]), np.log(contacts[used]), 1)[0])
