"""The figure of an ablation and its table: one row per variant, with the difference the score table holds."""

import numpy as np
import pandas as pd
import pytest

from chiasma.core.errors import InputError
from chiasma.plots import ablation


@pytest.fixture
def config():
    """The toy's model as a variant of the toy's model without pre-training, of which it holds the differences."""
    return ablation.AblationConfig("mixnet_scratch", {"pre-training": ["mixnet"], "method": ["forest"]}, 10_000)


def test_the_table_holds_each_variant_s_score_and_difference(toy, config):
    scores = toy.scores()
    table = ablation.tabulate(scores, config).set_index(["model", "metric"])
    assert list(dict.fromkeys(table.index.get_level_values("metric"))) == ["aupr", "loop_f1_1"], (
        "what verdicts speak of"
    )
    means = scores[scores["seed"] == "all"].set_index(["model", "metric"])["value"]
    for (model, metric), row in table.iterrows():
        assert row["value"] == means[model, metric]
    gap = means["mixnet", "aupr_difference_from_mixnet_scratch"]
    row = table.loc["mixnet", "aupr"]
    assert (row["difference_value"], row["difference_low"], row["difference_high"]) == (gap, gap - 0.02, gap + 0.02)
    assert table.loc["mixnet_scratch", "difference_value"].isna().all(), "the reference departs from nothing"
    assert table.loc["forest", "difference_value"].isna().all(), "a difference that was not scored is unknown, not 0"


def test_groups_stand_in_the_order_given_after_the_reference(toy, config):
    table = ablation.tabulate(toy.scores(), config)
    own = table[table["metric"] == "aupr"]
    assert list(zip(own["group"], own["model"], strict=True)) == [
        ("reference", "mixnet_scratch"), ("pre-training", "mixnet"), ("method", "forest"),
    ]  # fmt: skip


def test_dots_stand_at_the_table_s_values(toy, config):
    figure, table = ablation.draw(toy.scores(), config)
    assert len(figure.get_axes()) == 2 * 2, "scores and differences of two metrics"
    for axes, metric, column in zip(
        figure.get_axes(), np.repeat(["aupr", "loop_f1_1"], 2), ["value", "difference_value"] * 2, strict=True
    ):
        values = table.loc[table["metric"] == metric, column].dropna()
        shown = [tuple(dot.get_offsets()[0]) for dot in axes.collections]
        np.testing.assert_allclose([x for x, _ in shown], values)
        assert len({y for _, y in shown}) == len(values) == {"value": 3, "difference_value": 1}[column]


def test_a_model_that_was_not_scored_is_told_with_those_that_were(toy):
    with pytest.raises(InputError, match="model 'other' of the ablation has no scores; found those of .*mixnet"):
        ablation.tabulate(toy.scores(), ablation.AblationConfig("mixnet", {"width": ["other"]}))


def test_several_samples_are_read_over_all(toy, config):
    several = pd.concat([toy.scores(sample=name) for name in ("a", "b", "all")])
    assert len(ablation.tabulate(several, config)) == 3 * 2
