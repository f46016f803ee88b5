"""The figure of probes: marks at the table's values, chance where the table says, no difference among the scores."""

import pandas as pd
import pytest

from chiasma.plots import probe
from chiasma.plots.style import FigureConfig

FEATURES, MODALITIES = ("pre-trained", "untrained", "inputs"), ("contacts", "tracks", "both")


@pytest.fixture
def table():
    """A summarised PROBE table of two models and two seeds, every value another."""
    rows = [
        ("pairs", model, seed, features, modality, metric, chance)
        for model in ("one", "other")
        for seed in ("1", "2", "all")
        for features in (*FEATURES, "pre-trained - untrained")
        for modality in MODALITIES
        for metric, chance in (("auroc", 0.5), ("aupr", 0.15))
    ]
    found = pd.DataFrame(rows, columns=["task", "model", "seed", "features", "modality", "metric", "chance"])
    value = 0.3 + 0.5 * found.index / len(found)
    return found.assign(value=value, low=value - 0.02, high=value + 0.02)


def test_marks_stand_at_means_and_seeds_of_their_panel(table):
    figure, source = probe.draw(table, FigureConfig())
    assert source is table
    grid = [(metric, modality) for metric in ("auroc", "aupr") for modality in MODALITIES]
    assert len(figure.get_axes()) == len(grid)
    for axes, (metric, modality) in zip(figure.get_axes(), grid, strict=True):
        own = table[(table["metric"] == metric) & (table["modality"] == modality)]
        labelled = {dots.get_label(): dots for dots in axes.collections if dots.get_label() in FEATURES}
        assert set(labelled) == set(FEATURES)
        for features, dots in labelled.items():
            rows = own[own["features"] == features].set_index(["seed", "model"])["value"]
            assert dots.get_offsets()[:, 0].tolist() == pytest.approx(rows["all"].tolist())
            above, below = dots.get_offsets()[:, 1]
            assert abs(above) < 0.5 < below < 1.5, "a line for each model"
        (chance,) = [line for line in axes.lines if line.get_label() == "chance"]
        assert set(chance.get_xdata()) == {own["chance"].iloc[0]}
    shown = [x for axes in figure.get_axes() for dots in axes.collections if len(dots.get_offsets()) for x in
             dots.get_offsets()[:, 0]]  # fmt: skip
    gaps = table.loc[table["features"].str.contains(" - "), "value"]
    assert not set(gaps) & set(shown)


def test_panels_of_a_metric_share_their_scale_and_models_are_named_once(table):
    figure, _ = probe.draw(table, FigureConfig())
    figure.canvas.draw()
    axes = figure.get_axes()
    assert len({panel.get_xlim() for panel in axes[:3]}) == 1
    assert [label.get_text() for label in axes[0].get_yticklabels()] == ["one", "other"]
    assert [panel.get_title(loc="left") for panel in axes[:3]] == list(MODALITIES)


def test_a_single_seed_has_no_interval_and_is_drawn(table):
    single = table[table["seed"] != "2"].assign(low=float("nan"), high=float("nan"))
    figure, _ = probe.draw(single, FigureConfig())
    figure.canvas.draw()
    assert all(
        dots.get_offsets().shape[0]
        for axes in figure.get_axes()
        for dots in axes.collections
        if dots.get_label() in FEATURES
    )
