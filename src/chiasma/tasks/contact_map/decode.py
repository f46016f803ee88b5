"""From predicted windows to maps of whole chromosomes: overlapping windows are averaged, their borders counting less.

Axes: I bins of a chromosome, D distance in bins (0 to the largest predicted), N bins of a window, n windows.
"""

from __future__ import annotations

import numpy as np

from chiasma.assays.scales import contacts_of_ratio
from chiasma.contracts import Inputs
from chiasma.tasks.contact_map.config import Config
from chiasma.tasks.contact_map.decay import expected_decay
from chiasma.tiles.stitching import Cover, Score, stitched_bands


def predict(config: Config, inputs: Inputs, score: Score) -> dict[str, dict[str, np.ndarray]]:
    """Return the map of one sample as ``mcool``: chromosome -> predicted contacts (I, D) float32.

    Pixel [i, d] is the pair of bins (i, i + d), D = ``max_distance_bins`` + 1, in count-like contacts; nan where nothing is
    predicted: outside the regions asked for, and where no window has all tracks. Masked bins are predicted like others.

    Parameters
    ----------
    score : windows -> r (n, N, N), the log of observed over expected contacts, both plus 1; nan counts as not predicted

    Raises
    ------
    InputError
        When the sample is unknown, the task reaches beyond the arrays, or no window fits in the regions.
    ConfigError
        When the stride leaves pixels between the windows.
    """
    decay_D = expected_decay(inputs.arrays, inputs.splits, inputs.examples, inputs.sample)
    cover = Cover(config.regions, config.predict_stride_bins, config.max_distance_bins)
    ratios = stitched_bands(inputs.arrays, inputs.splits, inputs.sample, cover, score)
    return {"mcool": {chrom: contacts_of_ratio(r_ID, decay_D) for chrom, r_ID in ratios}}
