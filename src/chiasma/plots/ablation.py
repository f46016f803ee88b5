"""What the parts of a model are worth: each variant's score, and its difference from the model it departs from."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from chiasma.core.errors import InputError
from chiasma.plots.metric_names import metric_words
from chiasma.plots.score_groups import groups_of
from chiasma.plots.scores import POOLED, differences, pooled
from chiasma.plots.style import FAINT, INK, PALETTE, SOFT, look, new_figure

REFERENCE = "reference"
BOUNDS = ["value", "low", "high"]
COLUMNS = ["group", "model", "metric", *BOUNDS, *(f"difference_{name}" for name in BOUNDS)]


@dataclass(frozen=True)
class AblationConfig:
    """What the figure must be told beside the scores.

    Attributes
    ----------
    reference : model that the variants depart from
    groups : what is varied -> models that vary it
    resolution_bp : bin size, for tolerances in kb
    """

    reference: str
    groups: dict[str, list[str]] = field(default_factory=dict)
    resolution_bp: int = 5000


def tabulate(scores: pd.DataFrame, config: AblationConfig) -> pd.DataFrame:
    """Return one row per model and main metric of a task: group, model, metric, value and difference with 95 % intervals.

    A metric that no model has a value of is left out.

    Parameters
    ----------
    scores : SCORES of one task, which hold each variant's difference from the reference

    Raises
    ------
    InputError
        When a model of the ablation was not scored.
    """
    rows = pooled(scores)
    rows = rows[rows["seed"] == POOLED].set_index(["model", "metric"])
    gaps = differences(scores)
    gaps = gaps[gaps["reference"] == config.reference].set_index(["model", "plain"])
    known = set(rows["value"].dropna().index.get_level_values("metric"))
    metrics = [name for kind in groups_of(scores["metric"]) for name in kind.main if name in known]
    found = []
    for group, models in {REFERENCE: [config.reference], **config.groups}.items():
        for model in models:
            if model not in rows.index.get_level_values("model"):
                raise InputError(f"model '{model}' of the ablation has no scores; found those of {_names(rows)}")
            for metric in metrics:
                own, gap = (table.reindex([(model, metric)]).iloc[0] for table in (rows, gaps))
                found.append((group, model, metric, *own[BOUNDS], *gap[BOUNDS]))
    return pd.DataFrame(found, columns=COLUMNS)


def _names(rows: pd.DataFrame) -> str:
    return ", ".join(sorted(set(rows.index.get_level_values("model"))))


def draw(scores: pd.DataFrame, config: AblationConfig) -> tuple[Figure, pd.DataFrame]:
    """Draw a row of panels per main metric, scores left and differences right; return the figure and its table."""
    table = tabulate(scores, config)
    metrics = list(dict.fromkeys(table["metric"]))
    models = list(dict.fromkeys(table["model"]))
    with look():
        figure = new_figure(8.2, max(1, len(metrics)) * (0.8 + 0.24 * (len(models) + len(config.groups))))
        grid = figure.subplots(max(1, len(metrics)), 2, squeeze=False)
        for (left, right), metric in zip(grid, metrics, strict=True):
            own, words = table[table["metric"] == metric], metric_words(metric, config.resolution_bp)
            places = _places(own)
            _panel(left, own, places, "")
            _panel(right, own, places, "difference_")
            left.set_title(words)
            right.set_title(f"minus {config.reference}")
            _name_rows(left, own, places)
            right.set_yticks([])
            right.axvline(0, color=INK, linewidth=0.7)
            reference = own.loc[own["group"] == REFERENCE, "value"].iloc[0]
            left.axvline(reference, color=SOFT, linewidth=0.7, linestyle=":", zorder=0)
    return figure, table


def _places(rows: pd.DataFrame) -> list[float]:
    """Return the height of each row: groups stand a little apart."""
    starts = rows["group"] != rows["group"].shift()
    return [place + 0.7 * (block - 1) for place, block in enumerate(starts.cumsum())]


def _panel(axes: Axes, rows: pd.DataFrame, places: list[float], prefix: str) -> None:
    for place, (_, row) in zip(places, rows.iterrows(), strict=True):
        colour = INK if row["group"] == REFERENCE else PALETTE[0]
        low, high = row[f"{prefix}low"], row[f"{prefix}high"]
        axes.axhline(place, color=FAINT, linewidth=0.5, zorder=-1)
        if pd.isna(row[f"{prefix}value"]):
            continue
        axes.plot([low, high], [place, place], color=colour, linewidth=1.3, solid_capstyle="butt")
        axes.scatter([row[f"{prefix}value"]], [place], s=18, color=colour, linewidths=0, zorder=3)
    axes.set_ylim(places[-1] + 0.6, places[0] - 0.6)
    axes.spines["left"].set_visible(False)


def _name_rows(axes: Axes, rows: pd.DataFrame, places: list[float]) -> None:
    """Write each model's name, and each group's beside its first."""
    axes.set_yticks(places, rows["model"])
    axes.tick_params(axis="y", length=0)
    firsts = (rows["group"] != rows["group"].shift()).to_numpy() & (rows["group"] != REFERENCE).to_numpy()
    for place, group in (
        (place, group) for place, group, is_first in zip(places, rows["group"], firsts, strict=True) if is_first
    ):
        axes.annotate(
            group, (0, place - 0.52), xycoords=("axes fraction", "data"), xytext=(-4, 0), textcoords="offset points",
            fontsize=6.5, color=SOFT, ha="right", va="bottom", style="italic", annotation_clip=False,
        )  # fmt: skip
