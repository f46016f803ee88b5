"""The figure of reported losses: values and landmarks where the tables have them, shares of validation within the panel."""

import pytest
from matplotlib.colors import to_hex
from reported_tables import landmarks, reported, shares

from chiasma.plots import reported as figures
from chiasma.plots.style import INK


@pytest.fixture
def drawn():
    return figures.draw(reported(), landmarks(), shares())


def test_each_part_with_landmarks_has_a_panel_with_its_values_and_levels(drawn):
    figure, _ = drawn
    *panels, _ = figure.get_axes()
    assert [axes.get_title(loc="left") for axes in panels] == ["contrast between patches", "1 − SSIM", "count read-out"]
    for axes, part in zip(panels, ("contrastive", "ssim", "count"), strict=True):
        heights = [line.get_ydata().tolist() for line in axes.lines if line.get_marker() != "None"]
        assert heights == [reported().query(f"part == '{part}' and split == 'train'")["value"].tolist()] * 2
        levels = {line.get_ydata()[0] for line in axes.lines if line.get_marker() == "None"}
        assert levels == set(landmarks().query(f"part == '{part}'")["value"])


def test_labels_of_levels_that_nearly_meet_stand_apart(drawn):
    figure, _ = drawn
    axes = figure.get_axes()[1]
    heights = sorted(text.xy[1] for text in axes.texts)
    low, high = axes.get_ylim()
    assert min(above - below for below, above in zip(heights, heights[1:], strict=False)) > 0.05 * (high - low)
    assert {text.get_text() for text in axes.texts} == {"mean (chance) 0.4", "untrained 0.99", "perfect copy (floor) 0"}


def test_shares_are_those_of_validation_and_end_at_the_upper_edge(drawn):
    figure, _ = drawn
    axes = figure.get_axes()[-1]
    lines = {to_hex(line.get_color()): [] for line in axes.lines if line.get_marker() == "o"}
    for line in axes.lines:
        if line.get_marker() == "o":
            lines[to_hex(line.get_color())].append(line.get_ydata().tolist())
    assert lines.pop(INK) == [[2.45, figures.HEAD]], "the report, in ink"
    assert sorted(*lines.values()) == [[0.7], [0.8]]
    assert axes.get_ylim()[1] == figures.HEAD


def test_the_table_beside_the_figure_holds_all_that_is_drawn(drawn):
    _, source = drawn
    assert source.groupby("kind").size().to_dict() == {"landmark": 6, "loss": 12, "share left": 5}
    assert "total" not in set(source["part"]), "the total has no landmark"


def test_without_shares_the_panel_says_so():
    figure, _ = figures.draw(reported(), landmarks(), shares()[:0])
    figure.canvas.draw()
    assert figure.get_axes()[-1].texts[0].get_text() == "no part has both chance and floor"
