"""Distances are those of the map's pixels, and their features tell them apart."""

from __future__ import annotations

import torch

from chiasma.nn.distance import diagonal_distances, distance_features, spread_diagonals


def test_distances_are_those_of_the_pixels():
    """Rows are of the first window: pixel (0, 1) of windows 5 apart is 6 apart, pixel (2, 0) is 3, below the diagonal |.|."""
    diagonals_BK = diagonal_distances(torch.tensor([5, 1]), 3)
    found = spread_diagonals(diagonals_BK[..., None]).squeeze(-1)
    assert found.tolist() == [[[5, 6, 7], [4, 5, 6], [3, 4, 5]], [[1, 2, 3], [0, 1, 2], [1, 0, 1]]]


def test_features_tell_distances_apart_and_stay_of_one_size():
    features = distance_features(torch.arange(600))
    assert features.abs().max() <= 1
    gaps = torch.cdist(features, features) + torch.eye(600)
    assert gaps.min() > 1e-4
