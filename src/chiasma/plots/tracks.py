"""Predicted tracks along a test region: each measured signal, and below it the best model's and the best baseline's."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.figure import Figure, SubFigure
from matplotlib.ticker import MaxNLocator

from chiasma.plots.metric_names import OF
from chiasma.plots.profiles import LEVEL, MB, MEASURED, MEASURED_COLOUR, fill_track, steps
from chiasma.plots.scores import pooled
from chiasma.plots.style import FAINT, INK, SOFT, FigureConfig, look, model_marks, new_figure, order_models

ROW_IN, HEAD_IN, FOOT_IN = 0.5, 0.32, 0.3
METRIC = "bin_pearson"


@dataclass(frozen=True)
class TracksView:
    """What the figure shows.

    Attributes
    ----------
    scores : SCORES rows of the task, for the correlations written beside the predictions
    models : models drawn, best first
    title : sample and coordinates of the region
    region : chromosome, start and end in bp
    profiles : track, profile (``measured`` or a model), start, end, value in log2(1 + signal); nan where unknown
    """

    scores: pd.DataFrame
    models: tuple[str, ...]
    title: str
    region: tuple[str, int, int]
    profiles: pd.DataFrame


def draw(view: TracksView, config: FigureConfig) -> tuple[Figure, pd.DataFrame]:
    """Draw each track measured and predicted, on one scale; return the figure and the numbers in it."""
    models = order_models(view.models, config.baselines)
    names = list(dict.fromkeys(view.profiles["track"]))
    shown = view.profiles[view.profiles["profile"].isin([MEASURED, *models])].reset_index(drop=True)
    height = HEAD_IN + ROW_IN * (len(models) + 1)
    heights = [*[height] * (len(names) - 1), height + FOOT_IN]
    colours = {name: mark.colour for name, mark in model_marks(models, config.baselines).items()}
    with look():
        figure = new_figure(7.4, sum(heights) + HEAD_IN)
        figure.suptitle(f"{view.title}, {LEVEL}", fontsize=9)
        bands = figure.subfigures(len(names), 1, squeeze=False, height_ratios=heights)[:, 0]
        for band, name in zip(bands, names, strict=True):
            _band(band, view, shown[shown["track"] == name], {MEASURED: MEASURED_COLOUR, **colours})
        bands[-1].axes[-1].tick_params(bottom=True, labelbottom=True)
        bands[-1].axes[-1].set_xlabel(f"{view.region[0]} (Mb)")
    return figure, shown.assign(chrom=view.region[0])


def _band(band: SubFigure, view: TracksView, own: pd.DataFrame, colours: dict[str, str]) -> None:
    """Draw one track: the measured signal, and each prediction with the measured outline on it."""
    rows = band.subplots(len(colours), 1, sharex=True, squeeze=False, gridspec_kw={"hspace": 0.06})[:, 0]
    track, measured = str(own["track"].iloc[0]), own[own["profile"] == MEASURED]
    top = 1.05 * max(float(own["value"].max()), 0.1) if own["value"].notna().any() else 1.0
    for axes, (name, colour) in zip(rows, colours.items(), strict=True):
        fill_track(axes, own[own["profile"] == name], colour)
        if name != MEASURED:
            axes.stairs(*steps(measured), color=INK, linewidth=0.6, baseline=None)
            words = _correlation(view.scores, name, track)
            axes.text(1.008, 0.5, words, transform=axes.transAxes, va="center", fontsize=7, color=SOFT)
        axes.set(ylim=(0, top), xlim=(view.region[1] / MB, view.region[2] / MB))
        axes.yaxis.set_major_locator(MaxNLocator(2, integer=True))
        axes.tick_params(bottom=False, labelbottom=False)
        axes.spines["bottom"].set_color(FAINT)
        axes.set_ylabel(name, rotation=0, ha="right", va="center", labelpad=8)
    rows[0].set_title(track, loc="left", fontweight="bold")


def _correlation(scores: pd.DataFrame, model: str, track: str) -> str:
    """Return the correlation of a track over all test bins, the mean over seeds; empty when unknown."""
    own = pooled(scores)
    own = own[(own["model"] == model) & (own["seed"] == "all") & (own["metric"] == f"{METRIC}{OF}{track}")]["value"]
    return f"r {own.iloc[0]:.2f}" if len(own) and np.isfinite(own.iloc[0]) else ""
