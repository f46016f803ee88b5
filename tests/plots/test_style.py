"""One look, and a picture beside its numbers."""

import re

import matplotlib as mpl
import pandas as pd
import pytest

from chiasma.plots import style


def line_figure():
    with style.look():
        figure = style.new_figure(2, 2)
        figure.subplots().plot([0, 1], [0, 1], label="Überschrift")
    return figure


def test_a_picture_has_its_numbers_beside_and_its_text_as_text(tmp_path):
    figure = line_figure()
    figure.axes[0].set_title("Recall of loops")
    style.save_figure(figure, pd.DataFrame({"x": [0, 1]}), tmp_path / "f.svg")
    assert re.search(r"<text[^>]*>Recall of loops</text>", (tmp_path / "f.svg").read_text(encoding="utf-8"))
    assert (tmp_path / "f.tsv").read_text() == "x\n0\n1\n"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["f.svg", "f.tsv"]


def test_the_same_figure_is_the_same_file(tmp_path):
    for name in ("a", "b"):
        style.save_figure(line_figure(), pd.DataFrame({"x": [0]}), tmp_path / f"{name}.svg")
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()


def test_the_look_leaves_the_users_settings_alone():
    before = dict(mpl.rcParams)
    with style.look():
        assert mpl.rcParams["svg.fonttype"] == "none"
    assert dict(mpl.rcParams) == before


def test_baselines_come_last_and_are_grey():
    models = style.order_models(["donut", "m", "forest", "n", "m"], ["forest", "dots", "donut"])
    assert models == ["m", "n", "forest", "donut"]
    marks = style.model_marks(models, ["forest", "donut"])
    assert [mark.colour in style.GREYS for mark in marks.values()] == [False, False, True, True]
    assert len({(mark.colour, mark.marker) for mark in marks.values()}) == 4


def test_pale_mixes_with_white():
    assert style.pale("#000000", 1.0) == (0, 0, 0)
    assert style.pale("#000000", 0.25) == pytest.approx((0.75, 0.75, 0.75))
