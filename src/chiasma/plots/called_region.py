"""A test region: contacts turned by 45 degrees, true and called loops on it, their arcs and the signal tracks beneath."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Arc
from matplotlib.patheffects import withStroke

from chiasma.plots.style import INK, PALETTE, SOFT, look, new_figure
from chiasma.plots.triangle import KB, MB, contact_norm, draw_triangle

TRUE_COLOUR, CALL_COLOUR, BASELINE_COLOUR = PALETTE[0], INK, "#7D7D7D"
TRACK_COLOURS = (PALETTE[2], PALETTE[3], PALETTE[5], PALETTE[4], PALETTE[1])
CLIP = 0.995  # quantile of a track beyond which peaks are cut off
HALO = [withStroke(linewidth=2.5, foreground="white")]  # keeps marks visible on dark contacts


@dataclass(frozen=True)
class RegionView:
    """What the figure shows.

    Attributes
    ----------
    title : sample and coordinates
    region : chromosome, start and end in bp
    resolution_bp : bin size
    pixels : bin1, bin2, contacts
    tracks : track, start, end, value
    loops : caller -> true and called loops (bin1, bin2); the first caller is the truth, the second is marked on the map
    """

    title: str
    region: tuple[str, int, int]
    resolution_bp: int
    pixels: pd.DataFrame
    tracks: pd.DataFrame
    loops: dict[str, pd.DataFrame]


def draw(view: RegionView) -> tuple[Figure, pd.DataFrame]:
    """Draw a region; return the figure and its pixels, loops and tracks in one long table."""
    names = list(dict.fromkeys(view.tracks["track"]))
    inside = {caller: _inside(loops, view) for caller, loops in view.loops.items()}
    reach = _reach(inside, view)
    heights = [3.0, *[0.42] * len(inside), *[0.4] * len(names)]
    with look():
        figure = new_figure(7.4, sum(heights) + 1.0)
        rows = figure.subplots(len(heights), 1, sharex=True, gridspec_kw={"height_ratios": heights, "hspace": 0.05})
        _map(figure, rows[0], view, reach)
        _marks(rows[0], inside, view)
        for axes, (caller, loops), colour in zip(rows[1:], inside.items(), _caller_colours(len(inside)), strict=False):
            _arcs(axes, caller, loops, view, colour)
        for axes, name, colour in zip(rows[1 + len(inside) :], names, TRACK_COLOURS * len(names), strict=False):
            _track(axes, view.tracks[view.tracks["track"] == name], name, colour)
        rows[0].set_xlim(view.region[1] / MB, view.region[2] / MB)
        rows[-1].set_xlabel(f"{view.region[0]} (Mb)")
        rows[-1].tick_params(bottom=True, labelbottom=True)
        rows[-1].spines["bottom"].set_visible(True)
        rows[0].set_title(view.title)
    return figure, _source(view, inside, reach)


def _caller_colours(count: int) -> list[str]:
    return [TRUE_COLOUR, CALL_COLOUR, *[BASELINE_COLOUR] * count]


def _inside(loops: pd.DataFrame, view: RegionView) -> pd.DataFrame:
    first, last = view.region[1] / view.resolution_bp, view.region[2] / view.resolution_bp
    return loops[(loops["bin1"] >= first) & (loops["bin2"] < last)].reset_index(drop=True)


def _reach(loops: dict[str, pd.DataFrame], view: RegionView) -> int:
    """Return the distance in bins up to which the map is drawn: a little beyond the longest loop shown."""
    stored = int((view.pixels["bin2"] - view.pixels["bin1"]).max()) + 1
    longest = max([int((own["bin2"] - own["bin1"]).max()) for own in loops.values() if len(own)], default=stored)
    return min(stored, max(int(1.25 * longest), stored // 4, 10))


def _map(figure: Figure, axes: Axes, view: RegionView, reach: int) -> None:
    """Draw log contacts up to a distance, with their colours."""
    mesh = draw_triangle(axes, view.pixels, view.resolution_bp, contact_norm([view.pixels], reach))
    axes.set_ylim(0, reach * view.resolution_bp / KB)
    axes.set_ylabel("Distance (kb)")
    axes.spines["bottom"].set_visible(False)
    axes.tick_params(bottom=False, labelbottom=False)
    bar = figure.colorbar(mesh, cax=axes.inset_axes((0.012, 0.62, 0.014, 0.34)))
    bar.set_label("Contacts + 1, log10", fontsize=7)
    bar.outline.set_visible(False)


def _marks(axes: Axes, loops: dict[str, pd.DataFrame], view: RegionView) -> None:
    """Ring the true loops and cross the calls of the first caller."""
    styles = (
        {"marker": "o", "s": 46, "facecolors": "none", "edgecolors": TRUE_COLOUR, "linewidths": 1.1},
        {"marker": "x", "s": 16, "color": CALL_COLOUR, "linewidths": 1.0},
    )
    handles = []
    for (caller, own), style in zip(loops.items(), styles, strict=False):
        axes.scatter(*_places(own, view), zorder=3, path_effects=HALO, **style)
        face = "none" if style["marker"] == "o" else CALL_COLOUR
        edge = TRUE_COLOUR if style["marker"] == "o" else CALL_COLOUR
        handles.append(
            Line2D(
                [],
                [],
                linestyle="",
                marker=style["marker"],
                markerfacecolor=face,
                markeredgecolor=edge,
                label=_words(caller, own),
            )
        )
    axes.legend(handles=handles, loc="upper right", frameon=True, facecolor="white", edgecolor="none", framealpha=0.85)


def _words(caller: str, loops: pd.DataFrame) -> str:
    return f"{caller} ({len(loops)})"


def _places(loops: pd.DataFrame, view: RegionView) -> tuple[np.ndarray, np.ndarray]:
    middle = (loops["bin1"] + loops["bin2"] + 1) / 2 * view.resolution_bp / MB
    return middle.to_numpy(), ((loops["bin2"] - loops["bin1"]) * view.resolution_bp / KB).to_numpy()


def _arcs(axes: Axes, caller: str, loops: pd.DataFrame, view: RegionView, colour: str) -> None:
    for first, second in loops[["bin1", "bin2"]].itertuples(index=False):
        left, right = ((place + 0.5) * view.resolution_bp / MB for place in (first, second))
        axes.add_patch(
            Arc(((left + right) / 2, 0), right - left, 1.8, theta1=180, theta2=360, color=colour, linewidth=0.8)
        )
    axes.set_ylim(-1, 0)
    _bare(axes, _words(caller, loops), colour)


def _track(axes: Axes, track: pd.DataFrame, name: str, colour: str) -> None:
    value = track["value"].fillna(0)
    top = float(value.quantile(CLIP)) or float(value.max()) or 1.0
    axes.fill_between((track["start"] + track["end"]) / 2 / MB, value, step="mid", color=colour, linewidth=0)
    axes.set_ylim(0, top)
    axes.text(
        1.004,
        0.98,
        f"{top:,.0f}" if top >= 10 else f"{top:.2g}",
        transform=axes.transAxes,
        fontsize=6,
        color=SOFT,
        va="top",
    )
    _bare(axes, name, INK)


def _bare(axes: Axes, name: str, colour: str) -> None:
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.spines["bottom"].set_visible(False)
    axes.tick_params(bottom=False, labelbottom=False)
    axes.set_ylabel(name, rotation=0, ha="right", va="center", color=colour, fontsize=7)


def _source(view: RegionView, loops: dict[str, pd.DataFrame], reach: int) -> pd.DataFrame:
    """Return everything drawn: kind (contacts, loop or track), name, chrom, and both stretches with a value."""
    shown = view.pixels[view.pixels["bin2"] - view.pixels["bin1"] <= reach]
    frames = [shown.assign(kind="contacts", name="contacts", value=shown["contacts"])]
    frames += [own.assign(kind="loop", name=caller, value=1.0) for caller, own in loops.items() if len(own)]
    pairs = pd.concat([frame[["kind", "name", "bin1", "bin2", "value"]] for frame in frames], ignore_index=True)
    for end in (1, 2):
        pairs[f"start{end}"] = pairs[f"bin{end}"] * view.resolution_bp
        pairs[f"end{end}"] = pairs[f"start{end}"] + view.resolution_bp
    tracks = view.tracks.rename(columns={"track": "name", "start": "start1", "end": "end1"}).assign(kind="track")
    tracks = tracks.assign(start2=tracks["start1"], end2=tracks["end1"])
    columns = ["kind", "name", "chrom", "start1", "end1", "start2", "end2", "value"]
    return pd.concat([pairs, tracks], ignore_index=True).assign(chrom=view.region[0])[columns]
