"""Intervals: what they cover, and how rows are made of estimates."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from chiasma.evaluation import intervals
from chiasma.evaluation.intervals import Estimate

SPLITS = pd.DataFrame(
    {
        "chrom": ["a", "a", "b"],
        "start": [0, 3_500_000, 0],
        "end": [1_000_000, 6_000_000, 2_000_000],
        "split": ["train", "test", "test"],
    }
)


def test_blocks_are_those_that_overlap_the_split():
    blocks = intervals.build_blocks(SPLITS, "test", 1_000_000)
    assert set(blocks.place) == {("a", 3), ("a", 4), ("a", 5), ("b", 0), ("b", 1)}
    found = blocks.index(pd.Series(["a", "b"]), pd.Series([3_600_000, 1_999_999]))
    assert [blocks.place["a", 3], blocks.place["b", 1]] == found.tolist()


def test_the_first_draw_is_the_data_and_each_other_takes_as_many_blocks():
    blocks = intervals.build_blocks(SPLITS, "test", 1_000_000)
    weights = intervals.block_weights(blocks, 50, np.random.default_rng(1))
    assert weights.shape == (51, 5)
    assert (weights[0] == 1).all()
    assert (weights.sum(axis=1) == 5).all()


def test_t_interval_is_that_of_scipy_and_needs_two_values():
    values = [0.81, 0.84, 0.80]
    expected = stats.t.interval(0.95, 2, loc=np.mean(values), scale=stats.sem(values))
    assert intervals.t_interval(values) == pytest.approx(expected)
    assert np.isnan(intervals.t_interval([0.8])).all()


def test_bootstrap_over_blocks_covers_the_mean_about_as_often_as_it_says():
    rng = np.random.default_rng(5)
    weights = np.concatenate([np.ones((1, 30)), rng.multinomial(30, np.full(30, 1 / 30), size=300)])
    covered = 0
    for _ in range(200):
        values = rng.normal(1, 1, 30)  # one value per block
        low, high = intervals.bootstrap_interval(weights @ values / weights.sum(axis=1))
        covered += low <= 1 <= high
    assert 0.88 <= covered / 200 <= 0.99


def test_draws_that_are_unknown_are_left_out():
    assert intervals.bootstrap_interval(np.array([1.0, np.nan, 2.0, 2.0])) == (2.0, 2.0)
    assert np.isnan(intervals.bootstrap_interval(np.array([1.0, np.nan]))).all()


def estimates(model, values, draws=None):
    spread = np.linspace(-0.1, 0.1, 41) if draws is None else draws
    return [
        Estimate(model, str(seed), "s", "auroc", np.append(value, value + spread), 100)
        for seed, value in enumerate(values)
    ]


def rows(*groups, compare=(), interval="seeds"):
    return intervals.score_rows([each for group in groups for each in group], compare, interval).set_index(
        ["model", "seed", "metric"]
    )


def test_each_seed_has_the_bootstrap_and_their_mean_the_t_interval():
    found = rows(estimates("m", [0.84, 0.86]))
    assert found.loc[("m", "0", "auroc"), "low"] == pytest.approx(0.84 - 0.095)
    mean = found.loc[("m", "all", "auroc")]
    assert mean["value"] == pytest.approx(0.85)
    assert mean["n"] == 2
    assert (mean["low"], mean["high"]) == pytest.approx(intervals.t_interval([0.84, 0.86]))


def test_an_interval_stays_within_what_the_metric_can_be():
    mean = rows(estimates("m", [0.2, 0.95])).loc[("m", "all", "auroc")]
    assert intervals.t_interval([0.2, 0.95])[1] > 1
    assert (mean["low"], mean["high"]) == (0, 1)
    gap = rows(estimates("m", [0.2, 0.95]), estimates("r", [0.9, 0.1]), compare=[("m", "r")])
    assert tuple(gap.loc[("m", "all", "auroc_difference_from_r"), ["low", "high"]]) == (-1, 1)


def test_one_seed_has_the_bootstrap_and_counts_examples():
    mean = rows(estimates("m", [0.8])).loc[("m", "all", "auroc")]
    assert mean["n"] == 100
    assert mean["high"] == pytest.approx(0.8 + 0.095)


def test_over_blocks_the_mean_over_seeds_is_resampled():
    mean = rows(estimates("m", [0.8, 0.9]), interval="blocks").loc[("m", "all", "auroc")]
    assert (mean["low"], mean["high"], mean["n"]) == pytest.approx((0.85 - 0.095, 0.85 + 0.095, 100))


def test_a_difference_is_paired_by_seed():
    # the seeds differ widely, the models by 0.1 in each seed: paired, the interval is a point
    found = rows(estimates("m", [0.6, 0.9]), estimates("r", [0.5, 0.8]), compare=[("m", "r")])
    gap = found.loc[("m", "all", "auroc_difference_from_r")]
    assert (gap["value"], gap["low"], gap["high"], gap["n"]) == pytest.approx((0.1, 0.1, 0.1, 2))


def test_a_difference_is_paired_by_draw():
    found = rows(estimates("m", [0.9]), estimates("r", [0.8]), compare=[("m", "r")], interval="blocks")
    gap = found.loc[("m", "all", "auroc_difference_from_r")]
    assert (gap["low"], gap["high"]) == pytest.approx((0.1, 0.1))


def test_a_reference_with_one_seed_is_taken_from_every_seed():
    found = rows(estimates("m", [0.6, 0.9]), [*estimates("r", [0.5])], compare=[("m", "r")])
    gap = found.loc[("m", "all", "auroc_difference_from_r")]
    assert gap["n"] == 2
    assert gap["value"] == pytest.approx(0.25)


def test_a_model_that_is_absent_is_not_compared():
    assert not any("difference" in metric for _, _, metric in rows(estimates("m", [0.6]), compare=[("m", "x")]).index)


def test_a_bootstrap_weighs_a_position_as_its_block_and_draws_alike_for_everyone():
    bootstrap, again = (intervals.Bootstrap(SPLITS, 1_000_000, 30, 7) for _ in range(2))
    chrom, start = pd.Series(["a", "a", "b"]), pd.Series([3_600_000, 3_900_000, 1_999_999])
    weights = bootstrap.weights(chrom, start)
    assert weights.shape == (31, 3)
    assert (weights[:, 0] == weights[:, 1]).all()
    assert (weights[:, 0] != weights[:, 2]).any()
    assert (weights == again.weights(chrom, start)).all()
