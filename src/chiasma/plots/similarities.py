"""How alike the maps of all samples are: a matrix of samples for each method, replicates outlined."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from chiasma.plots.scores import POOLED
from chiasma.plots.style import CONTACTS, FAINT, INK, FigureConfig, look, mark_unknown, new_figure, order_models

WIDTH_IN, LETTER_IN = 8.2, 0.062  # of the figure, and of a letter of a sample's name
CELL_IN, PANEL_IN = 0.38, (1.3, 2.6)  # side of a cell, and the least and most of a matrix
READABLE = 6  # samples beyond which there is a bar of colours instead of numbers in the cells
DARK = 0.5  # share of the colours from which on a number is written in white


def draw(pairs: pd.DataFrame, config: FigureConfig) -> tuple[Figure, pd.DataFrame]:
    """Draw the PAIRS of one or more tasks, means over seeds and chromosomes; return the figure and the values in it.

    Each method has colours of its own, from its least to its most similar pair, for the scales of two methods do not compare.
    """
    shown = pairs[(pairs["seed"] == POOLED) & (pairs["chrom"] == POOLED)].reset_index(drop=True)
    names = list(dict.fromkeys([*shown["sample"], *shown["other"]]))
    side, margin = min(max(CELL_IN * len(names), PANEL_IN[0]), PANEL_IN[1]), 0.2 + LETTER_IN * _longest(names)
    across = max(1, int((WIDTH_IN - margin) / (side + 0.35)))
    rows = list(_rows(shown, config, across))
    with look():
        figure = new_figure(WIDTH_IN, (side + margin + 0.65) * max(len(rows), 1))
        grid = figure.subplots(max(len(rows), 1), across, squeeze=False)
        for axes in grid.ravel():
            axes.set_axis_off()
        if not rows:
            mark_unknown(grid[0, 0], "no similarity")
        for line, panels in zip(grid, rows, strict=False):
            for axes, (task, model) in zip(line, panels, strict=False):
                title = model if shown["task"].nunique() == 1 else f"{model}\n{task}"
                own = shown[(shown["task"] == task) & (shown["model"] == model)]
                _matrix(axes, own, title, is_first=axes is line[0])
    return figure, shown


def _longest(names: list[str]) -> int:
    return max((len(name) for name in names), default=0)


def _rows(shown: pd.DataFrame, config: FigureConfig, across: int) -> Iterator[list[tuple[str, str]]]:
    """Yield the (task, model) of each row of matrices; a task begins a row of its own."""
    for task, own in shown.groupby("task", sort=False):
        models = order_models(own["model"], config.baselines)
        for start in range(0, len(models), across):
            yield [(str(task), model) for model in models[start : start + across]]


def _matrix(axes: Axes, rows: pd.DataFrame, title: str, *, is_first: bool) -> None:
    """Draw one method's similarities, both triangles, the diagonal empty; the first of a row names the samples at its side."""
    names = list(dict.fromkeys([*rows["sample"], *rows["other"]]))
    value_SS = np.full((len(names), len(names)), np.nan)
    norm = Normalize(*_limits(rows["value"]))
    axes.set_axis_on()
    axes.set_facecolor(FAINT)
    for row in rows.itertuples():
        at = names.index(row.sample), names.index(row.other)
        value_SS[at] = value_SS[at[::-1]] = row.value
        for line, column in (at, at[::-1]) if row.replicates else ():
            corner = (column - 0.5, line - 0.5)
            axes.add_patch(Rectangle(corner, 1, 1, fill=False, edgecolor=INK, linewidth=1.6, zorder=3))
    image = axes.imshow(value_SS, cmap=CONTACTS, norm=norm)
    if len(names) <= READABLE:
        _numbers(axes, value_SS, norm)
    else:
        axes.figure.colorbar(image, ax=axes, shrink=0.8, aspect=18, pad=0.03).outline.set_visible(False)
    axes.set_xticks(range(len(names)), names, rotation=90)
    axes.set_yticks(range(len(names)) if is_first else [], names if is_first else [])
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    axes.set_title(title)


def _limits(values: pd.Series) -> tuple[float, float]:
    """Return the least and the largest value, a little apart when they are the same."""
    low, high = float(values.min()), float(values.max())
    return (low, high) if high > low else (low - 0.5, high + 0.5)


def _numbers(axes: Axes, value_SS: np.ndarray, norm: Normalize) -> None:
    """Write the values into their cells."""
    for line, column in zip(*np.nonzero(np.isfinite(value_SS)), strict=True):
        value = value_SS[line, column]
        colour = "white" if norm(value) > DARK else INK
        axes.text(column, line, f"{value:.2f}", ha="center", va="center", fontsize=6.5, color=colour)
