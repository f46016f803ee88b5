"""Loss curves of every training run, each part beside its chance level and its floor."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from chiasma.plots.style import FAINT, INK, PALETTE, SOFT, look, mark_unknown, new_figure

COLOURS = {"train": PALETTE[0], "valid": PALETTE[1]}
COLUMNS = 5
BOOKKEEPING = ("gradient_norm", "learning_rate", "samples_per_s")  # told in TensorBoard, not here


def draw(history: pd.DataFrame) -> tuple[Figure, pd.DataFrame]:
    """Draw HISTORY rows with the columns ``run`` (stage and model) and ``seed``; return the figure and its rows."""
    shown = history[~history["part"].isin(BOOKKEEPING)].reset_index(drop=True)
    panels = _panels(shown)
    rows = 1 + max((row for row, _, _, _ in panels), default=0)
    with look():
        figure = new_figure(8.4, 0.4 + 1.8 * rows)
        figure.get_layout_engine().set(h_pad=0.09)
        grid = figure.subplots(rows, COLUMNS, squeeze=False)
        for axes in grid.flat:
            axes.set_axis_off()
        for row, column, run, part in panels:
            _panel(grid[row, column], shown[(shown["run"] == run) & (shown["part"] == part)], part)
            if _parts(shown, run)[0] == part:
                name = grid[row, column].text(
                    0, 1.24, run, transform=grid[row, column].transAxes, fontsize=8.5, fontweight="bold", color=INK
                )
                name.set_in_layout(False)  # it reaches over the next panels
        if not panels:
            mark_unknown(grid[0, 0], "no training run")
        _legend(figure)
    return figure, shown


def _parts(history: pd.DataFrame, run: str) -> list[str]:
    """Return the parts of one run, those before the total in the order logged, the total first."""
    names = list(dict.fromkeys(history.loc[history["run"] == run, "part"]))
    return sorted(names, key=lambda name: name != "total")[:COLUMNS]


def _panels(history: pd.DataFrame) -> list[tuple[int, int, str, str]]:
    """Place a panel for each part of each run: (row, column, run, part); a run begins a new row when it does not fit."""
    placed, row, column = [], 0, 0
    for run in dict.fromkeys(history["run"]):
        parts = _parts(history, run)
        if column and column + len(parts) > COLUMNS:
            row, column = row + 1, 0
        placed += [(row, column + place, run, part) for place, part in enumerate(parts)]
        column += len(parts)
    return placed


def _panel(axes: Axes, rows: pd.DataFrame, part: str) -> None:
    axes.set_axis_on()
    for (split, _), own in rows.groupby(["split", "seed"], sort=False):
        own = own.sort_values("step")
        marker = "o" if len(own) == 1 else None
        axes.plot(
            own["step"],
            own["value"],
            color=COLOURS.get(split, SOFT),
            linewidth=0.9,
            alpha=0.85,
            marker=marker,
            markersize=3,
        )
    _levels(axes, rows)
    axes.set_title(" \n" + part.replace("_", " "), fontweight="normal", fontsize=7.5, pad=3)
    axes.set_xlabel("step", fontsize=6.5, labelpad=1)
    axes.grid(axis="y", color=FAINT, linewidth=0.5)
    axes.locator_params(axis="x", nbins=3)
    axes.margins(y=0.12)


def _levels(axes: Axes, rows: pd.DataFrame) -> None:
    """Draw chance and floor along the steps of the first seed's validation rows, or of its training rows."""
    first = rows[rows["seed"] == rows["seed"].iloc[0]]
    own = first[first["split"] == ("valid" if (first["split"] == "valid").any() else "train")].sort_values("step")
    for name, style in (("chance", "--"), ("floor", ":")):
        known = own.dropna(subset=[name])
        if known[name].nunique() == 1:
            axes.axhline(known[name].iloc[0], color=SOFT, linestyle=style, linewidth=0.9, zorder=1)
        elif len(known):
            axes.plot(known["step"], known[name], color=SOFT, linestyle=style, linewidth=0.9, zorder=1)


def _legend(figure: Figure) -> None:
    lines = [Line2D([], [], color=colour) for colour in COLOURS.values()]
    lines += [Line2D([], [], color=SOFT, linestyle=style, linewidth=0.9) for style in ("--", ":")]
    figure.legend(lines, ["train", "validation", "chance", "floor"], loc="outside upper right", ncols=4)
