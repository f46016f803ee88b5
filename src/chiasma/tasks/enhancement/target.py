"""What is predicted of a window of a shallow map, and where the prediction starts from.

Apart from the head, so that a baseline needs no torch. Axes: B examples, N bins of a window.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from scipy.ndimage import gaussian_filter

from chiasma.contracts import Examples
from chiasma.tasks.enhancement.config import Config

LEAST_EXPECTED = 1e-12  # contacts expected under a Gaussian, below which nothing is known


def encode(examples: Examples, config: Config) -> Mapping[str, np.ndarray]:
    """Return what head and loss read of examples.

    scales         (B, N, N, K) float32, log((depth * contacts + 1) / (depth * expected + 1)) of the shallow map, as it is (the first)
                   and smoothed by each of ``sigmas``; 0 where masked and nothing near is known
    expected       (B, N, N) float32, contacts expected of the shallow map: what its noise depends on
    target         (B, N, N) float32, the same as ``scales`` of the deep map's contacts, nan where it is masked; all nan without one
    weight         (B, N, N) float32, how well the deep map tells a pixel: one over the variance of its logarithm, counts being
                   overdispersed by ``dispersion``
    distance_bins  (B,) int64, between the centres of both windows
    """
    depth_B11 = depths(examples, config)[:, None, None]
    expected_BNN = np.asarray(examples["expected"], np.float32)
    deep_BNN = depth_B11 * expected_BNN
    floor_BNN = np.log1p(deep_BNN)
    scales = [np.log(1 + deep_BNN * ratio_BNN) - floor_BNN for ratio_BNN in ratios(examples, config.sigmas)]
    target_BNN = np.full_like(floor_BNN, np.nan)
    if "deeper_contacts" in examples:
        known_BNN = np.log1p(np.asarray(examples["deeper_contacts"], np.float32)) - floor_BNN
        target_BNN = np.where(examples["deeper_valid"], known_BNN, np.float32(np.nan))
    return {
        "scales": np.stack(scales, axis=-1).astype(np.float32),
        "expected": expected_BNN,
        "target": target_BNN,
        "weight": 1 / (1 / (1 + deep_BNN) + np.float32(config.dispersion)),
        "distance_bins": np.asarray(examples["distance_bins"], np.int64),
    }


def ratios(examples: Examples, sigmas: Sequence[float]) -> Iterator[np.ndarray]:
    """Yield observed over expected (B, N, N) float32 of the shallow map, as it is and under a Gaussian of each width in bins.

    Contacts and expected contacts are summed under the Gaussian before they are divided, masked pixels left out of both; where
    nothing is known the ratio is 1.
    """
    valid_BNN = examples["valid"]
    bands = [np.where(valid_BNN, examples[name], np.float32(0)) for name in ("contacts", "expected")]
    unit_NN = np.eye(valid_BNN.shape[1])
    for sigma in (0.0, *sigmas):
        # filtered unit vectors are a Gaussian's matrix on one axis, with nothing beyond the window
        blur_NN = gaussian_filter(unit_NN, (sigma, 0), mode="constant").astype(np.float32)
        sums = [blur_NN @ (band_BNN @ blur_NN.T) for band_BNN in bands]
        yield np.divide(*sums, out=np.ones_like(sums[0]), where=sums[1] > LEAST_EXPECTED)


def depths(examples: Examples, config: Config) -> np.ndarray:
    """Return how many times deeper the map of each example is to be (B,) float32."""
    count = len(examples["contacts"])
    return np.asarray(examples.get("depth", np.full(count, config.depth)), np.float32)
