"""Predicted contact maps beside the observed one, and how well they agree at each distance."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import QuadMesh
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter

from chiasma.plots.scores import POOLED, pooled
from chiasma.plots.style import (
    FAINT,
    INK,
    SOFT,
    FigureConfig,
    Mark,
    look,
    mark_unknown,
    model_marks,
    new_figure,
    order_models,
)
from chiasma.plots.triangle import KB, MB, draw_departure

WIDTH_IN, HALF_IN = 7.4, (1.0, 2.2)  # the figure, and the least and most of one half of a pair
DEPARTURE = 1.0  # log2 of observed over expected that has the last colour
STRETCH = 1.25  # maps are drawn a little higher than they are
PLATE = {
    "facecolor": "white",
    "edgecolor": "none",
    "alpha": 0.75,
    "pad": 1.5,
}  # a stroke around letters would turn them into paths


@dataclass(frozen=True)
class MapsView:
    """What a figure of predicted maps shows.

    Attributes
    ----------
    title : sample and coordinates
    region : chromosome, start and end in bp
    resolution_bp : bin size
    maps : name -> pixels (bin1, bin2, contacts, log2_oe: their departure from the map's own decay; nan where masked or not
        predicted); the first is the observed map
    """

    title: str
    region: tuple[str, int, int]
    resolution_bp: int
    maps: dict[str, pd.DataFrame]


def draw_predicted_maps(view: MapsView) -> tuple[Figure, pd.DataFrame]:
    """Draw each predicted map hanging below the observed one, as departures from the decay, all in the same colours.

    Contacts themselves would show little but the decay, which any map has. Returns the figure and its pixels.
    """
    observed, *predicted = view.maps
    reach = _reach(view)
    half_in = _half_height(view, reach)
    norm = Normalize(-DEPARTURE, DEPARTURE)
    with look():
        figure = new_figure(WIDTH_IN, 2 * half_in * max(len(predicted), 1) + 0.9)
        rows = figure.subplots(max(len(predicted), 1), 1, sharex=True, squeeze=False)[:, 0]
        if not predicted:
            mark_unknown(rows[0], "no predicted map")
            return figure, _source(view, reach)
        for axes, name in zip(rows, predicted, strict=True):
            mesh = _pair(axes, view, (observed, name), (reach, norm))
        rows[0].set_title(view.title)
        rows[-1].set_xlabel(f"{view.region[0]} (Mb)")
        rows[-1].tick_params(bottom=True, labelbottom=True)
        bar = figure.colorbar(mesh, ax=rows.tolist(), aspect=40, fraction=0.02, pad=0.012, extend="both")
        bar.set_label("log2 of contacts over those of the distance")
        bar.outline.set_visible(False)
    return figure, _source(view, reach)


def _reach(view: MapsView) -> int:
    """Return the largest distance in bins that every predicted map holds, or the observed one's without any."""
    known = [own.dropna(subset=["contacts"]) for own in view.maps.values()]
    return min(int((own["bin2"] - own["bin1"]).max()) if len(own) else 0 for own in known) + 1


def _half_height(view: MapsView, reach: int) -> float:
    """Return the height in inches of one map: nearly that of its true shape, if it is neither too flat nor too high."""
    shape = reach * view.resolution_bp / 2 / (view.region[2] - view.region[1])
    return min(max(STRETCH * shape * WIDTH_IN, HALF_IN[0]), HALF_IN[1])


def _pair(axes: Axes, view: MapsView, names: tuple[str, str], scale: tuple[int, Normalize]) -> QuadMesh:
    """Draw the first map upwards and the second downwards from one diagonal."""
    reach, norm = scale
    for name, down, (height, align) in zip(names, (False, True), ((0.97, "top"), (0.03, "bottom")), strict=True):
        mesh = draw_departure(axes, view.maps[name], view.resolution_bp, norm, down)
        axes.text(0.008, height, name, transform=axes.transAxes, va=align, fontweight="bold", bbox=PLATE)
    limit = reach * view.resolution_bp / KB
    axes.axhline(0, color="white", linewidth=1.6)
    axes.set(xlim=(view.region[1] / MB, view.region[2] / MB), ylim=(-limit, limit), ylabel="Distance (kb)")
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{abs(value):g}"))
    axes.spines["bottom"].set_visible(False)
    axes.tick_params(bottom=False, labelbottom=False)
    return mesh


def _source(view: MapsView, reach: int) -> pd.DataFrame:
    """Return the pixels drawn: map, chrom, both stretches, contacts."""
    frames = [own[own["bin2"] - own["bin1"] <= reach].assign(map=name) for name, own in view.maps.items()]
    pixels = pd.concat(frames, ignore_index=True).assign(chrom=view.region[0])
    for end in (1, 2):
        pixels[f"start{end}"] = pixels[f"bin{end}"] * view.resolution_bp
        pixels[f"end{end}"] = pixels[f"start{end}"] + view.resolution_bp
    return pixels[["map", "chrom", "start1", "end1", "start2", "end2", "contacts", "log2_oe"]]


def draw_strata(strata: pd.DataFrame, config: FigureConfig) -> tuple[Figure, pd.DataFrame]:
    """Draw the STRATA of a task: correlation and mean contacts over distance; return the figure and its points."""
    shown = pooled(strata) if len(strata) else strata
    with look():
        figure = new_figure(WIDTH_IN, 2.9)
        correlation, decay, legend = figure.subplots(1, 3, gridspec_kw={"width_ratios": [1, 1, 0.42]})
        if shown.empty:
            for axes in (correlation, decay, legend):
                mark_unknown(axes, "no predicted map" if axes is correlation else "")
            return figure, shown
        marks = model_marks(order_models(shown["model"], config.baselines), config.baselines)
        _correlations(correlation, shown[shown["metric"] == "pearson"], marks)
        _decay(decay, shown, marks)
        _legend(legend, marks)
    return figure, shown


def _lines(axes: Axes, rows: pd.DataFrame, marks: dict[str, Mark]) -> None:
    """Draw seeds thin and their mean thick, and baselines, whose lines are broken, below the models."""
    for (model, seed), points in rows.groupby(["model", "seed"], sort=False):
        thick, mark = seed == POOLED, marks[model]
        layer = (3 if thick else 2) + (0.5 if mark.dashes == "-" else 0)
        axes.plot(points["distance_bp"] / KB, points["value"], color=mark.colour, linestyle=mark.dashes if thick else "-",
                  linewidth=1.5 if thick else 0.6, alpha=1 if thick else 0.3, zorder=layer)  # fmt: skip
    axes.grid(color=FAINT, linewidth=0.5)
    axes.set_axisbelow(True)


def _correlations(axes: Axes, rows: pd.DataFrame, marks: dict[str, Mark]) -> None:
    _lines(axes, rows, marks)
    axes.axhline(0, color=SOFT, linewidth=0.8, linestyle=":", zorder=1)
    axes.set(xlabel="Distance (kb)", ylabel="Pearson, log contacts")
    axes.set_xlim(0, rows["distance_bp"].max() / KB)
    axes.set_ylim(min(-0.05, rows["value"].min() - 0.05), 1.0)
    axes.set_title("Agreement at equal distance")


def _decay(axes: Axes, rows: pd.DataFrame, marks: dict[str, Mark]) -> None:
    """Draw mean contacts over distance on log axes; the diagonal itself has no place there."""
    far = rows[rows["distance_bp"] > 0]
    _lines(axes, far[far["metric"] == "mean_predicted"], marks)
    observed = far[far["metric"] == "mean_observed"].drop_duplicates("distance_bp")
    axes.plot(observed["distance_bp"] / KB, observed["value"], color=INK, linewidth=3.2, alpha=0.28, zorder=1,
              solid_capstyle="round")  # fmt: skip
    axes.set(xscale="log", yscale="log", xlabel="Distance (kb)", ylabel="Mean contacts")
    plain = FuncFormatter(lambda value, _: f"{value:g}")
    axes.xaxis.set_major_formatter(plain)
    axes.yaxis.set_major_formatter(plain)
    axes.set_title("Decay")


def _legend(axes: Axes, marks: dict[str, Mark]) -> None:
    axes.set_axis_off()
    lines = [Line2D([], [], color=INK, linewidth=3.2, alpha=0.28)]
    lines += [Line2D([], [], color=mark.colour, linestyle=mark.dashes) for mark in marks.values()]
    axes.legend(lines, ["observed", *marks], loc="upper left", borderaxespad=0, labelspacing=0.7)
