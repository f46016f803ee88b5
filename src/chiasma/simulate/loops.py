"""Loop extrusion with stalling, solved exactly: where cohesin's two legs stand, and which pairs of CTCF sites they join.

A cohesin loads anywhere, its legs walk apart, one bin at a time, until they meet a CTCF site that faces them and stalls them
with the site's probability, or until cohesin falls off. In the steady state the density of cohesin with legs at bins i <= j
follows from the densities one bin narrower, so one pass over widths gives it. Loops, nested domains and stripes follow.

Axes: ``band[i, d]`` is the pair of bins (i, i + d).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from chiasma.simulate.config import Config
from chiasma.simulate.sites import activity


@dataclass(frozen=True)
class Barriers:
    """Probability, per bin, that a leg moving left, or right, is stalled on entering it; each (n_bins,)."""

    left: NDArray[np.float64]
    right: NDArray[np.float64]


def build_barriers(config: Config, sites: pd.DataFrame, sample: str, n_bins: int) -> Barriers:
    """Return what stalls cohesin in a cell type: forward CTCF stalls a leg moving left, reverse one moving right, promoters both."""
    return Barriers(*(_stall(config, sites, sample, strand, n_bins) for strand in ("+", "-")))


def _stall(config: Config, sites: pd.DataFrame, sample: str, strand: str, n_bins: int) -> NDArray[np.float64]:
    """Return the probability per bin of being stalled by any of its sites."""
    ctcf = (sites.kind == "ctcf") & (sites.strand == strand)
    stall = np.where(ctcf, sites.strength, np.where(sites.kind == "promoter", config.loop_promoter_stall, 0.0))
    passing = np.zeros(n_bins)
    np.add.at(
        passing,
        (sites.start + sites.end).to_numpy() // 2 // config.resolution_bp,
        np.log1p(-stall * activity(sites, sample)),
    )
    return -np.expm1(passing)


@dataclass(frozen=True)
class Cohesin:
    """Steady-state density of cohesin by its legs' bins, each (n_bins, band_bins).

    Attributes
    ----------
    moving : with at least one leg moving
    paired : with both legs stalled
    """

    moving: NDArray[np.float32]
    paired: NDArray[np.float32]


def extrude(config: Config, barriers: Barriers) -> Cohesin:
    """Return where cohesin stands in the steady state.

    Each leg makes one step per unit of time; a cohesin falls off at rate k = 2 steps / processivity, and ``loop_stability``
    times slower when both legs are stalled. With M a moving and S a stalled leg, a state's density is its inflow over its outflow.
    """
    n_bins = len(barriers.left)
    width = min(config.contacts_band_bp // config.resolution_bp, n_bins)
    fall = 2 * config.resolution_bp / config.loop_processivity_bp
    cohesin = Cohesin(*np.zeros((2, n_bins, width), np.float32))
    moving = cohesin.moving[:, 0] = np.full(n_bins, 1 / (2 + fall))
    left_stalled = right_stalled = np.zeros(n_bins)
    for d in range(1, width):
        stop_left, stop_right = barriers.left[: n_bins - d], barriers.right[d:]
        from_right, from_left = slice(1, None), slice(None, -1)  # the left leg was at i + 1; the right one at j - 1
        both = stop_right * left_stalled[from_left] + stop_left * right_stalled[from_right]
        left_stalled = (stop_left * moving[from_right] + (1 - stop_right) * left_stalled[from_left]) / (1 + fall)
        right_stalled = (stop_right * moving[from_left] + (1 - stop_left) * right_stalled[from_right]) / (1 + fall)
        moving = ((1 - stop_left) * moving[from_right] + (1 - stop_right) * moving[from_left]) / (2 + fall)
        cohesin.moving[: n_bins - d, d] = moving + left_stalled + right_stalled
        cohesin.paired[: n_bins - d, d] = both * config.loop_stability / fall
    return cohesin


def free_density(config: Config, distance_bp: int) -> float:
    """Return the density of cohesin of this size per bin where nothing stalls it."""
    fall = 2 * config.resolution_bp / config.loop_processivity_bp
    return (2 / (2 + fall)) ** (distance_bp / config.resolution_bp) / (2 + fall)
