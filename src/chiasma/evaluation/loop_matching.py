"""Which called loops are true: one-to-one matching of bin pairs within a tolerance."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_bipartite_matching
from scipy.spatial import cKDTree

from chiasma.evaluation.metrics import harmonic_mean
from chiasma.tiles.splits import split_of


def loop_bins(anchors: pd.DataFrame, resolution_bp: int) -> pd.DataFrame:
    """Return chrom, bin1, bin2 of loops given by their anchors: the bins of the anchors' middles, ``bin1 <= bin2``.

    Loops between chromosomes are left out; loops that fall on the same pair of bins are counted once.
    """
    cis = anchors[anchors["chrom1"] == anchors["chrom2"]]
    middle1 = (cis["start1"].to_numpy() + cis["end1"].to_numpy()) // 2 // resolution_bp
    middle2 = (cis["start2"].to_numpy() + cis["end2"].to_numpy()) // 2 // resolution_bp
    bins = {
        "chrom": cis["chrom1"].to_numpy(),
        "bin1": np.minimum(middle1, middle2),
        "bin2": np.maximum(middle1, middle2),
    }
    return pd.DataFrame(bins).drop_duplicates(ignore_index=True)


def match(first_n2: NDArray, second_m2: NDArray, tolerance_bins: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Match the points of two sets one to one, as many as possible.

    Two points may be matched when both coordinates differ by at most ``tolerance_bins`` (Chebyshev distance).

    Returns
    -------
    for each point of the first set the index of its partner in the second, or -1; and the reverse
    """
    partner_n = np.full(len(first_n2), -1)
    partner_m = np.full(len(second_m2), -1)
    if len(first_n2) and len(second_m2):
        partner_n = np.asarray(
            maximum_bipartite_matching(_neighbours(first_n2, second_m2, tolerance_bins), perm_type="column"), np.int64
        )
        found = np.flatnonzero(partner_n >= 0)
        partner_m[partner_n[found]] = found
    return partner_n, partner_m


def _neighbours(first_n2: NDArray, second_m2: NDArray, tolerance_bins: int) -> csr_array:
    near = cKDTree(second_m2).query_ball_point(first_n2, tolerance_bins + 0.5, p=np.inf, return_sorted=True)
    rows = np.repeat(np.arange(len(first_n2)), [len(found) for found in near])
    cols = np.concatenate([np.asarray(found, np.int64) for found in near])
    return csr_array((np.ones(len(rows), bool), (rows, cols)), shape=(len(first_n2), len(second_m2)))


def is_matched(loops: pd.DataFrame, others: pd.DataFrame, tolerance_bins: int) -> NDArray[np.bool_]:
    """Return whether each loop of ``loops`` has a partner among ``others`` of its sample and chromosome, one to one.

    Both frames have columns sample, chrom, bin1, bin2.
    """
    matched = np.zeros(len(loops), bool)
    candidates = dict(tuple(others.groupby(["sample", "chrom"])))
    for place, at in loops.groupby(["sample", "chrom"]).indices.items():
        if place in candidates:
            points = loops[["bin1", "bin2"]].to_numpy()[at]
            matched[at] = match(points, candidates[place][["bin1", "bin2"]].to_numpy(), tolerance_bins)[0] >= 0
    return matched


def callable_loops(
    loops: pd.DataFrame, splits: pd.DataFrame, resolution_bp: int, half_bins: int, distance_bins: tuple[int, int]
) -> pd.DataFrame:
    """Return the loops a caller could have called: its tile wholly in a test region, its distance within the scan's limits."""
    windows = [(loops[name] + side * half_bins) * resolution_bp for name in ("bin1", "bin2") for side in (-1, 1)]
    in_test = split_of(splits, loops["chrom"].to_numpy(object), *(window.to_numpy() for window in windows)) == "test"
    in_reach = (loops["bin2"] - loops["bin1"]).between(*distance_bins).to_numpy()
    return loops[in_test & in_reach].reset_index(drop=True)


def call_metrics(
    hit_c: NDArray[np.bool_], found_t: NDArray[np.bool_], weight_Dc: NDArray, weight_Dt: NDArray
) -> Mapping[str, NDArray[np.float64]]:
    """Return precision, recall and their harmonic mean, each (D,).

    Parameters
    ----------
    hit_c : whether each call is true
    found_t : whether each true loop is called
    weight_Dc, weight_Dt : weights of calls and of true loops; a rate without weight is nan
    """
    precision = _weighted_mean(hit_c, weight_Dc)
    recall = _weighted_mean(found_t, weight_Dt)
    both = harmonic_mean(np.nan_to_num(precision), recall)
    return {"loop_precision": precision, "loop_recall": recall, "loop_f1": both}


def recall_at_precision(
    hit_c: NDArray[np.bool_], weight_Dc: NDArray, true_D: NDArray, precision: float
) -> NDArray[np.float64]:
    """Return the largest recall (D,) among the sets of best-ranked calls that are at least so precise; 0 where no set is.

    Parameters
    ----------
    hit_c : whether each call is true, best call first
    weight_Dc : weights of calls
    true_D : weight of all true loops; without any, recall is nan
    """
    found_D = np.zeros(len(weight_Dc))
    for draw, weight_c in enumerate(weight_Dc):
        hits_c = np.cumsum(weight_c * hit_c)
        found_D[draw] = hits_c[hits_c >= precision * np.cumsum(weight_c)].max(initial=0)
    return np.divide(found_D, true_D, out=np.full(len(found_D), np.nan), where=true_D > 0)


def _weighted_mean(values_n: NDArray, weight_Dn: NDArray) -> NDArray[np.float64]:
    total = weight_Dn.sum(axis=1)
    return np.divide(weight_Dn @ values_n, total, out=np.full(len(weight_Dn), np.nan), where=total > 0)
