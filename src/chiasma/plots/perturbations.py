"""What a model still says when the tracks at a pair are weakened, or a modality is missing."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from chiasma.plots.style import FAINT, SOFT, FigureConfig, Mark, look, mark_unknown, model_marks, new_figure

ATTENUATED, BESIDE = "attenuated", "attenuated_beside"
MISSING = {"none": "both there", "without_contacts": "no contacts", "without_tracks": "no tracks"}


def draw(means: pd.DataFrame, config: FigureConfig) -> tuple[Figure, pd.DataFrame]:
    """Draw the means of a PERTURBATIONS table, as `chiasma.evaluation.perturbation` gives them; return figure and means."""
    models = list(dict.fromkeys(means["model"]))
    marks = model_marks(models, config.baselines)
    with look():
        figure = new_figure(8.2, 3.0)
        left, right = figure.subplots(1, 2, width_ratios=[1.25, 1])
        _attenuation(left, means[means["metric"] == "recall"], marks)
        _missing(right, means[means["metric"] == "aupr"], marks)
    return figure, means


def _attenuation(axes: Axes, means: pd.DataFrame, marks: dict[str, Mark]) -> None:
    shown = means[means["perturbation"].isin([ATTENUATED, BESIDE])]
    axes.set_title("Tracks weakened at both anchors")
    if shown.empty:
        mark_unknown(axes, "no model reads tracks")
        return
    for (model, kind), own in shown.groupby(["model", "perturbation"], sort=False):
        own, mark, beside = own.sort_values("level"), marks[model], kind == BESIDE
        axes.fill_between(100 * own["level"], own["low"], own["high"], color=mark.colour, alpha=0.12, linewidth=0)
        label = f"{model}, beside the anchors" if beside else model
        axes.plot(100 * own["level"], own["value"], color=mark.colour, linestyle=(0, (1.2, 1.2)) if beside else "-",
                  marker=None if beside else mark.marker, markersize=3.5, label=label)  # fmt: skip
    axes.set(xlabel="signal taken away (%)", ylabel="true pairs still called", ylim=(-0.02, 1.02))
    axes.grid(color=FAINT, linewidth=0.5)
    axes.legend(loc="best")


def _missing(axes: Axes, means: pd.DataFrame, marks: dict[str, Mark]) -> None:
    axes.set_title("A modality missing at test time")
    both = [model for model, own in means.groupby("model") if own["perturbation"].str.startswith("without").any()]
    if not both:
        mark_unknown(axes, "no model reads both modalities")
        return
    for place, model in enumerate(name for name in marks if name in both):
        own = means[means["model"] == model].set_index("perturbation")
        for at, kind in enumerate(MISSING):
            if kind in own.index:
                row = own.loc[kind]
                x = at + 0.12 * (2 * place - len(both) + 1)
                axes.vlines(x, row["low"], row["high"], color=marks[model].colour, linewidth=1.2)
                axes.scatter(
                    [x], [row["value"]], color=marks[model].colour, s=22, linewidths=0, label=model if at == 0 else None
                )
    axes.set_xticks(range(len(MISSING)), list(MISSING.values()))
    axes.set(ylabel="AUPR of test pairs", ylim=(-0.02, 1.02), xlim=(-0.5, len(MISSING) - 0.5))
    axes.tick_params(axis="x", length=0, labelcolor=SOFT)
    axes.grid(axis="y", color=FAINT, linewidth=0.5)
    axes.legend(loc="best")
