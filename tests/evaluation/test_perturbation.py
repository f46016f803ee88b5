"""Means are over samples first, so that a seed counts once; one seed has no interval."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from chiasma.evaluation.perturbation import called_positives, over_seeds

COLUMNS = ["task", "model", "seed", "sample", "perturbation", "level", "metric", "value", "n"]


def rows(values):
    return pd.DataFrame(
        [("t", "m", seed, sample, "none", 0.0, "aupr", value, 9) for seed, sample, value in values], columns=COLUMNS
    )


def test_samples_are_averaged_before_seeds():
    (mean,) = over_seeds(rows([("1", "a", 0.2), ("1", "b", 0.4), ("2", "a", 0.5), ("2", "b", 0.7)])).itertuples()
    assert mean.value == pytest.approx(0.45)
    # Student's t with one degree of freedom: 12.706 * 0.2121 / sqrt(2)
    assert mean.high - mean.value == pytest.approx(12.7062 * 0.15 * math.sqrt(2) / math.sqrt(2), rel=1e-3)


def test_one_seed_has_no_interval():
    (mean,) = over_seeds(rows([("1", "a", 0.2), ("1", "b", 0.4)])).itertuples()
    assert mean.value == pytest.approx(0.3)
    assert math.isnan(mean.low) and math.isnan(mean.high)


def test_recall_and_log_odds_are_of_the_positives_alone_by_hand():
    scores, labels = np.array([0.9, 0.5, 0.1, 0.99]), np.array([1, 1, 1, 0])
    found = called_positives(scores, labels, 0.5)
    assert found["recall"] == pytest.approx(2 / 3)
    assert found["log_odds"] == pytest.approx(0.0)  # log 9, 0 and minus log 9
    assert math.isfinite(called_positives(np.array([1.0]), np.array([1]), 0.5)["log_odds"])
