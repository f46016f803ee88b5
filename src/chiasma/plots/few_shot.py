"""Scores against the share of training examples, with and without pre-training; and the paired difference below."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedFormatter, FixedLocator, NullLocator

from chiasma.plots.metric_names import metric_words
from chiasma.plots.style import FAINT, INK, SOFT, FigureConfig, look, model_marks, new_figure

POOLED, MINUS = "all", " - "
SHIFT = 0.012  # models stand a little beside each other, as a share of the axis in log units


def draw(table: pd.DataFrame, config: FigureConfig) -> tuple[Figure, pd.DataFrame]:
    """Draw a FEW_SHOT table: for each task a column per metric, scores above, differences between models below.

    Returns
    -------
    figure and the rows drawn
    """
    is_gap = table["model"].str.contains(MINUS, regex=False)
    tasks = list(dict.fromkeys(table["task"]))
    rows = [
        (task, words, own)
        for task in tasks
        for words, kind in (("score on the test split", ~is_gap), ("difference, paired by seed", is_gap))
        if not (own := table[kind & (table["task"] == task)]).empty
    ]
    widest = max(own["metric"].nunique() for _, _, own in rows)
    with look():
        figure = new_figure(2.9 * widest + 0.6, 2.5 * len(rows) + 0.5)
        grid = figure.subplots(len(rows), widest, squeeze=False)
        for line, (task, words, own) in zip(grid, rows, strict=True):
            _row(line, own, config)
            names = [task] * (len(tasks) > 1) + list(own["model"].unique()) * (own["model"].nunique() == 1)
            line[0].set_ylabel("\n".join([*names, words]))
    return figure, table


def _row(line: Sequence[Axes], rows: pd.DataFrame, config: FigureConfig) -> None:
    """Draw one task's scores, or differences, a panel per metric; panels without a metric are left out."""
    metrics = list(dict.fromkeys(rows["metric"]))
    for axes, metric in zip(line, metrics, strict=False):
        _panel(axes, rows[rows["metric"] == metric], metric, config)
        axes.set_xlabel("share of training examples")
    for axes in line[len(metrics) :]:
        axes.remove()
    if rows["model"].nunique() > 1:
        line[0].legend(loc="best")


def _panel(axes: Axes, rows: pd.DataFrame, metric: str, config: FigureConfig) -> None:
    shares = sorted(rows["fraction"].unique())
    models = list(dict.fromkeys(rows["model"]))
    for place, (model, mark) in enumerate(model_marks(models, config.baselines).items()):
        own = rows[rows["model"] == model]
        mean = own[own["seed"] == POOLED].sort_values("fraction")
        at = mean["fraction"] * 10 ** (SHIFT * (2 * place - len(models) + 1))
        axes.vlines(at, mean["low"], mean["high"], color=mark.colour, linewidth=1.2)
        axes.plot(
            at, mean["value"], color=mark.colour, linestyle=mark.dashes, marker=mark.marker, markersize=4, label=model
        )
        seeds = own[own["seed"] != POOLED]
        axes.scatter(seeds["fraction"], seeds["value"], s=6, color=mark.colour, alpha=0.35, linewidths=0)
    if rows["model"].str.contains(MINUS, regex=False).any():
        axes.axhline(0, color=INK, linewidth=0.7)
    axes.set_title(metric_words(metric, config.resolution_bp))
    axes.set_xscale("log")
    axes.xaxis.set_major_locator(FixedLocator(shares))
    axes.xaxis.set_major_formatter(FixedFormatter([f"{100 * share:g} %" for share in shares]))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.tick_params(axis="x", labelcolor=SOFT)
    axes.grid(axis="y", color=FAINT, linewidth=0.5)
