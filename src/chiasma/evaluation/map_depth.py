"""Whether a predicted map has the right depth: its total, how its decay scales, and what error is left at equal totals.

Correlations, and any score of maps scaled to their own maximum, cannot see a wrong depth; these do, and the scores that
compare maps as images (`image_scores`) set it aside.

Axes: I bins, S distance in bins, K classes of distances, B blocks, D draws, M sums of `map_moments.SUMS`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from chiasma.assays.contacts import decay_classes
from chiasma.evaluation.map_fields import Fields
from chiasma.evaluation.map_metrics import Observed, Scores
from chiasma.evaluation.map_moments import VARIES, band_moments, mean_squared_error, ratio
from chiasma.evaluation.map_pixels import matching_factors

Array = NDArray[np.float64]
FEWEST_CLASSES = 3  # classes of distances that give a slope


def matched_logs(observed: Observed, fields: Sequence[Fields]) -> list[NDArray[np.float32]]:
    """Return log(1 + contacts) (I, S) of each piece of a prediction brought to the observed depth; 0 where a pixel does not count."""
    factors = matching_factors(observed.pieces, [own.contacts_IS for own in fields])
    return [
        np.log1p(own.contacts_IS * np.float32(factors[piece.sample]))
        for piece, own in zip(observed.pieces, fields, strict=True)
    ]


def depth_scores(observed: Observed, fields: list[Fields]) -> Scores:
    """Return how a prediction's counts are calibrated; the depth is matched once on all the data, not in each draw.

    ``matched_mse`` is the mean squared error of log(1 + contacts) at matched depth, ``depth_ratio`` the predicted over the
    observed total of the counted pixels (1 is right), and ``decay_calibration`` the slope of log P(s) predicted against observed
    (`decay_slopes`; 1 is right).
    """
    matched = matched_logs(observed, fields)
    log_BSM = _moments(observed, [true.log_IS for true in observed.fields], matched)
    contacts_BSM = _moments(observed, *([own.contacts_IS for own in each] for each in (observed.fields, fields)))
    contacts_DSM = observed.drawn(contacts_BSM)
    total_DM = contacts_DSM.sum(axis=1)
    slope_D, classes = decay_slopes(contacts_DSM, observed.config.stratum_pixels)
    pixels = int(observed.counted_IS.sum())
    return {
        "matched_mse": (mean_squared_error(observed.drawn(log_BSM.sum(axis=1))), pixels),
        "depth_ratio": (ratio(total_DM[:, 2], total_DM[:, 1]), pixels),
        "decay_calibration": (slope_D, classes),
    }


def _moments(observed: Observed, truth: Sequence[NDArray], predicted: Sequence[NDArray]) -> Array:
    """Return the sums of each block and distance (B, S, M) over the bands (I, S) of all pieces."""
    return sum(
        band_moments(true_IS, own_IS, piece.counted_IS, piece.block_I, observed.blocks)
        for piece, true_IS, own_IS in zip(observed.pieces, truth, predicted, strict=True)
    )


def decay_slopes(contacts_DSM: Array, fewest_pixels: int) -> tuple[Array, int]:
    """Return the slope of log P(s) predicted against observed in each draw (D,), and how many distances it is fitted to.

    Least squares over classes of distances that are even on a log axis (`decay_classes`), so that many far distances do not
    outvote few near ones. A wrong depth moves all of P(s) and no slope; below 1, near and far contacts differ less than they
    should. Distance 0, and classes with fewer than ``fewest_pixels`` pixels on the data (the first draw), are left out, in
    each draw also those without contacts; nan with fewer than `FEWEST_CLASSES`, or where the observed ones do not vary.

    Parameters
    ----------
    contacts_DSM : sums of contacts (not of their logarithms) of each draw and distance
    """
    class_DKM = np.add.reduceat(contacts_DSM, decay_classes(contacts_DSM.shape[1]), axis=1)[:, 1:]
    held_K = class_DKM[0, :, 0] >= fewest_pixels
    truth_DK, own_DK = (class_DKM[:, held_K, place] for place in (1, 2))
    known_DK = (truth_DK > 0) & (own_DK > 0)
    pixels_DK = np.where(known_DK, class_DKM[:, held_K, 0], 1)
    x_DK, y_DK = (np.log(np.where(known_DK, each, 1) / pixels_DK) for each in (truth_DK, own_DK))
    number_D = known_DK.sum(axis=1)
    x_DK, y_DK = (
        np.where(known_DK, each - ratio((each * known_DK).sum(axis=1), number_D)[:, None], 0) for each in (x_DK, y_DK)
    )
    spread_D = (x_DK**2).sum(axis=1)
    told_D = (number_D >= FEWEST_CLASSES) & (spread_D > VARIES)
    return ratio((x_DK * y_DK).sum(axis=1), np.where(told_D, spread_D, 0)), int(number_D[0])
