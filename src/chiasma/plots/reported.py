"""Losses reported elsewhere at their landmarks, and what is left of them between chance and floor beside our own trainings."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from chiasma.plots.style import DASHES, FAINT, INK, PALETTE, SOFT, look, mark_unknown, new_figure
from chiasma.schema.tables import CHANCE, FLOOR

COLOURS = {"train": PALETTE[0], "valid": PALETTE[1]}
MARKERS = {"train": "o", "valid": "s"}
HEAD = 3.0  # shares above it stand at the upper edge: how far beyond chance does not matter
CLEARANCE = 0.07  # least distance of two labels, as a share of the panel's height
WORDS = {"contrastive": "contrast between patches", "ssim": "1 − SSIM", "count": "count read-out", "regression": "masked regression"}  # fmt: skip


def part_words(part: str) -> str:
    """Return a part of a loss in words."""
    return WORDS.get(part, part.replace("_", " "))


def draw(reported: pd.DataFrame, landmarks: pd.DataFrame, shares: pd.DataFrame) -> tuple[Figure, pd.DataFrame]:
    """Draw a panel for each reported part that has landmarks, and one of the shares left; return the figure and its rows.

    Parameters
    ----------
    reported : REPORTED table
    landmarks : LANDMARKS of the objective that was reported
    shares : columns who, split, part, epoch, value: of the report and of our own models, 1 for nothing learnt, 0 for all
    """
    parts = [part for part in dict.fromkeys(reported["part"]) if part in set(landmarks["part"])]
    with look():
        figure = new_figure(8.6, 5.4)
        figure.get_layout_engine().set(h_pad=0.09)
        grid = figure.add_gridspec(2, max(len(parts), 1), height_ratios=[1, 1.1])
        for column, part in enumerate(parts):
            axes = figure.add_subplot(grid[0, column])
            _panel(axes, reported[reported["part"] == part], landmarks[landmarks["part"] == part])
            axes.set_title(part_words(part))
        _shares(figure.add_subplot(grid[1, :]), shares, {*reported["source"]})
        dots = [
            Line2D([], [], color=COLOURS[split], marker=MARKERS[split], markersize=3.5, linewidth=1)
            for split in COLOURS
        ]
        figure.legend(dots, ["reported, train", "reported, validation"], loc="outside upper right", ncols=2)
    return figure, _source(reported[reported["part"].isin(parts)], landmarks[landmarks["part"].isin(parts)], shares)


def _panel(axes: Axes, rows: pd.DataFrame, landmarks: pd.DataFrame) -> None:
    """Draw the values by epoch, and a line with the range of windows at each landmark."""
    for split, own in rows.groupby("split", sort=False):
        own, colour = own.sort_values("epoch"), COLOURS.get(split, SOFT)
        axes.plot(own["epoch"], own["value"], color=colour, marker=MARKERS.get(split, "^"), markersize=3.5, linewidth=1)
    for row in landmarks.itertuples():
        axes.axhspan(row.low, row.high, color=FAINT, linewidth=0, zorder=0)
        axes.axhline(row.value, color=SOFT, linewidth=0.8, linestyle=_dashes(row.role), zorder=1)
    axes.margins(y=0.08)
    low, high = axes.get_ylim()
    _labels(axes, landmarks, CLEARANCE * (high - low))
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_xlabel("epoch")


def _dashes(role: str) -> object:
    """Return how the line of a landmark is drawn: chance dashed, floor dotted, as in the curves of training."""
    return {CHANCE: "--", FLOOR: ":"}.get(role, DASHES[3])


def _labels(axes: Axes, landmarks: pd.DataFrame, clearance: float) -> None:
    """Name each landmark to the right of the panel, moved upwards where it would stand on the one below."""
    last = float("-inf")
    for row in landmarks.sort_values("value").itertuples():
        last = max(row.value, last + clearance)
        axes.annotate(
            _name(row), (1, last), xycoords=("axes fraction", "data"), xytext=(3, 0), textcoords="offset points",
            va="center", fontsize=6, color=INK if row.role else SOFT, annotation_clip=False,
        )  # fmt: skip


def _name(row: object) -> str:
    role = f" ({row.role})" if row.role and row.role != row.landmark else ""  # type: ignore[attr-defined]
    return f"{row.landmark}{role} {row.value:.3g}"  # type: ignore[attr-defined]


def _shares(axes: Axes, shares: pd.DataFrame, sources: set[str]) -> None:
    """Draw the share left by epoch: a colour per report or model, a dash per part; validation where there is any."""
    if shares.empty:
        mark_unknown(axes, "no part has both chance and floor")
        return
    parts, named = list(dict.fromkeys(shares["part"])), list(dict.fromkeys(shares["who"]))
    colours = {who: INK if who in sources else PALETTE[at % len(PALETTE)] for at, who in enumerate(named)}
    for (who, part), own in shares.groupby(["who", "part"], sort=False):
        split = "valid" if (own["split"] == "valid").any() else "train"
        own = own[own["split"] == split].sort_values("epoch")
        axes.plot(
            own["epoch"], own["value"].clip(upper=HEAD), color=colours[who], marker="o", markersize=2.5, linewidth=1.2,
            linestyle=DASHES[parts.index(part) % len(DASHES)], clip_on=False,
        )  # fmt: skip
    axes.axhline(1, color=SOFT, linewidth=0.8, linestyle="--", zorder=1)
    axes.axhline(0, color=SOFT, linewidth=0.8, linestyle=":", zorder=1)
    axes.set_ylim(-0.05, max(1.15, min(HEAD, shares["value"].max() * 1.05)))
    axes.set_title("What is left between chance (1) and floor (0), validation")
    axes.set_xlabel("epoch")
    axes.set_ylabel("share left")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.grid(axis="y", color=FAINT, linewidth=0.5)
    lines = [Line2D([], [], color=colours[who]) for who in named]
    lines += [Line2D([], [], color=SOFT, linestyle=DASHES[at % len(DASHES)]) for at in range(len(parts))]
    axes.legend(lines, [*named, *map(part_words, parts)], loc="center left", bbox_to_anchor=(1.0, 0.5))


def _source(reported: pd.DataFrame, landmarks: pd.DataFrame, shares: pd.DataFrame) -> pd.DataFrame:
    """Return what is drawn in one table: kind (loss, landmark, share left), who, split, part, epoch, value, low, high."""
    levels = landmarks.assign(kind="landmark", who=landmarks["landmark"])
    frames = [reported.assign(kind="loss", who=reported["source"]), levels, shares.assign(kind="share left")]
    columns = ["kind", "who", "split", "part", "epoch", "value", "low", "high"]
    return pd.concat([frame.reindex(columns=columns) for frame in frames if len(frame)], ignore_index=True)
