"""The score figure shows the numbers of its table."""

import numpy as np
import pandas as pd
import pytest

from chiasma.plots import scores
from chiasma.plots.style import FigureConfig


@pytest.fixture
def config(toy):
    return FigureConfig(baselines=toy.BASELINES, resolution_bp=10_000)


def panel(figure, title):
    return next(axes for axes in figure.get_axes() if axes.get_title(loc="left") == title)


def dots(axes):
    """The places of all dots and ticks of a panel."""
    return np.concatenate([np.asarray(own.get_offsets()) for own in axes.collections if len(own.get_offsets())])


def test_each_model_stands_at_its_mean_and_each_seed_at_its_value(toy, config):
    table = toy.scores()
    figure, _ = scores.draw(table, config)
    axes = panel(figure, "AUROC")
    names = [label.get_text() for label in panel(figure, "AUROC").get_yticklabels()]
    assert names == [*toy.LEARNED, *toy.BASELINES]
    rows = table[(table["metric"] == "auroc") & table["model"].isin(names)]
    shown = {(round(x, 9), round(y, 9)) for x, y in dots(axes)}
    for row in rows.itertuples():
        assert (round(row.value, 9), names.index(row.model)) in shown


def test_intervals_are_those_of_the_mean(toy, config):
    table = toy.scores()
    figure, _ = scores.draw(table, config)
    spans = [tuple(line.get_xdata()) for line in panel(figure, "AUPR").lines if len(line.get_xdata()) == 2]
    row = table[(table["metric"] == "aupr") & (table["model"] == "forest") & (table["seed"] == "all")].iloc[0]
    assert (row["low"], row["high"]) in spans


def test_the_source_holds_what_is_drawn_and_no_difference(toy, config):
    _, source = scores.draw(toy.scores(), config)
    assert not source["metric"].str.contains("difference").any()
    assert {"auroc", "loop_f1_0", "loop_f1_2", "apa"} <= set(source["metric"])


def test_pooled_takes_all_samples_where_there_are_several(toy):
    several = pd.concat([toy.scores(sample=name) for name in ("a", "b", "all")])
    assert set(scores.pooled(several)["sample"]) == {"all"}
    assert set(scores.pooled(toy.scores(sample="a"))["sample"]) == {"a"}


def test_a_metric_nobody_has_is_no_panel_and_one_without_a_value_says_so(toy, config):
    table = toy.scores()
    whole, _ = scores.draw(table, config)
    few, _ = scores.draw(table[table["metric"] != "apa"], config)
    assert len(few.get_axes()) == len(whole.get_axes()) - 1
    table.loc[table["metric"] == "apa", ["value", "low", "high"]] = np.nan
    unknown, _ = scores.draw(table, config)
    assert [text.get_text() for axes in unknown.get_axes() for text in axes.texts].count("no value") == 1


def test_unknown_values_are_drawn_as_nothing(toy, config):
    table = toy.scores()
    table.loc[table["metric"].str.startswith("loop_precision"), ["value", "low", "high"]] = np.nan
    figure, _ = scores.draw(table, config)
    figure.canvas.draw()
    panels = {axes.get_title(loc="left") or axes.get_title(): axes for axes in figure.get_axes()}
    assert marks(panels["Precision of calls"]) == 0
    assert marks(panels["Recall of true loops"]) > 0


def marks(axes) -> int:
    """Count the values that a panel marks."""
    offsets = [np.ma.filled(np.ma.asarray(each.get_offsets(), float), np.nan) for each in axes.collections]
    return sum(int(np.isfinite(each).all(axis=1).sum()) for each in offsets if each.any())


def test_differences_name_metric_and_reference(toy):
    gaps = scores.differences(toy.scores())
    assert set(gaps["reference"]) == {"mixnet_scratch"}
    assert "auroc" in set(gaps["plain"])
    assert scores.differences(toy.scores()[:3]).empty
