"""ROC and precision-recall curves of labelled pairs: seeds thin, their mean thick, baselines grey."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from chiasma.plots.scores import CONTROL, POOLED, pooled
from chiasma.plots.style import (
    FAINT,
    SOFT,
    FigureConfig,
    Mark,
    look,
    mark_unknown,
    model_marks,
    new_figure,
    order_models,
)

AXES = {"roc": ("False positive rate", "True positive rate", "auroc"), "pr": ("Recall", "Precision", "aupr")}
LINE = 0.32  # inches that a model takes in the list of areas


def draw(curves: pd.DataFrame, scores: pd.DataFrame, config: FigureConfig) -> tuple[Figure, pd.DataFrame]:
    """Draw the CURVES of one or more tasks with the areas of their SCORES; return the figure and its points."""
    shown, areas = pooled(curves) if len(curves) else curves, pooled(scores)
    tasks = list(dict.fromkeys(areas["task"]))
    heights = [max(3.1, 0.4 + LINE * (1 + shown.loc[shown["task"] == task, "model"].nunique())) for task in tasks]
    with look():
        figure = new_figure(7.4, sum(heights))
        ratios = {"width_ratios": [1, 1, 0.62], "height_ratios": heights}
        grid = figure.subplots(len(tasks), 3, squeeze=False, gridspec_kw=ratios)
        for row, task in zip(grid, tasks, strict=True):
            own, own_areas = shown[shown["task"] == task], areas[(areas["task"] == task) & (areas["seed"] == POOLED)]
            models = order_models(own["model"], config.baselines)
            marks = model_marks(models, config.baselines)
            for axes, curve in zip(row, AXES, strict=False):
                _panel(axes, own[own["curve"] == curve], curve, marks)
                _chance(axes, own_areas, curve)
            _legend(row[2], own_areas, marks)
    return figure, shown


def _panel(axes: Axes, curves: pd.DataFrame, curve: str, marks: dict[str, Mark]) -> None:
    x_name, y_name, _ = AXES[curve]
    if curves.empty:
        mark_unknown(axes, "no labelled pairs of both kinds")
        return
    for (model, seed), points in curves.groupby(["model", "seed"], sort=False):
        thick, mark = seed == POOLED, marks[model]
        axes.plot(points["x"], points["y"], color=mark.colour, linestyle=mark.dashes if thick else "-",
                  linewidth=1.5 if thick else 0.6, alpha=1 if thick else 0.3, zorder=3 if thick else 2)  # fmt: skip
    axes.set(xlabel=x_name, ylabel=y_name, xlim=(-0.01, 1.01), ylim=(-0.01, 1.02), aspect="equal")
    axes.set_title("ROC" if curve == "roc" else "Precision and recall")
    axes.grid(color=FAINT, linewidth=0.5)
    axes.set_axisbelow(True)


def _chance(axes: Axes, areas: pd.DataFrame, curve: str) -> None:
    """Draw the curve of a model that knows nothing: the diagonal, or the fraction of positives."""
    prevalence = areas.loc[areas["metric"] == "prevalence", "value"]
    heights = [0, 1] if curve == "roc" else [prevalence.iloc[0]] * 2 if len(prevalence) else None
    if heights and axes.axison:
        axes.plot([0, 1], heights, color=SOFT, linewidth=0.8, linestyle=":", zorder=1)


def _legend(axes: Axes, areas: pd.DataFrame, marks: dict[str, Mark]) -> None:
    """List the models with the areas under both curves."""
    axes.set_axis_off()
    table = areas.pivot_table(index="model", columns="metric", values="value")
    lines = [Line2D([], [], color=mark.colour, linestyle=mark.dashes) for mark in marks.values()]
    words = [f"{model}\n{table.loc[model, 'auroc']:.3f}   {table.loc[model, 'aupr']:.3f}" for model in marks]
    lines.append(Line2D([], [], color=SOFT, linestyle=":", linewidth=0.8))
    chance = table.loc[CONTROL] if CONTROL in table.index else None
    words.append("chance" if chance is None else f"chance\n{chance['auroc']:.3f}   {chance['aupr']:.3f}")
    axes.legend(
        lines,
        words,
        title="model\nAUROC  AUPR",
        title_fontsize=7,
        loc="upper left",
        alignment="left",
        borderaxespad=0,
        labelspacing=0.7,
    )
