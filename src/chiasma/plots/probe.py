"""What tokens say linearly about a task's labels: pre-trained beside random weights beside the raw inputs."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from chiasma.plots.metric_names import metric_words
from chiasma.plots.style import FAINT, GREYS, INK, PALETTE, FigureConfig, Mark, look, new_figure

POOLED, MINUS = "all", " - "
MARKS = {
    "pre-trained": Mark(PALETTE[0], "-", "o"),
    "untrained": Mark(PALETTE[1], "-", "s"),
    "inputs": Mark(GREYS[1], "-", "D"),
}
STEP = 0.24  # between the features of a model, as a share of the way to the next model
BELOW = 0.09  # its mean a seed stands, by the same measure: on the bar of the interval it would not be seen


def draw(table: pd.DataFrame, config: FigureConfig) -> tuple[Figure, pd.DataFrame]:
    """Draw a summarised PROBE table: a row of panels per metric, a column per modality, a line per model; return both."""
    shown = table[~table["features"].str.contains(MINUS, regex=False)]
    metrics, modalities, models = (list(dict.fromkeys(shown[name])) for name in ("metric", "modality", "model"))
    with look():
        figure = new_figure(2.3 * len(modalities) + 1.3, len(metrics) * (0.8 + 0.55 * len(models)) + 0.5)
        grid = figure.subplots(len(metrics), len(modalities), squeeze=False, sharex="row", sharey=True)
        for line, metric in zip(grid, metrics, strict=True):
            for axes, modality in zip(line, modalities, strict=True):
                own = shown[(shown["metric"] == metric) & (shown["modality"] == modality)]
                _panel(axes, own, models)
                axes.set_xlabel(metric_words(metric, config.resolution_bp))
        for axes, modality in zip(grid[0], modalities, strict=True):
            axes.set_title(modality)
        figure.legend(*grid[0, 0].get_legend_handles_labels(), loc="outside upper right", ncols=len(MARKS) + 1)
    return figure, table


def _panel(axes: Axes, rows: pd.DataFrame, models: list[str]) -> None:
    """Draw means with intervals, seeds faint beside them, and the line of chance."""
    places = {model: place for place, model in enumerate(models)}
    for shift, (features, mark) in enumerate(MARKS.items()):
        own = rows[rows["features"] == features]
        at = own["model"].map(places) + STEP * (shift - (len(MARKS) - 1) / 2)
        is_mean = own["seed"] == POOLED
        axes.scatter(
            own["value"][~is_mean], at[~is_mean] + BELOW, s=9, marker=mark.marker, color=mark.colour, alpha=0.35,
            linewidths=0,
        )  # fmt: skip
        bounded = is_mean & own["low"].notna()
        axes.hlines(at[bounded], own["low"][bounded], own["high"][bounded], color=mark.colour, linewidth=1.3)
        axes.scatter(
            own["value"][is_mean], at[is_mean], s=20, marker=mark.marker, color=mark.colour, linewidths=0, zorder=3,
            label=features,
        )  # fmt: skip
    axes.axvline(rows["chance"].iloc[0], color=INK, linewidth=0.8, linestyle=":", zorder=0, label="chance")
    axes.set_yticks(range(len(models)), models)
    axes.set_ylim(len(models) - 0.45, -0.55)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.grid(axis="x", color=FAINT, linewidth=0.5)
