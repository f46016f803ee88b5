"""Pile-ups (APA) of each model's calls beside that of the true loops, on one colour scale."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from chiasma.plots.scores import POOLED, TRUTH, pooled
from chiasma.plots.style import DIVERGING, SOFT, FigureConfig, look, mark_unknown, new_figure, order_models

COLUMNS = 4


def draw(pileups: pd.DataFrame, scores: pd.DataFrame, config: FigureConfig) -> tuple[Figure, pd.DataFrame]:
    """Draw the mean PILEUPS over seeds of every task, model and the truth; return the figure and its pixels."""
    shown, marks = (pooled(table) if len(table) else table for table in (pileups, scores))
    shown, marks = (table[table["seed"] == POOLED] for table in (shown, marks))
    panels = [
        (task, model)
        for task in dict.fromkeys(marks["task"])
        for model in [TRUTH, *order_models([name for name in _callers(marks, task) if name != TRUTH], config.baselines)]
    ]
    rows = math.ceil(len(panels) / COLUMNS)
    limit = _limit(shown["value"])
    with look():
        figure = new_figure(7.4, 0.45 + 1.95 * rows)
        grid = figure.subplots(rows, COLUMNS, squeeze=False)
        images = [_panel(axes, shown, marks, panel, limit) for axes, panel in zip(grid.flat, panels, strict=False)]
        for axes in grid.flat[len(panels) :]:
            axes.set_axis_off()
        _finish(figure, grid, [image for image in images if image is not None], config)
    return figure, shown


def _callers(scores: pd.DataFrame, task: str) -> list[str]:
    """Return the models of a task that have calls counted."""
    return list(scores.loc[(scores["task"] == task) & (scores["metric"].isin(["calls", "apa"])), "model"])


def _limit(values: pd.Series) -> float:
    """Return the symmetric limit of the colour scale in log2, to the next half, at most 3."""
    finite = values[np.isfinite(values) & (values > 0)]
    if finite.empty:
        return 1.0
    return min(3.0, max(1.0, math.ceil(2 * float(np.abs(np.log2(finite)).max())) / 2))


def _panel(axes: Axes, pileups: pd.DataFrame, scores: pd.DataFrame, panel: tuple[str, str], limit: float) -> object:
    task, model = panel
    own = pileups[(pileups["task"] == task) & (pileups["model"] == model)]
    found = scores[(scores["task"] == task) & (scores["model"] == model)].set_index("metric")["value"]
    name, words = "true loops" if model == TRUTH else model, f"APA {found.get('apa', np.nan):.2f}"
    words += f" · {found['calls']:.0f} calls" if "calls" in found else ""
    axes.set_title(name, pad=15)
    axes.text(0, 1.04, words if len(own) else "no calls", transform=axes.transAxes, fontsize=7, color=SOFT)
    if own.empty:
        axes.set_box_aspect(1)
        mark_unknown(axes, "")
        return None
    pile = own.pivot(index="row", columns="col", values="value")
    reach = pile.index.max() + 0.5
    values = np.log2(pile.to_numpy(), where=pile.to_numpy() > 0, out=np.full(pile.shape, -limit))
    image = axes.imshow(
        np.where(np.isfinite(pile), values, np.nan),
        cmap=DIVERGING,
        vmin=-limit,
        vmax=limit,
        extent=(-reach, reach, reach, -reach),
    )
    axes.set_facecolor("#DDDDDD")
    return image


def _finish(figure: Figure, grid: np.ndarray, images: list, config: FigureConfig) -> None:
    for axes in grid.flat:
        if axes.axison:
            reach = int(axes.get_xlim()[1])
            ticks = [-reach, 0, reach]
            words = [f"{tick * config.resolution_bp / 1000:+g}" if tick else "0" for tick in ticks]
            axes.set_xticks(ticks, words)
            axes.set_yticks(ticks, words)
            for side in ("top", "right"):
                axes.spines[side].set_visible(True)
    figure.supxlabel("Second anchor, kb from the loop", fontsize=8)
    figure.supylabel("First anchor, kb from the loop", fontsize=8)
    if images:
        bar = figure.colorbar(images[0], ax=grid, shrink=0.5 if len(grid) > 1 else 0.8, aspect=18, pad=0.015)
        bar.set_label("Observed / expected, log2")
        bar.outline.set_visible(False)
