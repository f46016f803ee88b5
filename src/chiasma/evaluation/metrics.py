"""How well scores rank labelled pairs, at the prevalence found and at stated ones.

Axes: n examples, K distinct thresholds from high to low, D sets of example weights (bootstrap draws). Every metric takes
weights, so that one call gives its value under all draws.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Ranking:
    """Weighted counts at each threshold: an example is called positive when its score is at least the threshold.

    Attributes
    ----------
    threshold_K : distinct scores, descending
    true_DK, false_DK : weight of positives, and of negatives, called positive
    """

    threshold_K: Array
    true_DK: Array
    false_DK: Array

    @property
    def recall_DK(self) -> Array:
        """True positive rate; nan in draws without positives."""
        return _ratio(self.true_DK, self.true_DK[:, -1:])

    @property
    def fall_out_DK(self) -> Array:
        """False positive rate; nan in draws without negatives."""
        return _ratio(self.false_DK, self.false_DK[:, -1:])

    @property
    def prevalence_D(self) -> Array:
        """Weighted fraction of positives."""
        return _ratio(self.true_DK[:, -1], self.true_DK[:, -1] + self.false_DK[:, -1])


def rank(label_n: NDArray, score_n: Array, weight_Dn: Array | None = None) -> Ranking:
    """Rank examples by score, those of equal score together.

    Parameters
    ----------
    label_n : 1 or 0
    score_n : finite; higher is more positive
    weight_Dn : weights not below 0; all 1 (D = 1) when not given

    Raises
    ------
    ValueError
        When there is no example, or a score is not finite.
    """
    label_n, score_n = np.asarray(label_n), np.asarray(score_n, float)
    if not len(score_n) or not np.isfinite(score_n).all():
        raise ValueError(f"expected at least one example and finite scores, found {len(score_n)} examples")
    weight_Dn = np.ones((1, len(score_n))) if weight_Dn is None else weight_Dn
    order = np.argsort(-score_n, kind="stable")
    last = np.flatnonzero(np.append(np.diff(score_n[order]) != 0, True))
    weights, positive = weight_Dn[:, order], label_n[order] == 1
    true_DK = np.cumsum(weights * positive, axis=1)[:, last]
    false_DK = np.cumsum(weights * ~positive, axis=1)[:, last]
    return Ranking(score_n[order][last], true_DK, false_DK)


def auroc(ranking: Ranking) -> Array:
    """Return the area under the ROC curve (D,): the chance that a positive outranks a negative, ties counting half."""
    recall, fall_out = _from_zero(ranking.recall_DK), _from_zero(ranking.fall_out_DK)
    return (np.diff(fall_out, axis=1) * (recall[:, 1:] + recall[:, :-1]) / 2).sum(axis=1)


def precision(ranking: Ranking, prevalence: float | None = None) -> Array:
    """Return the precision at each threshold (D, K), re-weighted to ``prevalence`` unless it is None; 1 where nothing is called."""
    share_D1 = ranking.prevalence_D[:, None] if prevalence is None else np.full((len(ranking.true_DK), 1), prevalence)
    true, false = share_D1 * ranking.recall_DK, (1 - share_D1) * ranking.fall_out_DK
    return np.where(true + false == 0, 1.0, _ratio(true, true + false))


def average_precision(ranking: Ranking, prevalence: float | None = None) -> Array:
    """Return the area under the precision-recall curve (D,), by steps, at the found or a stated prevalence."""
    return (np.diff(_from_zero(ranking.recall_DK), axis=1) * precision(ranking, prevalence)).sum(axis=1)


def f1(ranking: Ranking, prevalence: float | None = None) -> Array:
    """Return the harmonic mean of precision and recall at each threshold (D, K)."""
    return harmonic_mean(precision(ranking, prevalence), ranking.recall_DK)


def harmonic_mean(first: NDArray, second: NDArray) -> NDArray:
    """Return the harmonic mean of two rates; 0 when both are 0."""
    total = np.asarray(first + second, float)
    return np.where(total == 0, 0.0, 2 * first * second / np.where(total == 0, 1, total))


def best_threshold(ranking: Ranking, prevalence: float | None = None) -> float:
    """Return the threshold of largest F1 under the first weights; nan when there are no positives or no negatives."""
    values_K = f1(ranking, prevalence)[0]
    return float(ranking.threshold_K[np.nanargmax(values_K)]) if np.isfinite(values_K).any() else np.nan


def at_threshold(values_DK: Array, ranking: Ranking, threshold: float, above: float) -> Array:
    """Return ``values_DK`` at ``threshold`` (D,): those of the last score not below it, ``above`` when no score reaches it."""
    if not np.isfinite(threshold):
        return np.full(len(values_DK), np.nan)
    reached = int((ranking.threshold_K >= threshold).sum())
    known_D = np.isfinite(values_DK[:, -1])
    return values_DK[:, reached - 1] if reached else np.where(known_D, above, np.nan)


def pair_metrics(ranking: Ranking, thresholds: dict[float | None, float]) -> dict[str, Array]:
    """Return every metric of labelled pairs, each (D,).

    Parameters
    ----------
    ranking : of the test pairs
    thresholds : prevalence -> score threshold chosen on validation pairs; the prevalence None is the one found
    """
    values = {"auroc": auroc(ranking), "prevalence": ranking.prevalence_D}
    for prevalence, threshold in thresholds.items():
        suffix = "" if prevalence is None else f"_at_{prevalence:g}"
        values["aupr" + suffix] = average_precision(ranking, prevalence)
        values["f1" + suffix] = at_threshold(f1(ranking, prevalence), ranking, threshold, 0.0)
        values["precision" + suffix] = at_threshold(precision(ranking, prevalence), ranking, threshold, 1.0)
        values["recall" + suffix] = at_threshold(ranking.recall_DK, ranking, threshold, 0.0)
    return values


def permuted(label_n: NDArray, score_n: Array, permutations: int, rng: np.random.Generator) -> dict[str, Array]:
    """Return AUROC and AUPR with shuffled labels, each (permutations,): what the metrics give when there is nothing to know."""
    draws = [rank(rng.permutation(label_n), score_n) for _ in range(permutations)]
    return {
        "auroc": np.array([auroc(draw)[0] for draw in draws]),
        "aupr": np.array([average_precision(draw)[0] for draw in draws]),
    }


def curve_points(ranking: Ranking, points: int = 200) -> dict[str, tuple[Array, Array]]:
    """Return the ROC curve (false, true positive rate) and the PR curve (recall, precision) under the first weights.

    Each is thinned to about ``points`` vertices, evenly spread along its length, its ends kept.
    """
    recall, fall_out = _from_zero(ranking.recall_DK)[0], _from_zero(ranking.fall_out_DK)[0]
    found = precision(ranking)[0]
    return {"roc": _thin(fall_out, recall, points), "pr": _thin(recall, np.append(found[:1], found), points)}


def mean_curve(curves: list[tuple[Array, Array]], points: int = 101) -> tuple[Array, Array]:
    """Return the mean of several curves at ``points`` even places on x, each interpolated linearly."""
    x = np.linspace(0, 1, points)
    return x, np.mean([np.interp(x, own_x, own_y) for own_x, own_y in curves], axis=0)


def _thin(x: Array, y: Array, points: int) -> tuple[Array, Array]:
    length = np.append(0, np.cumsum(np.abs(np.diff(x)) + np.abs(np.diff(y))))
    at = np.searchsorted(length, np.linspace(0, length[-1], points))
    at = np.unique(np.append(np.minimum(at, len(x) - 1), [0, len(x) - 1]))
    return x[at], y[at]


def _from_zero(rate_DK: Array) -> Array:
    """Put the point where nothing is called in front."""
    return np.concatenate([np.zeros((len(rate_DK), 1)), rate_DK], axis=1)


def _ratio(top: Array, bottom: Array) -> Array:
    """Return top / bottom, nan where the bottom is 0."""
    top, bottom = np.broadcast_arrays(top, bottom)
    return np.divide(top, bottom, out=np.full(top.shape, np.nan), where=bottom != 0)
