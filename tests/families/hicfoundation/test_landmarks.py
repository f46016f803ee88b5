"""Landmarks: chance and copy by the formulas, and an image's mean at each distance; the published numbers of a wide window."""

import math

import numpy as np
import pytest
import torch
from simulated_windows import window
from toy import toy_config

from chiasma.families.hicfoundation.landmarks import decay_image, landmarks
from chiasma.schema.tables import CHANCE, FLOOR


def measured(variant, bins, count=2, **changes):
    windows = [window(bins, 40, seed) for seed in range(1, count + 1)]
    examples = {name: np.concatenate([each[name] for each in windows]) for name in windows[0]}
    found = landmarks(toy_config("hicfoundation", variant, **changes), examples)
    assert all(len(each.values) == count for each in found)
    return {(each.part, each.name): each for each in found}


@pytest.fixture(scope="module")
def official():
    return measured("toy_official", 224, patch=16)


def test_the_published_contrast_has_little_room_between_a_guess_and_a_perfect_copy(official):
    assert official["contrastive", "chance"].values == pytest.approx([math.log(196)] * 2)
    copies = official["contrastive", "perfect copy"].values
    assert all(0 < math.log(196) - copy < 0.2 for copy in copies)
    assert official["contrastive", "untrained"].values == pytest.approx([math.log(196)] * 2, abs=0.01)


def test_noise_is_far_worse_an_image_than_one_colour(official):
    assert all(0.95 < value < 1 for value in official["ssim", "untrained"].values), "as published networks start"
    noise, mean, decay = (np.mean(official["ssim", name].values) for name in ("untrained", "mean", "distance decay"))
    assert noise > 1.5 * mean and mean > decay > 0
    assert official["ssim", "perfect copy"].values == pytest.approx([0, 0], abs=1e-5)


def test_the_count_is_measured_around_the_mean_of_the_windows(official):
    counts = [math.log10(window(224, 40, seed)["contacts"].sum() + 1) for seed in (1, 2)]
    around = [(count - np.mean(counts)) ** 2 for count in counts]
    assert official["count", "mean"].values == pytest.approx(around, abs=1e-6)
    assert official["count", "untrained"].values == pytest.approx(np.square(counts), rel=1e-5)
    assert ("count", "distance decay") not in official


@pytest.mark.parametrize("variant", ["toy", "toy_official"])
def test_a_part_has_both_roles_or_none_and_chance_lies_above_the_floor(variant):
    found = measured(variant, 32, patch=8)
    parts = {}
    for each in found.values():
        if each.role:
            parts.setdefault(each.part, {})[each.role] = np.mean(each.values)
    assert "contrastive" in parts and "count" not in parts
    assert all(roles.keys() == {CHANCE, FLOOR} and roles[CHANCE] > roles[FLOOR] for roles in parts.values())


def test_the_corrected_objective_gives_knowing_nothing_a_loss_of_one():
    found = measured("toy", 32, patch=8)
    assert found["regression", "mean"].values == pytest.approx([1, 1], abs=0.15)
    untrained, mean = (found["regression", name].values for name in ("untrained", "mean"))
    assert all(noise > flat for noise, flat in zip(untrained, mean, strict=True)), "in every window"
    assert found["regression", "perfect copy"].values == pytest.approx([0, 0])


def test_the_decay_of_an_image_is_its_mean_at_each_distance():
    image = torch.tensor([[[[1.0, 2.0], [4.0, 3.0]]]])
    assert decay_image(image, 0).tolist() == [[[[2.0, 3.0], [3.0, 2.0]]]]
    # the diagonal of the map runs one row lower: distances are 1, 2 in the first row and 0, 1 in the second
    assert decay_image(image, 1).tolist() == [[[[2.0, 2.0], [4.0, 2.0]]]]


def test_the_same_windows_have_the_same_landmarks():
    assert measured("toy_official", 32, patch=8) == measured("toy_official", 32, patch=8)
