"""Scores of every model and baseline with 95 % intervals: a dot per model, a panel per metric."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, NullLocator

from chiasma.plots.metric_names import DIFFERENCE, WORDS, tolerance_words
from chiasma.plots.score_groups import GROUPS, Group, groups_of
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
    pale,
)  # fmt: skip

TRUTH, CONTROL, POOLED = "truth", "permuted_labels", "all"
TITLES = WORDS | {  # short enough for a panel
    "f1_at_0.01": "F1 at 1 % positives",
    "apa": "APA",
    "oe_pearson": "r of observed / expected",
    "distance_pearson": "r at equal distance",
    "insulation_pearson": "r of insulation",
    "scc": "SCC",
    "states_r": "R of compartments and states",
    "pair_auc": "AUC of known pairs",
    "replicate_auc": "AUC of replicates",
    "replicate_margin": "Margin of replicates",
    "bin_pearson": "r per bin",
    "tracks_pearson": "r per bin, mean over tracks",
    "tracks_spearman": "ρ per bin, mean over tracks",
    "tracks_r2": "R² per bin, mean over tracks",
    "gene_pearson": "r at genes",
    "gene_difference_pearson": "r of gene differences",
}
LOWEST = -1.0  # a share of variance explained may be far below 0; dots beyond stand at the edge
ROW_IN, SPREAD = 0.3, 0.24
SHADES = (0.4, 0.68, 1.0)  # strength of colour of the tolerances, strict to lenient


def pooled(table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of each task over all its samples: those of sample ``all``, or of its only sample."""
    samples = table.groupby("task")["sample"].agg(lambda names: POOLED if POOLED in set(names) else names.iloc[0])
    return table[table["sample"] == table["task"].map(samples)].reset_index(drop=True)


def is_shown(metric: str) -> bool:
    """Return whether a metric has its place in the figure."""
    return any(re.fullmatch(name + r"(_\d+)?", metric) for group in GROUPS for name in group.panels)


def draw(scores: pd.DataFrame, config: FigureConfig) -> tuple[Figure, pd.DataFrame]:
    """Draw the SCORES of one or more tasks; return the figure and the rows in it."""
    shown = pooled(scores)
    shown = shown[shown["metric"].map(is_shown)].reset_index(drop=True)
    rows = list(_rows(shown, config))
    heights = [0.95 + ROW_IN * max(len(models), 2) for *_, models in rows] or [1.5]
    with look():
        figure = new_figure(8.2, sum(heights))
        bands = figure.subfigures(len(heights), 1, squeeze=False, height_ratios=heights)[:, 0]
        for band, (task, group, models) in zip(bands, rows, strict=False):
            title = group.title[0].upper() + group.title[1:]
            words = title if shown["task"].nunique() == 1 else f"{title} · {task}"
            band.suptitle(words, x=0.005, ha="left", fontsize=9, fontweight="bold")
            _row(band, shown[shown["task"] == task], group.panels, models, config)
    return figure, shown


def _rows(shown: pd.DataFrame, config: FigureConfig) -> Iterator[tuple[str, Group, list[str]]]:
    """Yield task, group and models of each row of panels."""
    for task, own in shown.groupby("task", sort=False):
        models = order_models([name for name in own["model"] if name not in (TRUTH, CONTROL)], config.baselines)
        for group in groups_of(own["metric"]):
            yield str(task), group, models


def _row(
    band: SubFigure, scores: pd.DataFrame, metrics: tuple[str, ...], models: list[str], config: FigureConfig
) -> None:
    metrics = tuple(metric for metric in metrics if not _rows_of(scores, metric).empty)
    for place, (axes, metric) in enumerate(zip(band.subplots(1, len(metrics), squeeze=False)[0], metrics, strict=True)):
        _panel(axes, scores, metric, model_marks(models, config.baselines))
        axes.tick_params(labelleft=place == 0)
    bins = sorted({int(name.rsplit("_", 1)[1]) for name in scores["metric"] if re.fullmatch(r"loop_f1_\d+", name)})
    if "loop_f1" in metrics and len(bins) > 1:
        dots = [
            Line2D([], [], color=pale(INK, shade), marker="o", markersize=4, linewidth=1.2)
            for shade in _shades(len(bins))
        ]
        band.legend(dots, [tolerance_words(each, config.resolution_bp) for each in bins], loc="upper right", ncols=3)


def _rows_of(scores: pd.DataFrame, metric: str) -> pd.DataFrame:
    """Return the rows of a metric, at one tolerance or several."""
    return scores[scores["metric"].map(lambda name: re.fullmatch(metric + r"(_\d+)?", name) is not None)]


def _panel(axes: Axes, scores: pd.DataFrame, metric: str, marks: dict[str, Mark]) -> None:
    rows = _rows_of(scores, metric)
    axes.set_title(TITLES[metric], fontweight="normal")
    if rows["value"].isna().all():
        mark_unknown(axes, "no value")
        return
    names = sorted(rows["metric"].unique())
    for name, offset, shade in zip(names, _offsets(len(names)), _shades(len(names)), strict=True):
        for place, (model, mark) in enumerate(marks.items()):
            own = rows[(rows["metric"] == name) & (rows["model"] == model)]
            _dot(axes, own, place + offset, mark.marker, pale(mark.colour, shade))
    strict = rows["metric"].isin([names[len(names) // 2], metric])  # chance at one tolerance of several
    _references(axes, rows[(rows["seed"] == POOLED) & (strict | (rows["model"] != CONTROL))])
    _finish(axes, list(marks), metric)


def _offsets(count: int) -> list[float]:
    return [0.0] if count == 1 else [SPREAD * (2 * place / (count - 1) - 1) for place in range(count)]


def _shades(count: int) -> list[float]:
    return (
        [SHADES[-1]]
        if count == 1
        else [SHADES[0] + (SHADES[-1] - SHADES[0]) * place / (count - 1) for place in range(count)]
    )


def _dot(axes: Axes, rows: pd.DataFrame, height: float, marker: str, colour: tuple[float, float, float]) -> None:
    """Draw the mean over seeds with its interval, and each seed as a tick when there are several."""
    seeds, mean = rows[rows["seed"] != POOLED], rows[rows["seed"] == POOLED]
    for _, row in mean.iterrows():
        axes.plot([row["low"], row["high"]], [height, height], color=colour, linewidth=1.3, solid_capstyle="butt")
        axes.scatter([row["value"]], [height], s=20, marker=marker, color=[colour], linewidths=0, zorder=3)
    if len(seeds) > 1:
        axes.scatter(seeds["value"], [height] * len(seeds), s=22, marker="|", color=[colour], linewidths=0.8, zorder=2)


def _references(axes: Axes, rows: pd.DataFrame) -> None:
    """Draw where a model that knows nothing falls, and what the true loops, or the observed map, themselves reach."""
    for _, row in rows[rows["model"] == CONTROL].iterrows():
        axes.axvspan(row["low"], row["high"], color=FAINT, linewidth=0, zorder=0)
        axes.text(row["value"], -0.62, "chance", fontsize=6, color=SOFT, va="center", ha="left", clip_on=True)
    for _, row in rows[rows["model"] == TRUTH].iterrows():
        axes.axvline(row["value"], color=SOFT, linewidth=0.9, linestyle="--", zorder=0)
        words = "true loops " if row["metric"] == "apa" else "observed map "
        axes.text(row["value"], -0.62, words, fontsize=6, color=SOFT, va="center", ha="right", clip_on=True)


def _finish(axes: Axes, models: list[str], metric: str) -> None:
    axes.set_yticks(range(len(models)), models)
    axes.set_ylim(len(models) - 0.45, -0.85)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    for place in range(len(models)):
        axes.axhline(place, color=FAINT, linewidth=0.5, zorder=-1)
    if metric == "apa":
        axes.axvline(1, color=SOFT, linewidth=0.7, linestyle=":", zorder=0)
        axes.set_xscale("log")
        low, high = axes.get_xlim()
        axes.set_xlim(min(low, 0.9), max(high, 4))
        axes.xaxis.set_major_locator(FixedLocator([0.5, 1, 2, 5, 10, 20, 50]))
        axes.xaxis.set_minor_locator(NullLocator())
        axes.xaxis.set_major_formatter("{x:g}")
        axes.set_xlabel("centre / lower left corner", fontsize=6.5)
    elif metric == "auroc":
        axes.set_xlim(min(0.45, axes.get_xlim()[0]), 1.02)
    else:
        axes.set_xlim(max(LOWEST, min(-0.02, axes.get_xlim()[0])), 1.02)


def differences(scores: pd.DataFrame) -> pd.DataFrame:
    """Return the rows that hold a difference between two models, over all samples, with columns ``plain`` and ``reference``."""
    rows = pooled(scores)
    rows = rows[rows["metric"].str.contains(DIFFERENCE) & (rows["seed"] == POOLED)].reset_index(drop=True)
    parts = rows["metric"].str.partition(DIFFERENCE)
    return rows.assign(plain=parts[0], reference=parts[2]) if len(rows) else rows.assign(plain="", reference="")
