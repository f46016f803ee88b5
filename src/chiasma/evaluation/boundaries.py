"""Boundaries of domains: where a map insulates most, and which of a predicted map's are true.

Axes: I bins of a piece, n and m boundaries, D draws.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.signal import find_peaks

from chiasma.evaluation.loop_matching import match
from chiasma.evaluation.map_fields import Fields
from chiasma.evaluation.map_metrics import Observed, Scores
from chiasma.evaluation.map_moments import weighted_mean
from chiasma.evaluation.metrics import harmonic_mean


def find_boundaries(insulation_I: NDArray, prominence: float) -> NDArray[np.int64]:
    """Return the bins (n,), rising, at which an insulation score has a minimum of at least ``prominence``.

    The prominence of a minimum is how far the score rises from it before, on either side, it falls below the minimum or the
    piece ends; the lower of the two rises counts. cooltools calls it the strength of a boundary and, unlike here, also counts
    a minimum next to an end from which the score hardly rises towards it. Bins without a score are skipped, as if their
    neighbours were next to each other. A flat minimum lies at its middle, the left of two.

    Parameters
    ----------
    insulation_I : log2 insulation score of each bin, nan where unknown (`map_fields.insulation`)
    """
    known = np.flatnonzero(np.isfinite(insulation_I))
    return known[find_peaks(-np.asarray(insulation_I, float)[known], prominence=prominence)[0]].astype(np.int64)


def match_boundaries(
    first_n: NDArray[np.int64], second_m: NDArray[np.int64], tolerance_bins: int
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return whether each boundary of either set has a partner within ``tolerance_bins`` (included), as many as go one to one."""
    partner_n, partner_m = match(first_n[:, None], second_m[:, None], tolerance_bins)
    return partner_n >= 0, partner_m >= 0


def boundary_scores(observed: Observed, fields: list[Fields]) -> Scores:
    """Return ``boundary_precision``, ``boundary_recall`` and ``boundary_f1`` of a prediction's boundaries.

    A boundary belongs to the block of its bin. Precision is nan without predicted boundaries, recall and F1 without observed
    ones; F1 is 0 where there are none to predict but some to find.
    """
    config = observed.config
    hits, finds = [], []
    for piece, true, own in zip(observed.pieces, observed.fields, fields, strict=True):
        true_n, called_m = (find_boundaries(each.insulation_I, config.boundary_prominence) for each in (true, own))
        found_n, hit_m = match_boundaries(true_n, called_m, config.boundary_tolerance_bins)
        hits.append(np.stack([piece.block_I[called_m], hit_m]))
        finds.append(np.stack([piece.block_I[true_n], found_n]))
    (precision_D, called), (recall_D, true) = (_rate(observed, np.concatenate(each, axis=1)) for each in (hits, finds))
    return {
        "boundary_precision": (precision_D, called),
        "boundary_recall": (recall_D, true),
        "boundary_f1": (harmonic_mean(np.nan_to_num(precision_D), recall_D), true),
    }


def _rate(observed: Observed, block_and_hit: NDArray[np.int64]) -> tuple[NDArray[np.float64], int]:
    """Return the share of hits in each draw (D,), and how many boundaries there are."""
    block_n, hit_n = block_and_hit
    weight_Dn = observed.bootstrap.weight_DB[:, block_n]
    return weighted_mean(hit_n[None].astype(float), weight_Dn), len(hit_n)
