"""How alike the maps of all samples are: a matrix of samples for each method, replicates outlined."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from chiasma.plots.scores import POOLED
from chiasma.plots.style import CONTACTS, FAINT, INK, FigureConfig, look, mark_unknown, new_figure, order_models

ACROSS, PANEL_IN = 4, 2.3  # matrices in a row, and the side of one with room for its names
READABLE = 8  # samples beyond which no number is written into the cells
DARK = 0.55  # share of the colours from which on a number is written in white


def draw(pairs: pd.DataFrame, config: FigureConfig) -> tuple[Figure, pd.DataFrame]:
    """Draw the PAIRS of one or more tasks, means over seeds and chromosomes; return the figure and the values in it.

    Each method has colours of its own, from its least to its most similar pair, for the scales of two methods do not compare.
    """
    shown = pairs[(pairs["seed"] == POOLED) & (pairs["chrom"] == POOLED)].reset_index(drop=True)
    panels = [
        (task, model, own[own["model"] == model])
        for task, own in shown.groupby("task", sort=False)
        for model in order_models(own["model"], config.baselines)
    ]
    across = min(ACROSS, max(len(panels), 1))
    rows = -(-max(len(panels), 1) // across)
    with look():
        figure = new_figure(PANEL_IN * max(across, 2), (PANEL_IN + 0.1) * rows)
        grid = figure.subplots(rows, across, squeeze=False).ravel()
        if not panels:
            mark_unknown(grid[0], "no similarity")
        for axes in grid[len(panels) :]:
            axes.set_axis_off()
        for axes, (task, model, own) in zip(grid, panels, strict=False):
            title = model if shown["task"].nunique() == 1 else f"{model}\n{task}"
            _matrix(figure, axes, own, title)
    return figure, shown


def _matrix(figure: Figure, axes: Axes, rows: pd.DataFrame, title: str) -> None:
    """Draw one method's similarities, both triangles, the diagonal empty."""
    names = list(dict.fromkeys([*rows["sample"], *rows["other"]]))
    value_SS = np.full((len(names), len(names)), np.nan)
    for row in rows.itertuples():
        at = names.index(row.sample), names.index(row.other)
        value_SS[at] = value_SS[at[::-1]] = row.value
        if row.replicates:
            for column, line in (at, at[::-1]):
                axes.add_patch(
                    Rectangle((column - 0.5, line - 0.5), 1, 1, fill=False, edgecolor=INK, linewidth=1.3, zorder=3)
                )
    norm = Normalize(*_limits(rows["value"]))
    axes.set_facecolor(FAINT)
    image = axes.imshow(value_SS, cmap=CONTACTS, norm=norm)
    if len(names) <= READABLE:
        _numbers(axes, value_SS, norm)
    axes.set_xticks(range(len(names)), names, rotation=45, ha="right", rotation_mode="anchor")
    axes.set_yticks(range(len(names)), names)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    axes.set_title(title)
    bar = figure.colorbar(image, ax=axes, shrink=0.7, aspect=14, pad=0.03)
    bar.outline.set_visible(False)


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
