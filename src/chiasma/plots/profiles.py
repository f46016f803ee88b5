"""Predicted signal: against measured signal where genes start, and along a test region, for the best model and baseline."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure, SubFigure
from matplotlib.ticker import MaxNLocator, NullLocator, StrMethodFormatter

from chiasma.plots.scores import POOLED
from chiasma.plots.style import (
    FAINT,
    INK,
    PALETTE,
    SOFT,
    FigureConfig,
    look,
    mark_unknown,
    model_marks,
    new_figure,
    order_models,
    pale,
)  # fmt: skip

MEASURED = "measured"
MEASURED_COLOUR = "#3A3A3A"
CROWDED = 2500  # genes beyond which a panel shows their density
NAMED = 14  # genes beyond which a region's genes have no names
MASKED = "#EFEFEF"
SCATTER_IN, TRACK_IN, GENES_IN = 3.3, 0.78, 0.4
MB = 1e6
LEVEL = "log2(1 + signal)"


@dataclass(frozen=True)
class ProfileView:
    """What the figure shows.

    Attributes
    ----------
    levels : GENE_LEVELS rows of one task; those of seed ``all`` and of the models drawn are shown
    scores : SCORES rows of the task, for the correlations written in the panels
    models : models drawn, best first
    title : sample and coordinates of the region
    region : chromosome, start and end in bp
    profiles : profile (``measured`` or a model), start, end, value in log2(1 + signal); nan where unknown
    genes : start (bp) and name of the genes that start in the region
    """

    levels: pd.DataFrame
    scores: pd.DataFrame
    models: tuple[str, ...]
    title: str
    region: tuple[str, int, int]
    profiles: pd.DataFrame
    genes: pd.DataFrame


def draw(view: ProfileView, config: FigureConfig) -> tuple[Figure, pd.DataFrame]:
    """Draw predicted against measured levels of genes, and a region's profiles; return the figure and the numbers in it."""
    models = order_models(view.models, config.baselines)
    levels = view.levels[(view.levels["seed"] == POOLED) & view.levels["model"].isin(models)].reset_index(drop=True)
    tracks = [MEASURED, *models]
    heights = [SCATTER_IN + 0.75, TRACK_IN * len(tracks) + GENES_IN + 0.75]
    with look():
        figure = new_figure(7.4, sum(heights))
        above, below = figure.subfigures(2, 1, height_ratios=heights)
        _scatters(above, levels, view, models, config)
        _region(
            below, view, tracks, {name: mark.colour for name, mark in model_marks(models, config.baselines).items()}
        )
    return figure, _source(levels, view, tracks)


def _scatters(
    band: SubFigure, levels: pd.DataFrame, view: ProfileView, models: list[str], config: FigureConfig
) -> None:
    """Draw a square panel for each model, all with the same axes."""
    row = band.subplots(1, max(len(models), 2), squeeze=False)[0]
    top = 1.04 * max(float(levels[["predicted", "observed"]].max().max()), 0.1) if len(levels) else 1.0
    low = min(float(levels["predicted"].min()), 0.0) if len(levels) else 0.0
    for axes, model in zip(row, models, strict=False):
        own = levels[levels["model"] == model]
        axes.set_title(model)
        if own.empty:
            mark_unknown(axes, "no genes in the test regions")
            continue
        axes.plot([0, top], [0, top], color=SOFT, linewidth=0.8, linestyle=":", zorder=3)
        _cloud(axes, own, (low - 0.03 * top, top), config, model_marks(models, config.baselines)[model].colour)
        axes.text(
            0.035,
            0.965,
            _agreement(view.scores, model),
            transform=axes.transAxes,
            va="top",
            fontsize=7.5,
            linespacing=1.5,
        )
        axes.set(xlim=(low - 0.03 * top, top), ylim=(low - 0.03 * top, top), aspect="equal", xlabel=f"Measured {LEVEL}")
        axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))
        axes.yaxis.set_major_locator(MaxNLocator(5, integer=True))
        axes.grid(color=FAINT, linewidth=0.5)
        axes.set_axisbelow(True)
    row[0].set_ylabel(f"Predicted {LEVEL}")
    for axes in row[len(models) :]:
        axes.set_axis_off()


def _cloud(axes: Axes, levels: pd.DataFrame, limits: tuple[float, float], config: FigureConfig, colour: str) -> None:
    """Draw genes as points coloured by sample, in mixed order, or as a density where they are too many."""
    if len(levels) > CROWDED:
        shades = LinearSegmentedColormap.from_list("density", [pale(colour, 0.12), colour, pale(INK, 0.95)])
        drawn = axes.hexbin(levels["observed"], levels["predicted"], gridsize=46, extent=(*limits, *limits), mincnt=1,
                            bins="log", cmap=shades, linewidths=0.1)  # fmt: skip
        bar = axes.figure.colorbar(drawn, cax=axes.inset_axes((0.955, 0.05, 0.022, 0.3)))
        bar.set_label("Genes", fontsize=7)
        bar.ax.yaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
        bar.ax.yaxis.set_minor_locator(NullLocator())
        bar.ax.yaxis.set_ticks_position("left")
        bar.ax.yaxis.set_label_position("left")
        bar.outline.set_visible(False)
        return
    samples = list(dict.fromkeys(levels["sample"]))
    colours = dict(zip(samples, PALETTE * (1 + len(samples) // len(PALETTE)), strict=False))
    mixed = levels.sample(frac=1, random_state=config.seed)  # so that no sample hides another
    tones = mixed["sample"].map(colours) if len(samples) > 1 else colour
    axes.scatter(mixed["observed"], mixed["predicted"], c=tones, s=11, linewidths=0, alpha=0.55, zorder=2)
    if len(samples) > 1:
        handles = [axes.scatter([], [], color=colours[name], s=14, linewidths=0, label=name) for name in samples]
        axes.legend(handles=handles, loc="lower right", handletextpad=0.2, borderaxespad=0.2)


def _agreement(scores: pd.DataFrame, model: str) -> str:
    """Return correlation and explained variance at genes with their intervals, from the score table."""
    own = scores[(scores["model"] == model) & (scores["seed"] == POOLED)]
    sample = POOLED if (own["sample"] == POOLED).any() else own["sample"].iloc[0] if len(own) else POOLED
    own = own[own["sample"] == sample].set_index("metric")
    lines = []
    for metric, word in (("gene_pearson", "r"), ("gene_r2", "R²"), ("gene_difference_pearson", "r of differences")):
        if metric in own.index and np.isfinite(own.loc[metric, "value"]):
            value, low, high = own.loc[metric, ["value", "low", "high"]]
            bounds = f"  ({low:.2f} to {high:.2f})" if np.isfinite([low, high]).all() else ""
            lines.append(f"{word} {value:.2f}{bounds}")
    return "\n".join(lines)


def _region(band: SubFigure, view: ProfileView, tracks: list[str], colours: dict[str, str]) -> None:
    """Draw the measured profile and each prediction with the measured outline on it, and the genes beneath."""
    rows = band.subplots(
        len(tracks) + 1,
        1,
        sharex=True,
        gridspec_kw={"height_ratios": [*[TRACK_IN] * len(tracks), GENES_IN], "hspace": 0.04},
    )
    measured = view.profiles[view.profiles["profile"] == MEASURED]
    shown = view.profiles[view.profiles["profile"].isin(tracks)]
    top = 1.05 * max(float(shown["value"].max()), 0.1) if shown["value"].notna().any() else 1.0
    for axes, name in zip(rows, tracks, strict=False):
        fill_track(axes, view.profiles[view.profiles["profile"] == name], colours.get(name, MEASURED_COLOUR))
        if name != MEASURED:
            axes.stairs(*steps(measured), color=INK, linewidth=0.7, baseline=None)
        axes.set_ylim(0, top)
        axes.yaxis.set_major_locator(MaxNLocator(2, integer=True))
        axes.tick_params(bottom=False, labelbottom=False)
        axes.spines["bottom"].set_color(FAINT)
        axes.set_ylabel(name, rotation=0, ha="right", va="center", labelpad=8)
    _genes(rows[-1], view)
    rows[0].set_title(f"{view.title}, {LEVEL}")
    rows[-1].set_xlim(view.region[1] / MB, view.region[2] / MB)
    rows[-1].set_xlabel(f"{view.region[0]} (Mb)")


def steps(profile: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Return heights and borders of a profile's bins, which follow each other without a gap."""
    ordered = profile.sort_values("start")
    return ordered["value"].to_numpy(float), np.append(ordered["start"], ordered["end"].tail(1)) / MB


def fill_track(axes: Axes, profile: pd.DataFrame, colour: str) -> None:
    """Fill a profile's bins from 0 up, and mark those without a value."""
    heights, borders = steps(profile)
    axes.stairs(np.nan_to_num(heights), borders, color=pale(colour, 0.75), fill=True, linewidth=0)
    for at in np.flatnonzero(np.isnan(heights)):
        axes.axvspan(borders[at], borders[at + 1], color=MASKED, linewidth=0, zorder=0)


def _genes(axes: Axes, view: ProfileView) -> None:
    """Mark where genes start, with names where there is room for them."""
    places = view.genes.sort_values("start")
    axes.vlines(places["start"] / MB, 0.72, 1.0, color=SOFT, linewidth=0.8)
    if len(places) <= NAMED:
        apart = (view.region[2] - view.region[1]) / MB / 13  # of two names that would meet the second is left out
        last = -np.inf
        for start, name in places[["start", "name"]].itertuples(index=False):
            if start / MB - last >= apart:
                axes.text(start / MB, 0.62, name, ha="center", va="top", fontsize=6, color=SOFT, fontstyle="italic")
                last = start / MB
    axes.set(ylim=(0, 1), yticks=[])
    axes.spines["left"].set_visible(False)
    axes.set_ylabel("genes", rotation=0, ha="right", va="center", labelpad=8)


def _source(levels: pd.DataFrame, view: ProfileView, tracks: list[str]) -> pd.DataFrame:
    """Return all that is drawn, told apart by ``panel``: genes, profiles, and where genes start."""
    shown = view.profiles[view.profiles["profile"].isin(tracks)]
    parts = {
        "genes": levels,
        "profiles": shown.assign(chrom=view.region[0]),
        "starts": view.genes.assign(chrom=view.region[0]),
    }
    return pd.concat([frame.assign(panel=name) for name, frame in parts.items()], ignore_index=True)
