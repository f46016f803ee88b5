"""What is looked at in a contact map: its decay, what exceeds it, its smoothed form, insulation, compartments and loops.

Axes: I bins of a piece, S distance in bins, K coarse bins, W windows of coarse bins, n loops. A band's [i, s] is the pair of bins (i, i + s). Every function
treats an observed and a predicted map alike and looks at counted pixels alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import eigh

from chiasma.assays.enrichment import square_sums
from chiasma.evaluation.coarse_pixels import SHARED, coarse_log_ratio, row_correlation
from chiasma.evaluation.map_config import MapConfig
from chiasma.evaluation.map_loops import call_loops
from chiasma.evaluation.map_moments import ratio
from chiasma.evaluation.map_pixels import Piece

Array = NDArray[np.float64]
NEAR = 2  # coarse distances left out: domains and loops, not compartments
FEWEST = 20  # coarse bins of a window whose compartments can be told


@dataclass(frozen=True)
class Fields:
    """One map on one piece; bands are 0 where a pixel does not count, profiles nan where they are unknown.

    Attributes
    ----------
    contacts_IS : count-like contacts
    log_IS : log(1 + contacts)
    ratio_IS : log((observed + pseudo) / (expected + pseudo)), expected by the map's own decay
    smooth_IS : observed over expected of a square of neighbours
    insulation_I : log2 insulation score of each bin
    compartment_WK : first eigenvector of each window
    loops_n2 : both bins of each loop, counted from the piece's first
    """

    contacts_IS: NDArray[np.float32]
    log_IS: NDArray[np.float32]
    ratio_IS: NDArray[np.float32]
    smooth_IS: NDArray[np.float32]
    insulation_I: Array
    compartment_WK: Array
    loops_n2: NDArray[np.int64]


def build_fields(
    pieces: Sequence[Piece], contacts: Sequence[NDArray], config: MapConfig, resolution_bp: int
) -> list[Fields]:
    """Return what is looked at in one map: ``contacts`` (I, S) of each piece."""
    means = decay_means(pieces, contacts)
    loops = call_loops(pieces, contacts, means, config)
    factor = max(1, config.coarse_bp // resolution_bp)
    return [
        Fields(
            own_IS,
            np.log1p(own_IS),
            log_ratio(own_IS, mean_S, piece.counted_IS, config.pseudo_contacts),
            mean_filter(own_IS, mean_S, piece.counted_IS, config.scc_smooth_bins),
            insulation(own_IS, mean_S, piece.counted_IS, config.insulation_bins, config.pseudo_contacts),
            compartments(own_IS, mean_S, piece.counted_IS, factor, config.pseudo_contacts),
            loops_n2,
        )
        for piece, own_IS, mean_S, loops_n2 in zip(pieces, contacts, means, loops, strict=True)
    ]


def decay_means(pieces: Sequence[Piece], contacts: Sequence[NDArray]) -> list[Array]:
    """Return for each piece the mean contacts at each distance (S,) over all pieces of its sample and chromosome."""
    sums: dict[tuple[str, str], Array] = {}
    for piece, own_IS in zip(pieces, contacts, strict=True):
        own = np.stack([own_IS.sum(axis=0, dtype=float), piece.counted_IS.sum(axis=0)])
        key = (piece.sample, piece.chrom)
        sums[key] = sums.get(key, 0) + own
    return [np.nan_to_num(ratio(*sums[piece.sample, piece.chrom])) for piece in pieces]


def log_ratio(contacts_IS: NDArray, mean_S: Array, counted_IS: NDArray, pseudo: float) -> NDArray[np.float32]:
    """Return log((observed + pseudo) / (expected + pseudo)) (I, S); 0 where a pixel does not count."""
    logs = np.log(contacts_IS + np.float32(pseudo)) - np.log(mean_S + pseudo).astype(np.float32)
    return np.where(counted_IS, logs, np.float32(0))


def mean_filter(contacts_IS: NDArray, mean_S: Array, counted_IS: NDArray, reach: int) -> NDArray[np.float32]:
    """Return the contacts within ``reach`` bins on both axes over those expected there (I, S); 0 where a pixel does not count.

    Below the diagonal the map is mirrored. Where all pixels of the square count, this is the plain mean filter times a
    constant of the distance, and so the same to whatever compares pixels of one distance. Elsewhere it keeps a square that
    lacks its near or its far pixels from looking rich or poor.
    """
    expected_IS = np.where(counted_IS, mean_S, 0)
    observed, expected = (square_sums(band, reach) for band in (contacts_IS, expected_IS))
    known = counted_IS & (expected > 0)
    return np.divide(observed, expected, out=np.zeros(known.shape), where=known).astype(np.float32)


def insulation(contacts_IS: NDArray, mean_S: Array, counted_IS: NDArray, width: int, pseudo: float) -> Array:
    """Return the log2 insulation score of each bin (I,): contacts across it, over those expected of the same pixels.

    The diamond of bin i holds the pairs of the ``width`` bins before it with the ``width`` bins after it. Dividing by what
    the decay gives for the diamond's counted pixels changes a whole diamond by a constant only, and keeps masked bins and
    the ends of a region from looking like boundaries. A score is nan where less than half of the diamond counts.
    """
    expected_IS = np.where(counted_IS, mean_S, 0)
    observed, expected, number = (_diamond_sums(band, width) for band in (contacts_IS, expected_IS, counted_IS))
    score = np.log2((observed + pseudo) / (expected + pseudo))
    return np.where(number >= width**2 / 2, score, np.nan)


def _diamond_sums(band_IS: NDArray, width: int) -> Array:
    """Return the sum over pairs (i - a, i + b), a and b from 1 to ``width``, for each bin i (I,)."""
    bins, strata = band_IS.shape
    summed = np.zeros((bins, strata + 1))
    np.cumsum(band_IS, axis=1, dtype=float, out=summed[:, 1:])
    total = np.zeros(bins)
    for a in range(1, min(width, bins - 1) + 1):
        run = summed[:, min(a + width + 1, strata)] - summed[:, min(a + 1, strata)]
        total[a:] += run[: bins - a]
    return total


def compartments(contacts_IS: NDArray, mean_S: Array, counted_IS: NDArray, factor: int, pseudo: float) -> Array:
    """Return the first eigenvector of the correlation matrix of coarse observed over expected, for windows (W, K).

    Windows are twice as wide as the band reaches (at least `FEWEST`, at most the piece), each half a window after the one
    before: the band brings most pairs of their coarse bins together, while over a longer stretch the first eigenvector of
    a band settles on whichever part is loudest, even for two maps that agree. Rows of the coarse log ratio are correlated
    over the coarse bins that both reach. The vector tells which neighbours share their partners, as far as the band sees:
    no compartment call of a whole chromosome. Its sign means nothing, and in a band shorter than compartments are, domains
    take their place. A coarse bin that shares fewer than `SHARED` others is nan, and so is a window where fewer than
    `FEWEST` are left.

    Parameters
    ----------
    factor : bins of a coarse bin; what is left at the end of the piece is dropped
    """
    grid = {"factor": factor, "coarse_bins": len(contacts_IS) // factor, "near": NEAR, "pseudo": pseudo}
    known_KK, value_KK = (each.toarray() for each in coarse_log_ratio(contacts_IS, mean_S, counted_IS, **grid))
    width = min(len(known_KK), max(FEWEST, 2 * (counted_IS.shape[1] // factor)))
    starts = range(0, len(known_KK) - width + 1, window_step(width)) if width else ()
    cuts = [(slice(start, start + width),) * 2 for start in starts]
    return np.reshape([_first_eigenvector(known_KK[cut], value_KK[cut]) for cut in cuts], (len(cuts), width))


def window_step(width: int) -> int:
    """Return how far apart windows start: half their width."""
    return max(1, width // 2)


def _first_eigenvector(known_KK: Array, value_KK: Array) -> Array:
    """Return the eigenvector of the largest eigenvalue (K,), of mean square 1; 0 where no two rows correlate."""
    used_K = known_KK.sum(axis=1) >= SHARED
    out_K = np.full(len(used_K), np.nan)
    if used_K.sum() >= FEWEST:
        rows = (known_KK[used_K], value_KK[used_K])
        matrix = np.nan_to_num(row_correlation(rows, rows))
        _, vector = eigh(matrix, subset_by_index=[len(matrix) - 1, len(matrix) - 1])
        out_K[used_K] = vector[:, 0] * np.sqrt(len(matrix)) if matrix.any() else 0.0
    return out_K
