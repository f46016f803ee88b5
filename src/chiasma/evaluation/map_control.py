"""The control of a comparison of contact maps: the same prediction against the truth of other places.

Axes: S distance in bins, D draws, W windows.
"""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray

from chiasma.core.seed import generator
from chiasma.evaluation.map_fields import Fields
from chiasma.evaluation.map_metrics import Observed, Scores, compartment_correlations, stacked
from chiasma.evaluation.map_moments import VARIES, pearson, shifted_moments, weighted_mean

Array = NDArray[np.float64]


def can_be_wrong(fields: list[Fields]) -> bool:
    """Return whether a prediction says more than a decay; if not, it has nothing to have at the wrong place."""
    return any(float(np.square(own.ratio_IS).mean()) > VARIES for own in fields)


def shifted_scores(observed: Observed, fields: list[Fields]) -> Scores:
    """Return correlations with the truth moved along the genome, its end to the front, each (D,): what chance gives.

    A shift keeps each map's own structure and takes only their being at the same place, so chance here is that of two maps
    of the same smoothness. Shifts leave at least the band's reach (or a quarter of the test regions) on both sides; windows
    of compartments are exchanged within their region.
    """
    bins, strata = observed.counted_IS.shape
    reach = max(1, min(strata, bins // 4))
    rng = generator(observed.config.seed, "shifted", observed.sample)
    shifts = rng.integers(reach, max(bins - reach, reach) + 1, observed.config.permutations)
    ratio_DSM, log_DSM = (
        shifted_moments(stacked(observed.fields, name), stacked(fields, name), observed.counted_IS, shifts)
        for name in ("ratio_IS", "log_IS")
    )
    value_DS = pearson(log_DSM[:, observed.kept_S])
    count_S = observed.counted_IS.sum(axis=0)
    windows = sum(int(np.isfinite(true.compartment_WK).any(axis=1).sum()) for true in observed.fields)
    return {
        "oe_pearson": (pearson(ratio_DSM.sum(axis=1)), int(count_S.sum())),
        "distance_pearson": (weighted_mean(value_DS, np.ones_like(value_DS)), int(count_S[observed.kept_S].sum())),
        "compartment_r": (_exchanged_compartments(observed, fields, rng), windows),
    }


def _exchanged_compartments(observed: Observed, fields: list[Fields], rng: np.random.Generator) -> Array:
    """Return the mean |r| of unlike windows in each permutation (D,); nan where no piece has two windows."""
    draws = observed.config.permutations
    places = [at for at, true in enumerate(observed.fields) if len(true.compartment_WK) > 1]
    if not places:
        return np.full(draws, np.nan)
    pieces, truth, own = ([each[at] for at in places] for each in (observed.pieces, observed.fields, fields))
    several = dataclasses.replace(observed, pieces=pieces, fields=truth)
    counts = [len(true.compartment_WK) for true in truth]
    found_DW = np.stack([compartment_correlations(several, own, rng.integers(1, counts)) for _ in range(draws)])
    return weighted_mean(found_DW, np.ones_like(found_DW))
