"""Sample quality: how contacts fall with distance, and which share of contacts and bins is usable."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from chiasma.plots.style import FAINT, PALETTE, SOFT, look, mark_unknown, new_figure

POINTS = 120  # distances drawn, even on a log axis
FRACTION = "_fraction"


def draw(decay: pd.DataFrame, qc: pd.DataFrame) -> tuple[Figure, pd.DataFrame]:
    """Draw the DECAY and QC tables of all samples; return the figure and both tables in one, told apart by ``panel``."""
    samples = list(dict.fromkeys([*decay["sample"], *qc["sample"]]))
    colours = dict(zip(samples, PALETTE * (1 + len(samples) // len(PALETTE)), strict=False))
    fractions = qc[qc["metric"].str.endswith(FRACTION) & qc["value"].notna()].reset_index(drop=True)
    curves = _thinned(decay)
    with look():
        figure = new_figure(7.4, max(2.9, 0.8 + 0.22 * fractions[["assay", "metric"]].drop_duplicates().shape[0]))
        left, right = figure.subplots(1, 2, width_ratios=[1, 1.05])
        _decay(left, curves, colours)
        _fractions(right, fractions, colours)
    return figure, pd.concat([curves.assign(panel="decay"), fractions.assign(panel="fractions")], ignore_index=True)


def _thinned(decay: pd.DataFrame) -> pd.DataFrame:
    """Return about `POINTS` distances of each sample and chromosome, even on a log axis, that have contacts."""
    known = decay[(decay["distance_bp"] > 0) & (decay["contacts"] > 0)]
    if known.empty:
        return known
    wanted = np.geomspace(known["distance_bp"].min(), known["distance_bp"].max(), POINTS)
    distances = np.sort(known["distance_bp"].unique())
    nearest = distances[np.minimum(np.searchsorted(distances, wanted), len(distances) - 1)]
    return known[known["distance_bp"].isin(nearest)].reset_index(drop=True)


def _decay(axes: Axes, curves: pd.DataFrame, colours: dict[str, str]) -> None:
    axes.set_title("Contacts by distance")
    if curves.empty:
        mark_unknown(axes, "no contacts")
        return
    for (sample, _), own in curves.groupby(["sample", "chrom"], sort=False):
        axes.plot(own["distance_bp"] / 1e3, own["contacts"], color=colours[sample], linewidth=0.9, alpha=0.8)
    near = curves[curves["distance_bp"] == curves["distance_bp"].min()]["contacts"].max()
    low, high = curves["distance_bp"].min() / 1e3, curves["distance_bp"].max() / 1e3
    axes.plot([low, high], [near, near * low / high], color=SOFT, linewidth=0.8, linestyle=":")
    middle = (low * high) ** 0.5
    axes.text(middle, 1.3 * near * low / middle, " 1 / distance", fontsize=6.5, color=SOFT)
    axes.set(xscale="log", yscale="log", xlabel="Distance (kb)", ylabel="Mean contacts per pair of bins")
    axes.grid(color=FAINT, linewidth=0.5)
    axes.legend(
        handles=[axes.plot([], [], color=colour, label=name)[0] for name, colour in colours.items()], loc="lower left"
    )


def _fractions(axes: Axes, fractions: pd.DataFrame, colours: dict[str, str]) -> None:
    axes.set_title("Fractions")
    if fractions.empty:
        mark_unknown(axes, "no fractions in the quality tables")
        return
    names = list(dict.fromkeys(zip(fractions["assay"], fractions["metric"], strict=True)))
    place = {name: height for height, name in enumerate(names)}
    for row in fractions.itertuples():
        axes.scatter(
            row.value, place[row.assay, row.metric], color=colours[row.sample], s=24, linewidths=0, alpha=0.9, zorder=3
        )
    for height in place.values():
        axes.axhline(height, color=FAINT, linewidth=0.6, zorder=0)
    axes.set_yticks(
        range(len(names)), [f"{assay}: {metric.removesuffix(FRACTION).replace('_', ' ')}" for assay, metric in names]
    )
    axes.set(xlim=(-0.02, 1.02), ylim=(len(names) - 0.4, -0.6), xlabel="Fraction")
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0)
