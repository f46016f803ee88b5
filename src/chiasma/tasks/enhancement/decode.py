"""From predicted windows to deep maps of whole chromosomes, balanced and with the raw counts that this means.

Axes: I bins of a chromosome, D distance in bins (0 to the largest predicted), N bins of a window, n windows.
"""

from __future__ import annotations

import numpy as np

from chiasma.assays.scales import contacts_of_ratio
from chiasma.contracts import Inputs
from chiasma.tasks.enhancement.config import Config
from chiasma.tiles.stitching import Cover, Score, stitched_bands


def predict(config: Config, inputs: Inputs, score: Score) -> dict[str, dict[str, tuple[np.ndarray, np.ndarray]]]:
    """Return the deep map of one sample as ``mcool``: chromosome -> predicted contacts (I, D) float32 and weights (I,) float64.

    Pixel [i, d] is the pair of bins (i, i + d), D = ``max_distance_bins`` + 1: balanced contacts at the deep map's depth, nan
    where nothing is predicted. Contacts over the weights of both bins are raw counts at that depth; a bin that the shallow map
    masks has no weight.

    Parameters
    ----------
    score : windows -> r (n, N, N), the log of deep over expected contacts, both plus 1; nan counts as not predicted

    Raises
    ------
    InputError
        When the sample is unknown, the task reaches beyond the arrays, or no window fits in the regions.
    ConfigError
        When the stride leaves pixels between the windows.
    """
    arrays, sample = inputs.arrays, inputs.sample
    arrays.check_sample(sample)
    depth = arrays.meta.depth.get(sample, config.depth)
    cover = Cover(config.regions, config.predict_stride_bins, config.max_distance_bins)
    return {
        "mcool": {
            chrom: (contacts_of_ratio(r_ID, depth * arrays.expected(sample, chrom)), arrays.weights(sample, chrom))
            for chrom, r_ID in stitched_bands(arrays, inputs.splits, sample, cover, score)
        }
    }
