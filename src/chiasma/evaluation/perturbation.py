"""Perturbed predictions over seeds: means with intervals."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from chiasma.evaluation.intervals import t_interval

CERTAIN = 1e-7  # a probability is kept this far from 0 and 1
KEYS = ["task", "model", "perturbation", "level", "metric"]


def called_positives(scores_n: NDArray, labels_n: NDArray, threshold: float) -> dict[str, float]:
    """Return of the positives the share with at least a score of ``threshold``, and the mean log-odds.

    Parameters
    ----------
    scores_n : probabilities
    labels_n : 1 for a positive
    """
    positive_n = np.clip(scores_n[labels_n == 1], CERTAIN, 1 - CERTAIN)
    log_odds = np.log(positive_n / (1 - positive_n)).mean()
    return {"recall": float((positive_n >= threshold).mean()), "log_odds": float(log_odds)}


def over_seeds(table: pd.DataFrame) -> pd.DataFrame:
    """Return the mean over samples, then over seeds, of PERTURBATIONS rows, with 95 % t intervals over seeds (nan for one)."""
    each = table.groupby([*KEYS, "seed"], sort=False)["value"].mean().reset_index()
    groups = each.groupby(KEYS, sort=False)["value"]
    means = groups.mean().rename("value").reset_index()
    bounds = [t_interval(own) for _, own in groups]
    return means.assign(low=[low for low, _ in bounds], high=[high for _, high in bounds])
