"""Loops of a contact map: the same caller on the observed map and on a predicted one brought to its depth.

A caller in the manner of HiCCUPS (Rao et al. 2014): pixels that exceed the donut, the row, the column and the lower left
around them, and the mean of their distance; one loop where they cluster. Significance is a matter of depth: at twice the
contacts, weaker loops pass. A predicted map is therefore called as if it had the observed total, unless its noise says that
fewer contacts are behind it (`overdispersion`): the raw input of an enhancement, multiplied to the full depth, is called
as the shallow map that it is.

Axes: I bins of a piece, S distance in bins, n pixels, loops of a piece (n, 2): both bins, counted from the piece's first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from chiasma.assays.enrichment import (
    background_ratios,
    cut_band,
    donut_masks,
    is_peak,
    is_significant,
    poisson_surprise,
    square_sums,
    window_grid,
)
from chiasma.evaluation.map_config import MapConfig
from chiasma.evaluation.map_pixels import Piece, matching_factors

CHUNK = 20_000  # pixels whose windows are in memory at a time
NEAREST = 2  # pixels nearer to the diagonal belong to no background


@dataclass(frozen=True)
class Candidates:
    """Pixels of one piece that may be in a loop.

    Attributes
    ----------
    bins_n2 : both bins, counted from the piece's first
    surprise_n : -log10 of the chance of so many contacts by the largest of the local expectations
    tests : pixels among which they were found
    """

    bins_n2: NDArray[np.int64]
    surprise_n: NDArray[np.float64]
    tests: int


def call_loops(
    pieces: Sequence[Piece], contacts: Sequence[NDArray], means: Sequence[NDArray], config: MapConfig
) -> list[NDArray[np.int64]]:
    """Return the loops (n, 2) of each piece of a map.

    Parameters
    ----------
    contacts : count-like contacts (I, S) of each piece, of any depth
    means : their mean at each distance (S,), of each piece
    """
    factors = count_factors(pieces, contacts, config)
    found = [
        loop_candidates(own_IS * np.float32(factor), mean_S * factor, piece, config)
        for piece, own_IS, mean_S, factor in zip(pieces, contacts, means, factors, strict=True)
    ]
    kept = significant_candidates([piece.sample for piece in pieces], found, config.loop_fdr)
    return [
        cluster(own.bins_n2[kept_n], own.surprise_n[kept_n], config) for own, kept_n in zip(found, kept, strict=True)
    ]


def count_factors(pieces: Sequence[Piece], contacts: Sequence[NDArray], config: MapConfig) -> list[float]:
    """Return for each piece what makes the map's contacts such that they can be taken as counts.

    They are brought to the observed total of their sample; where they then scatter more than counts do, they are fewer.
    """
    matching = matching_factors(pieces, contacts)
    return [
        matching[piece.sample]
        / overdispersion(own_IS * np.float32(matching[piece.sample]), callable_pixels(piece, config))
        for piece, own_IS in zip(pieces, contacts, strict=True)
    ]


def loop_candidates(contacts_IS: NDArray, mean_S: NDArray, piece: Piece, config: MapConfig) -> Candidates:
    """Return the pixels where a square of contacts exceeds all that is expected of it, ``loop_enrichment`` times at least.

    Only pixels that could be significant by their distance's mean alone are looked at further; no other can be
    significant, for the local expectation is never below that mean.
    """
    tested_IS = callable_pixels(piece, config)
    observed_IS = square_sums(contacts_IS, config.loop_square_bins)
    expected_IS = square_sums(np.where(piece.counted_IS, mean_S, 0), config.loop_square_bins)
    first_n, distance_n = np.nonzero(tested_IS & (observed_IS > config.loop_enrichment * expected_IS))
    own_n, mean_n = observed_IS[first_n, distance_n], expected_IS[first_n, distance_n]
    could_n = poisson_surprise(own_n, mean_n) >= -np.log10(config.loop_fdr)
    first_n, distance_n, own_n, mean_n = (each[could_n] for each in (first_n, distance_n, own_n, mean_n))
    expected_n = mean_n * largest_ratios(contacts_IS, mean_S, piece.counted_IS, (first_n, distance_n), config)
    enriched_n = own_n > config.loop_enrichment * expected_n
    bins_n2 = np.stack([first_n, first_n + distance_n], axis=1)[enriched_n]
    return Candidates(bins_n2, poisson_surprise(own_n[enriched_n], expected_n[enriched_n]), int(tested_IS.sum()))


def callable_pixels(piece: Piece, config: MapConfig) -> NDArray[np.bool_]:
    """Return the pixels that may be a loop (I, S): counted ones at the distances of loops."""
    tested_IS = piece.counted_IS.copy()
    tested_IS[:, : config.loop_min_distance_bins] = False
    if config.loop_max_distance_bins:
        tested_IS[:, config.loop_max_distance_bins + 1 :] = False
    return tested_IS


def overdispersion(contacts_IS: NDArray, tested_IS: NDArray[np.bool_]) -> float:
    """Return how much more contacts scatter than counts do, at least 1.

    Two counts of one mean differ, squared, by as much as both have together. Each pixel is compared with the next on its
    diagonal, and the median over distances is taken, so that structure, which neighbours share, hardly matters. Contacts
    that were multiplied scatter by their factor.
    """
    both_IS = tested_IS[1:] & tested_IS[:-1]
    gap_IS = np.where(both_IS, np.diff(contacts_IS, axis=0), 0)
    squares_S = np.square(gap_IS, dtype=float).sum(axis=0)
    sums_S = np.where(both_IS, contacts_IS[1:] + contacts_IS[:-1], 0).sum(axis=0, dtype=float)
    known_S = sums_S > 0
    return max(1.0, float(np.median(squares_S[known_S] / sums_S[known_S]))) if known_S.any() else 1.0


def largest_ratios(
    contacts_IS: NDArray, mean_S: NDArray, counted_IS: NDArray, pixels: tuple[NDArray, NDArray], config: MapConfig
) -> NDArray[np.float64]:
    """Return the largest observed over expected of the backgrounds around each pixel (n,), at least 1.

    Parameters
    ----------
    pixels : first bin and distance of each
    """
    masks_KWW = donut_masks(config.loop_peak_bins, config.loop_width_bins)
    ratio_n = np.ones(len(pixels[0]))
    for start in range(0, len(ratio_n), CHUNK):
        part = slice(start, start + CHUNK)
        first_n, distance_n = (each[part] for each in pixels)
        rows, cols = window_grid(first_n, first_n + distance_n, config.loop_width_bins)
        usable = (cut_band(counted_IS, rows, cols) > 0) & (cols - rows >= NEAREST)
        expected = np.where(usable, mean_S[np.clip(cols - rows, 0, len(mean_S) - 1)], 0).astype(np.float32)
        observed = np.where(usable, cut_band(contacts_IS, rows, cols), np.float32(0))
        ratio_n[part] = np.maximum(background_ratios(observed, expected, masks_KWW).max(axis=1), 1)
    return ratio_n


def significant_candidates(samples: Sequence[str], found: Sequence[Candidates], fdr: float) -> list[NDArray[np.bool_]]:
    """Return which candidates of each piece are significant among all tested pixels of their sample."""
    kept = [np.zeros(len(own.surprise_n), bool) for own in found]
    for sample in dict.fromkeys(samples):
        places = [at for at, name in enumerate(samples) if name == sample]
        surprise_n = np.concatenate([found[at].surprise_n for at in places])
        passed_n = is_significant(surprise_n, sum(found[at].tests for at in places), fdr)
        borders = np.cumsum([len(found[at].surprise_n) for at in places])[:-1]
        for at, own_n in zip(places, np.split(passed_n, borders), strict=True):
            kept[at] = own_n
    return kept


def cluster(bins_n2: NDArray[np.int64], surprise_n: NDArray, config: MapConfig) -> NDArray[np.int64]:
    """Return the loops (n, 2) among significant pixels: the best within ``loop_radius_bins``, with ``loop_pixels`` around it.

    A pixel that is significant by itself alone is more often chance than loop.
    """
    if not len(bins_n2):
        return bins_n2
    around_n = cKDTree(bins_n2).query_ball_point(bins_n2, config.loop_radius_bins + 0.5, p=np.inf, return_length=True)
    best_n = is_peak(*bins_n2.T, surprise_n, config.loop_radius_bins)
    return bins_n2[best_n & (around_n >= config.loop_pixels)]
