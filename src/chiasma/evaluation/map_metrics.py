"""Every metric of a predicted contact map, each with its value under all bootstrap draws.

Axes: n pixels, I bins, S distance in bins, K coarse bins, B blocks, D draws, M sums, W windows.

Intervals: a pixel, bin or window belongs to the genomic block of its first bin, and a draw takes blocks. Correlations and
errors are sums over blocks and are drawn whole. What is not a sum is fixed once on all the data: the ranks of Spearman's
correlations, the rank variances that weigh the strata of the stratum-adjusted correlation, the expected contacts, each
window's own correlation, and the eigenvectors; draws then take sums of these.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from chiasma.evaluation import map_moments
from chiasma.evaluation.intervals import Bootstrap
from chiasma.evaluation.map_annotation import Annotation
from chiasma.evaluation.map_config import MapConfig
from chiasma.evaluation.map_fields import Fields, window_step
from chiasma.evaluation.map_moments import SUMS, band_moments, block_moments, draw_sums, pearson
from chiasma.evaluation.map_pixels import Piece
from chiasma.evaluation.map_windows import Windows, window_correlations

Array = NDArray[np.float64]
Scores = dict[str, tuple[Array, int]]  # metric -> draws (D,), and how many pixels, windows or bins are behind it


@dataclass(frozen=True)
class Observed:
    """The truth of one sample, or of all.

    Attributes
    ----------
    pieces, fields : of each of its test regions
    annotations : sample that is predicted -> what is known beside its observed map
    """

    sample: str
    pieces: list[Piece]
    fields: list[Fields]
    bootstrap: Bootstrap
    config: MapConfig
    resolution_bp: int
    annotations: Mapping[str, Annotation] = field(default_factory=dict)

    @property
    def blocks(self) -> int:
        """How many blocks there are."""
        return len(self.bootstrap.blocks.place)

    @cached_property
    def counted_IS(self) -> NDArray[np.bool_]:
        """The counted pixels of all pieces, one below the other."""
        return np.concatenate([piece.counted_IS for piece in self.pieces])

    @cached_property
    def block_I(self) -> NDArray[np.int64]:
        """The block of each row of all pieces."""
        return np.concatenate([piece.block_I for piece in self.pieces])

    @cached_property
    def kept_S(self) -> NDArray[np.bool_]:
        """The distances with enough pixels for a correlation of their own."""
        return self.counted_IS.sum(axis=0) >= self.config.stratum_pixels

    @cached_property
    def rank_n(self) -> Array:
        """The ranks of the observed contacts of all counted pixels."""
        return map_moments.mid_ranks(stacked(self.fields, "log_IS")[self.counted_IS])

    @cached_property
    def rank_variance_S(self) -> Array:
        """The variance of ranks of smoothed contacts at each distance."""
        return self.rank_variances(self.fields)

    def rank_variances(self, fields: Sequence[Fields]) -> Array:
        """Return the variance of ranks of smoothed contacts at each distance (S,)."""
        smooth_SI, counted_SI = stacked(fields, "smooth_IS").T, self.counted_IS.T
        return map_moments.rank_variance(own[held] for own, held in zip(smooth_SI, counted_SI, strict=True))

    @cached_property
    def stratum_rank_IS(self) -> Array:
        """The ranks of the observed contacts among those of their distance."""
        return self.stratum_ranks(self.fields)

    def stratum_ranks(self, fields: Sequence[Fields]) -> Array:
        """Return the rank of each pixel of all pieces among the counted ones of its distance (I, S); 0 where it does not count."""
        log_SI, counted_SI = stacked(fields, "log_IS").T, self.counted_IS.T
        rank_SI = np.zeros(log_SI.shape)
        for rank_I, own_I, held_I in zip(rank_SI, log_SI, counted_SI, strict=True):
            rank_I[held_I] = map_moments.mid_ranks(own_I[held_I])
        return rank_SI.T

    def drawn(self, sums_B: Array) -> Array:
        """Return the sums of each draw (D, ...)."""
        return draw_sums(self.bootstrap.weight_DB, sums_B)


def stacked(fields: Sequence[Fields], name: str) -> NDArray:
    """Return one band of all pieces, one below the other."""
    return np.concatenate([getattr(own, name) for own in fields])


def map_scores(observed: Observed, fields: list[Fields], log_BSM: Array) -> Scores:
    """Return every metric of one prediction on one sample.

    Parameters
    ----------
    fields : of the prediction, on the pieces of ``observed``
    log_BSM : from `log_moments`
    """
    return {
        **pixel_scores(observed, fields, log_BSM),
        **window_scores(observed, fields),
        **stratum_scores(observed, fields, log_BSM),
        **structure_scores(observed, fields),
    }


def log_moments(observed: Observed, fields: list[Fields]) -> Array:
    """Return the sums of log(1 + contacts) of each block and distance (B, S, M)."""
    return _moments(observed, fields, "log_IS")


def _moments(observed: Observed, fields: Sequence[Fields], name: str) -> Array:
    return sum(
        band_moments(getattr(true, name), getattr(own, name), piece.counted_IS, piece.block_I, observed.blocks)
        for piece, true, own in zip(observed.pieces, observed.fields, fields, strict=True)
    )


def pixel_scores(observed: Observed, fields: list[Fields], log_BSM: Array) -> Scores:
    """Return the metrics of all pixels together: R2 both ways, error, Pearson, Spearman, and Pearson of observed/expected."""
    sums_DM = observed.drawn(log_BSM.sum(axis=1))
    ratio_DM = observed.drawn(_moments(observed, fields, "ratio_IS").sum(axis=1))
    rank_n = map_moments.mid_ranks(stacked(fields, "log_IS")[observed.counted_IS])
    block_n = np.repeat(observed.block_I, observed.counted_IS.sum(axis=1))
    rank_DM = observed.drawn(block_moments(observed.rank_n, rank_n, block_n, observed.blocks))
    draws = {
        "r2": map_moments.r2(sums_DM),
        "r2_swapped": map_moments.r2_swapped(sums_DM),
        "mse": map_moments.mean_squared_error(sums_DM),
        "pearson": pearson(sums_DM),
        "spearman": pearson(rank_DM),
        "oe_pearson": pearson(ratio_DM),
    }
    return {name: (draws_D, len(rank_n)) for name, draws_D in draws.items()}


def window_scores(observed: Observed, fields: list[Fields]) -> Scores:
    """Return the mean correlations over windows on the diagonal, each half a window after the one before."""
    width = observed.config.window_bins
    windows = Windows.joined(
        [
            window_correlations(true.log_IS, own.log_IS, piece.counted_IS, piece.block_I, width)
            for piece, true, own in zip(observed.pieces, observed.fields, fields, strict=True)
        ]
    )
    weight_DW = observed.bootstrap.weight_DB[:, windows.block_W]
    return {
        f"window_{name}": (map_moments.weighted_mean(values_W[None], weight_DW), int(np.isfinite(values_W).sum()))
        for name, values_W in (("pearson", windows.pearson_W), ("spearman", windows.spearman_W))
    }


def stratum_scores(observed: Observed, fields: list[Fields], log_BSM: Array) -> Scores:
    """Return the metrics that compare pixels of one distance only with each other.

    ``distance_pearson`` is the mean over distances of Pearson's correlation of log contacts, ``distance_spearman`` of
    Spearman's (of contacts as of observed over expected: their order at one distance is the same). ``scc`` is the
    stratum-adjusted correlation coefficient (Yang et al. 2017, HiCRep): the mean of Pearson's correlations of smoothed
    contacts (not their logarithm) at each distance, weighted by the number of pixels times the geometric mean of both
    maps' rank variances. Distances with fewer than ``stratum_pixels`` are left out of all. Unlike HiCRep's own code, masked
    pixels are left out of the smoothing (`map_fields.mean_filter`), and no pixel is dropped for being 0 in both maps.
    """
    kept_S, n = observed.kept_S, int(observed.counted_IS[:, observed.kept_S].sum())
    log_DS = pearson(observed.drawn(log_BSM[:, kept_S]))
    ranks = observed.stratum_rank_IS, observed.stratum_ranks(fields), observed.counted_IS, observed.block_I
    rank_DS = pearson(observed.drawn(band_moments(*ranks, observed.blocks)[:, kept_S]))
    smooth_DSM = observed.drawn(_moments(observed, fields, "smooth_IS")[:, kept_S])
    spread_S = np.sqrt(observed.rank_variance_S * observed.rank_variances(fields))[kept_S]
    smooth_DS = pearson(smooth_DSM)
    known_D = np.isfinite(smooth_DS).any(axis=1)
    scc_D = map_moments.weighted_mean(smooth_DS, smooth_DSM[..., 0] * spread_S)
    return {
        "distance_pearson": (map_moments.weighted_mean(log_DS, np.ones_like(log_DS)), n),
        "distance_spearman": (map_moments.weighted_mean(rank_DS, np.ones_like(rank_DS)), n),
        "scc": (np.where(known_D & np.isnan(scc_D), 0.0, scc_D), n),  # no weight: the prediction varies nowhere
    }


def structure_scores(observed: Observed, fields: list[Fields]) -> Scores:
    """Return the correlation of insulation over bins, and the mean |correlation| of compartments over windows."""
    insulated = np.zeros((observed.blocks, len(SUMS)))
    for piece, true, own in zip(observed.pieces, observed.fields, fields, strict=True):
        known_I = np.isfinite(true.insulation_I) & np.isfinite(own.insulation_I)
        profiles = (each[known_I] for each in (true.insulation_I, own.insulation_I, piece.block_I))
        insulated += block_moments(*profiles, observed.blocks)
    compartment_D, bins = compartment_agreement(observed, fields, observed.bootstrap.weight_DB)
    return {
        "insulation_pearson": (pearson(observed.drawn(insulated)), int(insulated[:, 0].sum())),
        "compartment_r": (compartment_D, bins),
    }


def compartment_agreement(
    observed: Observed, fields: list[Fields], weight_DB: Array, shift: int = 0
) -> tuple[Array, int]:
    """Return the mean over windows of compartments of |r| in each draw (D,), and of how many coarse bins.

    A coarse bin belongs to the block of its first bin; a window counts by its bins known in both maps.

    Parameters
    ----------
    weight_DB : how often each block is drawn
    shift : coarse bins by which the truth is moved on in each window, its end to the front
    """
    factor = max(1, observed.config.coarse_bp // observed.resolution_bp)
    found = [np.zeros((observed.blocks, len(SUMS)))]
    for piece, true, own in zip(observed.pieces, observed.fields, fields, strict=True):
        width = true.compartment_WK.shape[1]
        for window, pair in enumerate(zip(true.compartment_WK, own.compartment_WK, strict=True)):
            truth_K, own_K = np.roll(pair[0], shift), pair[1]
            block_K = piece.block_I[(window * window_step(width) + np.arange(width)) * factor]
            known_K = np.isfinite(truth_K) & np.isfinite(own_K)
            found.append(block_moments(truth_K[known_K], own_K[known_K], block_K[known_K], observed.blocks))
    sums_DWM = draw_sums(weight_DB, np.stack(found, axis=1))
    return map_moments.weighted_mean(np.abs(pearson(sums_DWM)), sums_DWM[..., 0]), int(
        np.sum(found, axis=0)[:, 0].sum()
    )
