"""One look for every figure: palette, type, axes, and how a figure is saved beside its source table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import matplotlib as mpl
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure

from chiasma.core.atomic import writing

# Okabe and Ito's colours, told apart by colour-blind readers; the yellow is too light for lines and left out
PALETTE = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00")
GREYS = ("#4D4D4D", "#7D7D7D", "#9C9C9C", "#666666", "#8A8A8A")
DASHES = ("-", (0, (4, 1.5)), (0, (1.2, 1.2)), (0, (5, 1.2, 1.2, 1.2)))
MARKERS = ("o", "s", "D", "^", "v", "P")
INK, SOFT, FAINT = "#222222", "#6E6E6E", "#E4E4E4"
SPLIT_COLOURS = {"train": "#56B4E9", "valid": "#E69F00", "test": "#D55E00", "gap": "#E4E4E4"}
CONTACTS = LinearSegmentedColormap.from_list(
    "contacts", ["#FFFFFF", "#FBD5C5", "#F08A6C", "#C62F2D", "#5E0B1A", "#1E0309"]
)
DIVERGING = LinearSegmentedColormap.from_list("diverging", ["#24578F", "#8FB7D9", "#F7F7F5", "#EE9F80", "#A8262A"])

LOOK = {
    "font.family": "sans-serif",
    "font.sans-serif": ["Helvetica", "Arial", "Liberation Sans", "DejaVu Sans"],
    "font.size": 8, "axes.titlesize": 8.5, "axes.labelsize": 8, "xtick.labelsize": 7, "ytick.labelsize": 7, "legend.fontsize": 7,
    "axes.titleweight": "bold", "axes.titlelocation": "left", "axes.titlepad": 6,
    "text.color": INK, "axes.labelcolor": INK, "axes.edgecolor": SOFT, "xtick.color": SOFT, "ytick.color": SOFT,
    "xtick.labelcolor": INK, "ytick.labelcolor": INK,
    "axes.spines.top": False, "axes.spines.right": False, "axes.linewidth": 0.7,
    "xtick.major.width": 0.7, "ytick.major.width": 0.7, "xtick.major.size": 2.5, "ytick.major.size": 2.5,
    "lines.linewidth": 1.4, "legend.frameon": False, "legend.handlelength": 1.8,
    "figure.dpi": 100, "savefig.dpi": 200, "svg.fonttype": "none", "svg.hashsalt": "chiasma", "figure.constrained_layout.use": True,
    "axes.formatter.useoffset": False,
}  # fmt: skip


@dataclass(frozen=True)
class FigureConfig:
    """What a figure must be told beside its tables.

    Attributes
    ----------
    baselines : models drawn in grey
    resolution_bp : bin size, for axes in kb
    region_bp : length of the region of a contact map
    min_distance_bins : true loops nearer than this are not drawn on a contact map
    chromosomes : chromosomes drawn, in order; all when empty
    points : most tiles of an embedding's picture, drawn at random where there are more; UMAP's time grows with them
    seed : of the tiles drawn, and of their layout
    """

    baselines: tuple[str, ...] = ()
    resolution_bp: int = 5000
    region_bp: int = 1_500_000
    min_distance_bins: int = 4
    chromosomes: tuple[str, ...] = ()
    points: int = 2000
    seed: int = 1


@contextmanager
def look() -> Iterator[None]:
    """Draw in chiasma's look, whatever the user's own settings are."""
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(LOOK)
        yield


def new_figure(width_in: float, height_in: float) -> Figure:
    """Return an empty figure of a size in inches; no window system is asked for."""
    return Figure(figsize=(width_in, height_in), layout="constrained")


def save_figure(figure: Figure, source: pd.DataFrame, output: str | Path) -> None:
    """Write the picture to ``output`` and the numbers in it to the ``.tsv`` beside, each atomically and without a date."""
    output = Path(output)
    metadata = {"Date": None} if output.suffix == ".svg" else None
    with writing(output.with_suffix(".tsv")) as part:
        source.to_csv(part, sep="\t", index=False, na_rep="nan", float_format="%.6g", lineterminator="\n")
    with writing(output) as part, look():  # type is chosen, and ids are salted, when a figure is written
        figure.savefig(part, metadata=metadata)


@dataclass(frozen=True)
class Mark:
    """How a model is drawn."""

    colour: str
    dashes: object
    marker: str


def order_models(found: Iterable[str], baselines: Sequence[str]) -> list[str]:
    """Return the models in the order found, then the baselines in the order given."""
    found = list(dict.fromkeys(found))
    return [model for model in found if model not in baselines] + [model for model in baselines if model in found]


def model_marks(models: Sequence[str], baselines: Sequence[str]) -> dict[str, Mark]:
    """Return how each model is drawn: learned models in colour, baselines in grey, dashed, with markers of their own."""
    marks, learned, classical = {}, 0, 0
    for model in models:
        if model in baselines:
            marks[model] = Mark(GREYS[classical % len(GREYS)], DASHES[1 + classical % 3], MARKERS[1 + classical % 5])
            classical += 1
        else:
            marks[model] = Mark(PALETTE[learned % len(PALETTE)], "-", MARKERS[0])
            learned += 1
    return marks


def pale(colour: str, strength: float) -> tuple[float, float, float]:
    """Return ``colour`` mixed with white; a strength of 1 leaves it as it is."""
    return tuple(1 - strength * (1 - part) for part in mpl.colors.to_rgb(colour))  # type: ignore[return-value]


def mark_unknown(axes: Axes, text: str) -> None:
    """Say in an otherwise empty panel why it is empty."""
    axes.set_axis_off()
    axes.text(0.5, 0.5, text, transform=axes.transAxes, ha="center", va="center", color=SOFT, fontsize=8)
