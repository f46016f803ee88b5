"""Which parts of each chromosome are for training, validation and test."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from chiasma.plots.style import FAINT, SPLIT_COLOURS, FigureConfig, look, new_figure

MB = 1e6


def draw(splits: pd.DataFrame, lengths: Mapping[str, int], config: FigureConfig) -> tuple[Figure, pd.DataFrame]:
    """Draw a SPLITS table on chromosomes of ``lengths`` (bp), one bar each; return the figure and its regions."""
    chromosomes = [name for name in config.chromosomes or lengths if name in lengths]
    with look():
        figure = new_figure(7.4, 0.85 + 0.28 * len(chromosomes))
        axes = figure.subplots()
        for place, chrom in enumerate(chromosomes):
            _bar(axes, place, splits[splits["chrom"] == chrom], lengths[chrom])
        axes.set_yticks(range(len(chromosomes)), chromosomes)
        axes.set(
            ylim=(len(chromosomes) - 0.4, -0.6),
            xlim=(0, max(lengths[chrom] for chrom in chromosomes) / MB),
            xlabel="Position (Mb)",
        )
        axes.spines["left"].set_visible(False)
        axes.tick_params(axis="y", length=0)
        figure.legend(
            handles=[Patch(color=colour, label=name) for name, colour in SPLIT_COLOURS.items()],
            loc="outside upper right",
            ncols=4,
        )
    return figure, splits


def _bar(axes: Axes, place: int, regions: pd.DataFrame, length: int) -> None:
    axes.broken_barh([(0, length / MB)], (place - 0.32, 0.64), color=FAINT, linewidth=0)
    for split, own in regions.groupby("split", sort=False):
        spans = list(zip(own["start"] / MB, (own["end"] - own["start"]) / MB, strict=True))
        axes.broken_barh(spans, (place - 0.32, 0.64), color=SPLIT_COLOURS.get(split, FAINT), linewidth=0)
