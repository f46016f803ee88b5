"""Shares of the training examples are nested and keep both labels; differences are paired by seed."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from chiasma.evaluation.few_shot import draw_share, summarise_shares
from chiasma.schema.tables import FEW_SHOT


@pytest.fixture
def examples() -> pd.DataFrame:
    return pd.DataFrame({"bin1": np.arange(300), "label": np.repeat([1, 0], [40, 260])})


def test_a_smaller_share_lies_within_a_larger_one_and_all_is_all(examples):
    shares = [set(draw_share(examples, fraction, seed=3)["bin1"]) for fraction in (0.01, 0.05, 0.5, 1.0)]
    assert all(small < large for small, large in zip(shares, shares[1:], strict=False))
    assert shares[-1] == set(examples["bin1"])


def test_each_label_is_drawn_in_its_share_and_never_left_out(examples):
    assert draw_share(examples, 0.1, seed=1)["label"].value_counts().to_dict() == {0: 26, 1: 4}
    assert draw_share(examples, 0.001, seed=1)["label"].value_counts().to_dict() == {0: 1, 1: 1}


def test_another_seed_draws_other_examples_and_the_same_seed_the_same(examples):
    first, again, other = (draw_share(examples, 0.1, seed)["bin1"].tolist() for seed in (1, 1, 2))
    assert first == again != other


def shares(values: dict[tuple[str, int], float]) -> pd.DataFrame:
    rows = [
        ("pairs", model, str(seed), 0.1, 12, "aupr", value, math.nan, math.nan)
        for (model, seed), value in values.items()
    ]
    return pd.DataFrame(rows, columns=FEW_SHOT.names)


def test_the_difference_is_paired_by_seed():
    """Seeds differ by far more than the models do: only the paired difference is sure."""
    table = shares(
        {("own", 1): 0.31, ("own", 2): 0.61, ("own", 3): 0.91, ("none", 1): 0.30, ("none", 2): 0.60, ("none", 3): 0.90}
    )
    rows = summarise_shares(table, [("own", "none")])
    (gap,) = rows[(rows["model"] == "own - none") & (rows["seed"] == "all")].itertuples()
    assert gap.value == pytest.approx(0.01)
    assert (gap.low, gap.high) == pytest.approx((0.01, 0.01))
    (mean,) = rows[(rows["model"] == "own") & (rows["seed"] == "all")].itertuples()
    assert mean.value == pytest.approx(0.61)
    # Student's t with 2 degrees of freedom: 4.303 * 0.3 / sqrt(3)
    assert mean.high - mean.value == pytest.approx(4.3027 * 0.3 / math.sqrt(3), rel=1e-3)


def test_a_seed_that_one_side_lacks_is_no_pair():
    rows = summarise_shares(shares({("own", 1): 0.5, ("own", 2): 0.9, ("none", 1): 0.4}), [("own", "none")])
    gaps = rows[rows["model"] == "own - none"]
    assert gaps.loc[gaps["seed"] == "1", "value"].item() == pytest.approx(0.1)
    assert "2" not in set(gaps["seed"])
