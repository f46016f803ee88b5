"""Embeddings in two dimensions: do the modalities meet, and what do the axes follow."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from chiasma.core.seed import generator
from chiasma.plots.style import DIVERGING, PALETTE, SOFT, FigureConfig, look, mark_unknown, new_figure

DOT = {"s": 5, "linewidths": 0, "alpha": 0.65, "rasterized": True}
NO_LOOP = "#C9C9C9"
LINKS = 60  # tiles whose modalities are joined by a line
BELOW = (0.2, -0.22, 0.6, 0.04)  # place of a colour bar under its panel


def draw(joint: pd.DataFrame, tiles: pd.DataFrame, title: str, config: FigureConfig) -> tuple[Figure, pd.DataFrame]:
    """Draw embeddings of tiles.

    Parameters
    ----------
    joint : name, row, pc1, pc2: vectors of several modalities projected together
    tiles : sample, umap1, umap2, compartment, holds_loop, distance_kb, in the order in which they are laid down
    title : model and seed

    Returns
    -------
    the figure, and both tables in one, told apart by ``panel``
    """
    colourings: list[tuple[str, Callable]] = [
        ("Compartment", _compartment),
        ("Loop in the window", _loop),
        ("Distance of the anchors", _distance),
    ]
    if tiles["sample"].nunique() > 1:
        colourings.insert(1, ("Cell type", _sample))
    with look():
        figure = new_figure(2.35 * (1 + len(colourings)), 3.0)
        panels = figure.subplots(1, 1 + len(colourings))
        figure.get_layout_engine().set(rect=(0, 0.07, 1, 0.83))
        figure.suptitle(title, y=0.99, x=0.005, ha="left", fontsize=9, fontweight="bold")
        _modalities(panels[0], joint.iloc[generator(config.seed, "embedding").permutation(len(joint))])
        for axes, (name, colouring) in zip(panels[1:], colourings, strict=True):
            axes.set_title(name, fontweight="normal")
            colouring(figure, axes, tiles)
            _bare(axes, ["UMAP 1", "UMAP 2"])
    return figure, pd.concat([joint.assign(panel="modalities"), tiles.assign(panel="tiles")], ignore_index=True)


def _bare(axes: Axes, names: list[str]) -> None:
    axes.set(xticks=[], yticks=[], xlabel=names[0], ylabel=names[1])
    axes.set_box_aspect(1)


def _modalities(axes: Axes, joint: pd.DataFrame) -> None:
    axes.set_title("Modality", fontweight="normal")
    names = sorted(joint["name"].unique())
    colours = dict(zip(names, PALETTE * len(names), strict=False))
    for _, pair in joint[joint["row"].isin(joint["row"].drop_duplicates()[:LINKS])].groupby("row"):
        axes.plot(pair["pc1"], pair["pc2"], color=SOFT, linewidth=0.4, alpha=0.6, zorder=1)
    axes.scatter(joint["pc1"], joint["pc2"], c=joint["name"].map(colours), **DOT)
    _legend(axes, {name.replace("_", " "): colours[name] for name in names})
    _bare(axes, ["PC1", "PC2"])


def _compartment(figure: Figure, axes: Axes, tiles: pd.DataFrame) -> None:
    known = tiles[np.isfinite(tiles["compartment"])]
    if known.empty:
        mark_unknown(axes, "no contacts or tracks")
        return
    limit = float(known["compartment"].abs().quantile(0.98)) or 1.0
    dots = axes.scatter(
        known["umap1"], known["umap2"], c=known["compartment"], cmap=DIVERGING, vmin=-limit, vmax=limit, **DOT
    )
    bar = figure.colorbar(dots, cax=axes.inset_axes(BELOW), orientation="horizontal", ticks=[-limit, limit])
    bar.set_ticklabels(["B", "A"])
    _plain(bar)


def _distance(figure: Figure, axes: Axes, tiles: pd.DataFrame) -> None:
    dots = axes.scatter(tiles["umap1"], tiles["umap2"], c=tiles["distance_kb"], cmap="viridis", **DOT)
    ends = [tiles["distance_kb"].min(), tiles["distance_kb"].max()]
    bar = figure.colorbar(dots, cax=axes.inset_axes(BELOW), orientation="horizontal", ticks=ends)
    bar.set_ticklabels([f"{tick:.0f} kb" for tick in bar.get_ticks()])
    _plain(bar)


def _plain(bar: object) -> None:
    bar.outline.set_visible(False)
    bar.solids.set_alpha(1)
    bar.ax.tick_params(length=0, labelsize=6.5)


def _loop(figure: Figure, axes: Axes, tiles: pd.DataFrame) -> None:
    order = tiles.sort_values("holds_loop")
    axes.scatter(order["umap1"], order["umap2"], c=np.where(order["holds_loop"], PALETTE[1], NO_LOOP), **DOT)
    _legend(axes, {"a true loop": PALETTE[1], "none": NO_LOOP})


def _sample(figure: Figure, axes: Axes, tiles: pd.DataFrame) -> None:
    names = sorted(tiles["sample"].unique())
    colours = dict(zip(names, PALETTE[2:] * len(names), strict=False))
    axes.scatter(tiles["umap1"], tiles["umap2"], c=tiles["sample"].map(colours), **DOT)
    _legend(axes, colours)


def _legend(axes: Axes, colours: dict[str, str]) -> None:
    handles = [axes.scatter([], [], color=colour, s=14, label=name) for name, colour in colours.items()]
    axes.legend(
        handles=handles,
        loc="upper center",
        bbox_to_anchor=(0.5, -0.12),
        ncols=2,
        handletextpad=0.1,
        columnspacing=0.8,
        fontsize=6.5,
    )
