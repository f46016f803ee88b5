"""How alike two contact maps are to a random walk on them: GenomeDISCO (Ursu et al. 2018), in windows on the diagonal.

A walker steps from bin to bin as often as they are in contact. After a few steps, noise of single pixels has averaged out
while structure stays, and the two maps' chances to be anywhere are compared. Scaling a map changes nothing, but a map of few
contacts differs from a deep one by its noise alone, so read the score beside the raw input's.

Axes: I bins of a piece, S distance in bins, N bins of a window, W windows, D draws.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from chiasma.evaluation.map_fields import Fields
from chiasma.evaluation.map_metrics import Observed, Scores
from chiasma.evaluation.map_moments import draw_sums, ratio
from chiasma.evaluation.map_windows import square, window_starts

Array = NDArray[np.float64]


@dataclass(frozen=True)
class WalkWindows:
    """What the score of each window (W,) is made of, so that windows add up: score = 1 - difference / rows.

    Attributes
    ----------
    start_W : first bin of the window, counted from the piece's
    block_W : block of that bin
    difference_W : sum of the absolute differences between the two maps' chances
    rows_W : mean over the two maps of the number of bins with contacts
    """

    start_W: NDArray[np.int64]
    block_W: NDArray[np.int64]
    difference_W: Array
    rows_W: Array

    @property
    def score_W(self) -> Array:
        """GenomeDISCO of each window, -1 to 1; nan where neither map has contacts."""
        return 1 - ratio(self.difference_W, self.rows_W)


def walk_scores(observed: Observed, fields: list[Fields]) -> Scores:
    """Return ``genome_disco``: the differences of all windows over their bins with contacts, from 1.

    Windows of `MapConfig.walk_bins` (or the whole of a shorter piece), half a window apart, on contacts, not on logarithms.
    """
    numbers = observed.config.walk_bins, observed.config.walk_steps
    parts = [
        walk_windows((true.contacts_IS, own.contacts_IS), piece.block_I, *numbers)
        for piece, true, own in zip(observed.pieces, observed.fields, fields, strict=True)
    ]
    difference_W, rows_W, block_W = (
        np.concatenate([getattr(part, f"{name}_W") for part in parts]) for name in ("difference", "rows", "block")
    )
    weight_DW = observed.bootstrap.weight_DB[:, block_W]
    drawn_D = 1 - ratio(draw_sums(weight_DW, difference_W), draw_sums(weight_DW, rows_W))
    return {"genome_disco": (drawn_D, int((rows_W > 0).sum()))}


def walk_windows(bands: tuple[NDArray, NDArray], block_I: NDArray[np.int64], width: int, steps: int) -> WalkWindows:
    """Compare random walks in the windows of ``width`` bins of a piece (or its whole when it is shorter), every half width.

    Two dense matrices of a window are held at a time, so memory grows with width^2 and not with the chromosome.

    Parameters
    ----------
    bands : contacts of the two maps (I, S), not negative, 0 where a pixel does not count
    block_I : block of each bin
    """
    width = min(width, len(block_I))
    start_W = window_starts(len(block_I), width)
    found = [walk_difference(*(square(band, int(start), width) for band in bands), steps) for start in start_W]
    difference_W, rows_W = np.reshape(found, (-1, 2)).T
    return WalkWindows(start_W, block_I[start_W], difference_W, rows_W)


def genome_disco(first_NN: NDArray, second_NN: NDArray, steps: int = 3) -> float:
    """Return GenomeDISCO of two symmetric maps with the diagonal once, -1 to 1; nan when neither has contacts."""
    difference, rows = walk_difference(first_NN, second_NN, steps)
    return 1 - difference / rows if rows else float("nan")


def walk_difference(first_NN: NDArray, second_NN: NDArray, steps: int) -> tuple[float, float]:
    """Return sum |A^t - B^t| of the two maps' chances after ``steps`` steps t, and the mean number of non-zero rows.

    A row adds at most 2, when the walkers from its bin meet nowhere.
    """
    maps = [np.asarray(each, float) for each in (first_NN, second_NN)]
    first, second = (np.linalg.matrix_power(transitions(each), steps) for each in maps)
    rows = sum(int((each.sum(axis=1) > 0).sum()) for each in maps) / 2
    return float(np.abs(first - second).sum()), rows


def transitions(contacts_NN: Array) -> Array:
    """Return the chance of each step (N, N): rows over their sums; a row without contacts stays 0."""
    total_N = contacts_NN.sum(axis=1, keepdims=True)
    return np.divide(contacts_NN, total_N, out=np.zeros(contacts_NN.shape), where=total_N > 0)
