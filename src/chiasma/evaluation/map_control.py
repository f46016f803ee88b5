"""The control of a comparison of contact maps: the same prediction against the truth of other places.

Axes: S distance in bins, D draws.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from chiasma.core.seed import generator
from chiasma.evaluation.map_fields import Fields
from chiasma.evaluation.map_metrics import Observed, Scores, compartment_agreement, stacked
from chiasma.evaluation.map_moments import VARIES, pearson, shifted_moments, weighted_mean

Array = NDArray[np.float64]


def can_be_wrong(fields: list[Fields]) -> bool:
    """Return whether a prediction says more than a decay; if not, it has nothing to have at the wrong place."""
    return any(float(np.square(own.ratio_IS).mean()) > VARIES for own in fields)


def shifted_scores(observed: Observed, fields: list[Fields]) -> Scores:
    """Return correlations with the truth moved along the genome, its end to the front, each (D,): what chance gives.

    A shift keeps each map's own structure and takes only their being at the same place, so chance here is that of two maps
    of the same smoothness. Shifts leave at least the band's reach (or a quarter of the test regions) on both sides;
    compartments are moved within their window.
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
    return {
        "oe_pearson": (pearson(ratio_DSM.sum(axis=1)), int(count_S.sum())),
        "distance_pearson": (weighted_mean(value_DS, np.ones_like(value_DS)), int(count_S[observed.kept_S].sum())),
        "compartment_r": _shifted_compartments(observed, fields, rng),
    }


def _shifted_compartments(observed: Observed, fields: list[Fields], rng: np.random.Generator) -> tuple[Array, int]:
    """Return the mean |r| of compartments in each permutation (D,), the truth moved on by a quarter of a window or more."""
    width = min((true.compartment_WK.shape[1] for true in observed.fields if true.compartment_WK.size), default=1)
    reach, whole_DB = max(1, width // 4), observed.bootstrap.weight_DB[:1]
    shifts = rng.integers(reach, max(width - reach, reach) + 1, observed.config.permutations)
    found = [compartment_agreement(observed, fields, whole_DB, int(shift)) for shift in shifts]
    return np.array([value_D[0] for value_D, _ in found]), found[0][1]
