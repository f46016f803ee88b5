"""How much of a map's compartments the states of chromatin tell.

Axes: K coarse bins, P states, W windows, D draws. All windows of a piece are of one width, each half a window after the one before.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from chiasma.core.seed import generator
from chiasma.evaluation.map_annotation import NOTHING
from chiasma.evaluation.map_fields import FEWEST, Fields, window_step
from chiasma.evaluation.map_metrics import Observed, Scores
from chiasma.evaluation.map_moments import VARIES, weighted_mean
from chiasma.evaluation.map_pixels import Piece

Array = NDArray[np.float64]
KNOWN = 0.5  # share of a coarse bin whose state must be known
SAME = 1e-6  # a direction that varies less than this, relative to the one that varies most, is none


@dataclass(frozen=True)
class Landscape:
    """The states along one piece.

    Attributes
    ----------
    share_KP : share of each coarse bin that each state covers; nan where less than `KNOWN` of the bin has a state
    block_K : block of each coarse bin's first bin
    """

    share_KP: Array
    block_K: NDArray[np.int64]


def state_scores(observed: Observed, fields: list[Fields]) -> Scores:
    """Return ``states_r``: the multiple correlation of a map's compartments with the states of chromatin; nothing without states.

    In each window the first eigenvector (`map_fields.compartments`) is regressed on the share of each coarse bin that each
    state covers. The score is the root of the mean over windows of adjusted R2 (1 - (1 - R2) (n - 1) / (n - p - 1), Wherry's
    correction for n bins and p predictors: the states less one, for their shares add up to 1), each window counting by its bins; 0 where that mean is negative, and for a window whose map has no
    compartments. Neighbours are alike in states as in compartments, so that chance is above 0: see `shifted_state_scores`.
    The observed map's own score is what states tell at most. A bin belongs to the block of its first bin.
    """
    lands = landscapes(observed)
    if lands is None:
        return {}
    draws_D = told(lands, fields, observed.bootstrap.weight_DB)
    return {"states_r": (draws_D, sum(known_bins(land, own) for land, own in zip(lands, fields, strict=True)))}


def shifted_state_scores(observed: Observed, fields: list[Fields]) -> Scores:
    """Return ``states_r`` with the states of each piece moved on along it, its end to the front, in each permutation (D,)."""
    lands = landscapes(observed)
    if lands is None:
        return {}
    rng, whole_DB = generator(observed.config.seed, "shifted states"), observed.bootstrap.weight_DB[:1]
    found_D = np.full(observed.config.permutations, np.nan)
    for draw in range(len(found_D)):
        moved = [
            Landscape(np.roll(land.share_KP, _shift(rng, len(land.share_KP)), axis=0), land.block_K) for land in lands
        ]
        found_D[draw] = told(moved, fields, whole_DB)[0]
    return {"states_r": (found_D, sum(known_bins(land, own) for land, own in zip(lands, fields, strict=True)))}


def _shift(rng: np.random.Generator, bins: int) -> int:
    """Return a shift that leaves at least a quarter of the bins on both sides."""
    reach = max(1, bins // 4)
    return int(rng.integers(reach, max(bins - reach, reach) + 1))


def landscapes(observed: Observed) -> list[Landscape] | None:
    """Return the states along each piece; None where a sample has none."""
    known = [observed.annotations.get(piece.sample, NOTHING).states for piece in observed.pieces]
    if any(states is None for states in known):
        return None
    factor = max(1, observed.config.coarse_bp // observed.resolution_bp)
    names = sorted({name for states in known for name in states["name"]})
    return [
        Landscape(
            state_shares(states, names, piece, factor, observed.resolution_bp),
            piece.block_I[: len(piece.block_I) // factor * factor : factor],
        )
        for piece, states in zip(observed.pieces, known, strict=True)
    ]


def state_shares(states: pd.DataFrame, names: Sequence[str], piece: Piece, factor: int, resolution_bp: int) -> Array:
    """Return the share of each coarse bin of a piece that each state covers (K, P), of the bases whose state is known.

    It is nan where less than `KNOWN` of a bin is.
    """
    own = states[states["chrom"] == piece.chrom].sort_values("start")
    edges = (piece.first_bin + np.arange(len(piece.counted_IS) // factor + 1) * factor) * resolution_bp
    covered_KP = np.stack([_covered(own[own["name"] == name], edges) for name in names], axis=1)
    total_K1 = covered_KP.sum(axis=1, keepdims=True)
    enough = total_K1 >= KNOWN * factor * resolution_bp
    return np.divide(
        covered_KP, total_K1, out=np.full(covered_KP.shape, np.nan), where=np.broadcast_to(enough, covered_KP.shape)
    )


def _covered(stretches: pd.DataFrame, edges: NDArray[np.int64]) -> Array:
    """Return how many bases of sorted ``stretches`` lie between each two edges."""
    if stretches.empty:
        return np.zeros(len(edges) - 1)
    start, end = (stretches[name].to_numpy() for name in ("start", "end"))
    place = np.stack([start, end], axis=1).ravel()
    before = np.append(0, np.cumsum(end - start))
    return np.diff(np.interp(edges, place, np.stack([before[:-1], before[1:]], axis=1).ravel()))


def told(lands: Sequence[Landscape], fields: Sequence[Fields], weight_DB: Array) -> Array:
    """Return the root of the mean over windows of adjusted R2 in each draw (D,); nan where no window can be told."""
    found = [
        adjusted_r2(share_KP, value_K, weight_DB[:, block_K])
        for land, own in zip(lands, fields, strict=True)
        for share_KP, value_K, block_K in _windows(land, own)
    ]
    if not found:
        return np.full(len(weight_DB), np.nan)
    r2_DW, bins_DW = (np.stack(each, axis=1) for each in zip(*found, strict=True))
    return np.sqrt(np.clip(weighted_mean(r2_DW, bins_DW), 0, None))


def known_bins(land: Landscape, own: Fields) -> int:
    """Return how many coarse bins of a piece have states, and compartments in any window."""
    known_K = np.zeros(len(land.share_KP), bool)
    width = own.compartment_WK.shape[1]
    for window, value_K in enumerate(own.compartment_WK):
        start = window * window_step(width)
        known_K[start : start + width] |= np.isfinite(value_K)
    return int((known_K & np.isfinite(land.share_KP).all(axis=1)).sum())


def _windows(land: Landscape, own: Fields) -> Iterator[tuple[Array, Array, NDArray[np.int64]]]:
    """Yield the states, compartments and blocks of the bins of each window that have both; a window of fewer than `FEWEST` is left out."""
    width = own.compartment_WK.shape[1]
    for window, value_K in enumerate(own.compartment_WK):
        part = slice(window * window_step(width), window * window_step(width) + width)
        known_K = np.isfinite(value_K) & np.isfinite(land.share_KP[part]).all(axis=1)
        if known_K.sum() >= FEWEST:
            yield land.share_KP[part][known_K], value_K[known_K], land.block_K[part][known_K]


def adjusted_r2(share_KP: Array, value_K: Array, weight_DK: Array) -> tuple[Array, Array]:
    """Return adjusted R2 of a regression in each draw (D,), and how many bins are behind it (D,).

    Shares of states add up to 1, and a draw may lack a state: what does not vary apart from the others is no predictor. R2
    is 0 where the value does not vary, and nan with fewer than two bins more than predictors.

    Parameters
    ----------
    weight_DK : how often each draw takes each bin
    """
    bins_D = weight_DK.sum(axis=1)
    safe_D = np.maximum(bins_D, 1)
    mean_DP, mean_D = weight_DK @ share_KP / safe_D[:, None], weight_DK @ value_K / safe_D
    products_KPP = share_KP[:, :, None] * share_KP[:, None, :]
    spread_DPP = (
        np.tensordot(weight_DK, products_KPP, 1) / safe_D[:, None, None] - mean_DP[:, :, None] * mean_DP[:, None, :]
    )
    joint_DP = weight_DK @ (share_KP * value_K[:, None]) / safe_D[:, None] - mean_DP * mean_D[:, None]
    total_D = weight_DK @ value_K**2 / safe_D - mean_D**2
    size_DP, axis_DPP = np.linalg.eigh(spread_DPP)
    varies_DP = size_DP > np.maximum(SAME * size_DP[:, -1:], VARIES)
    along_DP = np.einsum("dpq,dp->dq", axis_DPP, joint_DP) ** 2
    explained_D = np.where(varies_DP, along_DP / np.where(varies_DP, size_DP, 1), 0).sum(axis=1)
    r2_D = np.divide(explained_D, total_D, out=np.zeros(len(total_D)), where=total_D > VARIES)
    free_D = bins_D - varies_DP.sum(axis=1) - 1
    shrunk_D = 1 - (1 - r2_D) * (bins_D - 1) / np.maximum(free_D, 1)
    return np.where(free_D < 1, np.nan, np.where(total_D > VARIES, shrunk_D, 0.0)), bins_D
