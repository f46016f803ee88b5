"""What a laboratory would compute of a bin's contacts: how they depart from the decay, insulation, directionality.

Axes: I bins of a chromosome, D distance in bins, F features.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from chiasma.core.errors import ConfigError
from chiasma.tasks.epigenome.config import Ridge
from chiasma.tiles.arrays import TileArrays


def features(arrays: TileArrays, place: tuple[str, str], numbers: Ridge) -> np.ndarray:
    """Return the features (I, F) of each bin and of ``reach_bins`` to either side; beyond the ends those of the first and last.

    ConfigError when the tileset stores no contacts so far away.
    """
    own_IF, reach = bin_features(arrays, place, numbers), numbers.reach_bins
    padded = np.pad(own_IF, ((reach, reach), (0, 0)), mode="edge")
    around_IFR = sliding_window_view(padded, 2 * reach + 1, axis=0)
    return around_IFR.transpose(0, 2, 1).reshape(len(own_IF), -1)


def bin_features(arrays: TileArrays, place: tuple[str, str], numbers: Ridge) -> np.ndarray:
    """Return the features (I, F) of each bin by itself.

    In this order: log2 of observed over expected with itself; the same at each distance of `octaves`, with the bins before
    and with those behind; insulation, then directionality, at each width; the share of bins within the largest width that are
    not masked. Expected contacts are those of pairs that are not masked, so a masked bin changes no ratio.
    """
    farthest = max(numbers.far_bins, 2 * max(numbers.widths_bins, default=0))
    if farthest >= arrays.meta.band_bins:
        raise ConfigError(
            f"ridge: far_bins and twice the largest of widths_bins reach {farthest} bins, but the tileset stores contacts up to "
            f"{arrays.meta.band_bins - 1} bins; lower them, or raise the tileset's max_distance_bins and tile again"
        )
    observed_ID = arrays.contacts(*place)[:, : farthest + 1].astype(np.float32)
    expected_ID = arrays.valid_band(*place)[:, : farthest + 1] * arrays.expected(*place)[: farthest + 1]

    def ratio(observed_I: np.ndarray, expected_I: np.ndarray) -> np.ndarray:
        return np.log2((observed_I + numbers.pseudo_contacts) / (expected_I + numbers.pseudo_contacts))

    found = [ratio(observed_ID[:, 0], expected_ID[:, 0])]
    for span in octaves(numbers.far_bins):
        found += [ratio(sums(observed_ID, span), sums(expected_ID, span)) for sums in (before, behind)]
    for width in numbers.widths_bins:
        found.append(ratio(across(observed_ID, width), across(expected_ID, width)))
    for width in numbers.widths_bins:
        up_I, down_I = (
            ratio(sums(observed_ID, (1, width + 1)), sums(expected_ID, (1, width + 1))) for sums in (before, behind)
        )
        found.append(down_I - up_I)
    return np.stack([*found, known_share(arrays.valid(*place), max(numbers.widths_bins, default=1))], axis=1)


def octaves(farthest: int) -> list[tuple[int, int]]:
    """Return distances [first, end) that double: 1, 2 to 3, 4 to 7, ..., the last up to ``farthest``."""
    edges = [*(2**power for power in range(farthest.bit_length())), farthest + 1]
    return list(pairwise(edges))


def behind(values_ID: np.ndarray, span: tuple[int, int]) -> np.ndarray:
    """Return the sum (I,) over pairs of each bin and the bins at distances [first, end) behind it."""
    return values_ID[:, slice(*span)].sum(axis=1, dtype=np.float64)


def before(values_ID: np.ndarray, span: tuple[int, int]) -> np.ndarray:
    """Return the sum (I,) over pairs of each bin and the bins at distances [first, end) before it."""
    total_I = np.zeros(len(values_ID))
    for distance in range(span[0], min(span[1], len(values_ID))):
        total_I[distance:] += values_ID[: len(values_ID) - distance, distance]
    return total_I


def across(values_ID: np.ndarray, width: int) -> np.ndarray:
    """Return the sum (I,) over pairs of the ``width`` bins before each bin and the ``width`` bins behind it."""
    bins, total_I = len(values_ID), np.zeros(len(values_ID))
    for left in range(1, min(width, bins - 1) + 1):
        total_I[left:] += values_ID[: bins - left, left + 1 : left + width + 1].sum(axis=1, dtype=np.float64)
    return total_I


def known_share(valid_I: np.ndarray, reach: int) -> np.ndarray:
    """Return the share (I,) of the bins within ``reach`` that are not masked; bins beyond the ends do not count."""
    counts = np.array(
        [np.convolve(each, np.ones(2 * reach + 1))[reach:-reach] for each in (valid_I, np.ones(len(valid_I)))]
    )
    return counts[0] / counts[1]
