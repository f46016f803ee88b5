"""Activity by contact: a bin's score is its own activity and that of the bins it touches (Fulco et al. 2019).

There the score of an element for a gene is its activity times its contact with the promoter, over the sum of that of all
elements; that sum is what the elements around are worth to the gene, and what is used here.

Axes: I bins of a chromosome, D distance in bins, C tracks.
"""

from __future__ import annotations

import numpy as np

from chiasma.contracts import Inputs
from chiasma.core.errors import ConfigError, InputError, unknown
from chiasma.tasks.expression.config import ActivityByContact, Config
from chiasma.tasks.expression.signal import training_bins
from chiasma.tiles.arrays import TileArrays
from chiasma.tiles.stitching import Place, Profile


def build_activity_by_contact(config: Config, numbers: ActivityByContact, inputs: Inputs) -> Profile:
    """Return place -> predicted log2(1 + signal) (I,): a line in log2 of one plus the score, fitted to the training bins."""
    check_numbers(numbers, inputs.arrays)

    def values(place: Place) -> np.ndarray:
        return np.log2(1 + scores(numbers, inputs.arrays, place))

    slope, intercept = fit_line(*training_bins(config, inputs, values))
    return lambda place: slope * values(place) + intercept


def check_numbers(numbers: ActivityByContact, arrays: TileArrays) -> None:
    """Raise ConfigError when a track is not of the tileset, or the reach is beyond the stored band."""
    for track in numbers.tracks:
        if track not in arrays.meta.tracks:
            raise ConfigError(unknown("track", track, arrays.meta.tracks, "activity_by_contact"))
    if numbers.reach_bins >= arrays.meta.band_bins:
        raise ConfigError(
            f"activity_by_contact: reach_bins is {numbers.reach_bins}, but the tileset stores contacts up to "
            f"{arrays.meta.band_bins - 1} bins; lower it, or raise the tileset's max_distance_bins and tile again"
        )


def activity(numbers: ActivityByContact, arrays: TileArrays, place: Place) -> np.ndarray:
    """Return the geometric mean (I,) of the chosen tracks' means in each bin; 0 where one of them is 0."""
    names = numbers.tracks or arrays.meta.tracks
    means_IC = arrays.track_means(*place)[:, [arrays.meta.tracks.index(name) for name in names]]
    return means_IC.prod(axis=1) ** (1 / len(names))


def scores(numbers: ActivityByContact, arrays: TileArrays, place: Place) -> np.ndarray:
    """Return the score (I,) of each bin of one sample and chromosome; InputError where neighbours have no contacts at all."""
    expected_D = arrays.expected(*place)[: numbers.reach_bins + 1].astype(np.float64)
    if not expected_D[1] > 0:
        raise InputError(
            f"{arrays.folder}: {' '.join(place)}: neighbouring bins have no contacts to scale the others by"
        )
    contacts_ID = arrays.contacts(*place)[:, : numbers.reach_bins + 1].astype(np.float32)
    return sum_scores(activity(numbers, arrays, place), contacts_ID, arrays.valid(*place), expected_D)


def sum_scores(
    activity_I: np.ndarray, contacts_ID: np.ndarray, valid_I: np.ndarray, expected_D: np.ndarray
) -> np.ndarray:
    """Return each bin's activity plus the sum over other bins of activity times contact (I,).

    A contact is relative to what neighbouring bins have on average, so that neither depth nor the unit counts.

    Parameters
    ----------
    contacts_ID : contacts of bins i and i + d, d up to the reach
    valid_I : bool; a contact of a masked bin is unknown and taken as expected
    expected_D : mean contacts at each distance, positive at 1
    """
    total_I = activity_I.astype(np.float64)
    for distance in range(1, min(len(expected_D), len(activity_I))):
        near, far = slice(None, -distance), slice(distance, None)
        known = valid_I[near] & valid_I[far]
        contact = np.where(known, contacts_ID[near, distance], expected_D[distance]) / expected_D[1]
        total_I[near] += activity_I[far] * contact
        total_I[far] += activity_I[near] * contact
    return total_I


def fit_line(x_n: np.ndarray, y_n: np.ndarray) -> tuple[float, float]:
    """Return slope and intercept of the least squares line; a flat one where x does not vary."""
    spread = float(np.square(x_n - x_n.mean()).mean())
    slope = float(((x_n - x_n.mean()) * (y_n - y_n.mean())).mean()) / spread if spread > 0 else 0.0
    return slope, float(y_n.mean()) - slope * float(x_n.mean())
