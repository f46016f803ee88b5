"""Predicted maps beside the observed one, and curves over distance."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import QuadMesh

from chiasma.plots import maps
from chiasma.plots.style import FigureConfig
from chiasma.schema import tables


def pixels(level, reach=20):
    bin1, bin2 = np.triu_indices(40)
    known = bin2 - bin1 < reach
    contacts = np.where(known, level / (1 + bin2 - bin1), np.nan)
    log2_oe = np.where(
        known, np.linspace(-level / 25, level / 25, len(bin1)), np.nan
    )  # beyond the colours for the first
    return pd.DataFrame({"bin1": bin1 + 100, "bin2": bin2 + 100, "contacts": contacts, "log2_oe": log2_oe})


@pytest.fixture
def view():
    own = {"observed": pixels(100.0, 30), "model": pixels(80.0), "decay": pixels(50.0, 25)}
    return maps.MapsView("cell", ("c", 1_000_000, 1_400_000), 10_000, own)


def meshes(axes):
    return [own for own in axes.collections if isinstance(own, QuadMesh)]


def test_each_predicted_map_hangs_below_the_observed_one_in_the_same_colours(view):
    figure, _ = maps.draw_predicted_maps(view)
    rows = figure.get_axes()[:2]
    assert [[text.get_text() for text in axes.texts] for axes in rows] == [["observed", "model"], ["observed", "decay"]]
    for axes in rows:
        up, down = meshes(axes)
        assert up.get_coordinates()[0, -1, 1] > 0 > down.get_coordinates()[0, -1, 1]
        assert up.norm.vmax == -up.norm.vmin == down.norm.vmax == maps.DEPARTURE
        assert up.get_array().max() == maps.DEPARTURE, "what is beyond the colours has the last of them"
        assert down.get_array().min() < down.norm.vmin, "what is not predicted is grey"


def test_maps_are_drawn_as_far_as_all_hold_and_distances_are_positive(view):
    figure, source = maps.draw_predicted_maps(view)
    axes = figure.get_axes()[0]
    assert axes.get_ylim() == (-200, 200)
    figure.canvas.draw()
    assert not any(label.get_text().startswith(("-", "−")) for label in axes.get_yticklabels())
    assert set(source["map"]) == {"observed", "model", "decay"}
    first = source.iloc[1]
    assert tuple(first[["chrom", "start1", "end1", "start2"]]) == ("c", 1_000_000, 1_010_000, 1_010_000)
    assert first["contacts"] == 50


def test_an_observed_map_alone_says_so(view):
    alone = maps.MapsView(view.title, view.region, view.resolution_bp, {"observed": view.maps["observed"]})
    figure, _ = maps.draw_predicted_maps(alone)
    assert [text.get_text() for text in figure.get_axes()[0].texts] == ["no predicted map"]


@pytest.fixture
def strata():
    rows = []
    for model, seeds in (("model", ("1", "2", "all")), ("decay", ("1", "all"))):
        for seed in seeds:
            for bins in range(30):
                values = {
                    "pearson": 0.5 - 0.01 * bins,
                    "mean_predicted": 90 / (1 + bins),
                    "mean_observed": 100 / (1 + bins),
                }
                rows += [("t", model, seed, "cell", bins * 10_000, name, value) for name, value in values.items()]
    return tables.conform(pd.DataFrame(rows, columns=tables.STRATA.names), tables.STRATA, "toy")


def test_strata_draw_each_seed_and_the_mean_over_distance(strata):
    figure, source = maps.draw_strata(strata, FigureConfig(baselines=("decay",)))
    correlation, decay, legend = figure.get_axes()
    curves = [line for line in correlation.lines if len(line.get_xdata()) == 30]
    assert len(curves) == 5
    assert curves[0].get_xdata()[:2] == pytest.approx([0, 10])
    assert curves[0].get_ydata()[:2] == pytest.approx([0.5, 0.49])
    assert [len(line.get_xdata()) for line in decay.lines] == [
        29
    ] * 6  # five predicted, one observed, without the diagonal
    assert decay.lines[-1].get_ydata()[0] == pytest.approx(50)
    assert [text.get_text() for text in legend.get_legend().get_texts()] == ["observed", "model", "decay"]
    assert len(source) == len(strata)


def test_the_pooled_sample_is_drawn_and_no_strata_is_said(strata):
    both = pd.concat([strata, strata.assign(sample="other"), strata.assign(sample="all")], ignore_index=True)
    _, source = maps.draw_strata(both, FigureConfig())
    assert set(source["sample"]) == {"all"}
    figure, _ = maps.draw_strata(strata[:0], FigureConfig())
    assert "no predicted map" in [text.get_text() for axes in figure.get_axes() for text in axes.texts]
