"""The terms at their known values: chance, perfect copy, definitions by hand."""

import math

import pytest
import torch
from simulated_windows import expected_of, window

from chiasma.families.hicfoundation.batch import encode
from chiasma.families.hicfoundation.config import Config
from chiasma.families.hicfoundation.losses import dissimilarity, masked_regression, patch_contrast
from chiasma.families.hicfoundation.objective import as_colours
from chiasma.families.hicfoundation.patches import patchify

OFFICIAL = Config(image="rgb", contact_transform="log10_max", objective="official")
ONE_CHANNEL = Config(contact_transform="log10_max")


def patches(example, config):
    return patchify(encode(example, config, None)["contacts"], 16)


def copied(target, temperature=1.0, centred=False):
    """Return the contrast of a perfect copy."""
    return patch_contrast(target, target, torch.ones(target.shape[:2]), temperature, centred=centred).item()


@pytest.mark.parametrize(("count", "chance"), [(196, 5.278), (784, 6.664)])
@pytest.mark.parametrize("centred", [False, True])
def test_the_contrast_of_one_patch_drawn_everywhere_is_the_log_of_the_patches(count, chance, centred):
    flat = torch.ones(2, count, 12)
    target = torch.randn(2, count, 12) if centred else flat  # less the mean patch nothing is left of what is drawn
    loss = patch_contrast(flat, target, torch.ones(2, count), 1.0, centred=centred)
    assert loss.item() == pytest.approx(math.log(count), abs=1e-4) == pytest.approx(chance, abs=1e-3)


@pytest.mark.parametrize(("bins", "low", "high"), [(224, 5.12, 5.20), (448, 6.55, 6.61)])
@pytest.mark.parametrize("depth", [50, 300])
def test_the_published_contrast_has_hardly_any_room_below_chance(bins, low, high, depth):
    loss = copied(patches(window(bins, depth), OFFICIAL))
    assert low < loss < high
    assert math.log((bins // 16) ** 2) - loss < 0.16


@pytest.mark.parametrize(("temperature", "low", "high"), [(1.0, 5.8, 6.0), (0.2, 3.3, 5.0), (0.1, 1.3, 4.3)])
@pytest.mark.parametrize("depth", [50, 300])
def test_one_channel_centred_patches_and_a_temperature_make_room(temperature, low, high, depth):
    assert low < copied(patches(window(448, depth), ONE_CHANNEL), temperature, centred=True) < high


def test_the_contrast_by_hand():
    target = torch.eye(3)[None] * 5
    swapped = target[:, [1, 0, 2]]
    asked = torch.tensor([[True, False, True]])
    right, wrong = (-math.log(math.exp(value / 0.5) / (math.exp(2) + 2)) for value in (1, 0))
    assert patch_contrast(swapped, target, asked, 0.5, centred=False).item() == pytest.approx((right + wrong) / 2)
    assert patch_contrast(swapped, target, torch.zeros(1, 3), 0.5, centred=False).item() == 0


def test_centring_takes_off_what_all_patches_of_a_window_share():
    target, shared = torch.randn(2, 9, 4), 100 * torch.randn(2, 1, 4)
    assert copied(target + shared, 0.1, centred=True) == pytest.approx(copied(target, 0.1, centred=True), rel=1e-3)
    assert copied(target + shared, 0.1) > copied(target, 0.1)


def test_the_dissimilarity_is_that_of_the_definition():
    first, second = torch.rand(1, 2, 13, 12), torch.rand(1, 2, 13, 12)
    place = torch.arange(11.0) - 5
    weight = torch.exp(-(place[:, None] ** 2 + place**2) / (2 * 1.5**2))
    weight = weight / weight.sum()
    values = []
    for channel in range(2):
        for row in range(3):
            for col in range(2):
                x, y = (image[0, channel, row : row + 11, col : col + 11] for image in (first, second))
                mean_x, mean_y = ((weight * part).sum() for part in (x, y))
                spread_x, spread_y = (weight * (x - mean_x) ** 2).sum(), (weight * (y - mean_y) ** 2).sum()
                shared = (weight * (x - mean_x) * (y - mean_y)).sum()
                top = (2 * mean_x * mean_y + 1e-4) * (2 * shared + 9e-4)
                values.append(top / ((mean_x**2 + mean_y**2 + 1e-4) * (spread_x + spread_y + 9e-4)))
    torch.testing.assert_close(dissimilarity(first, second), 1 - torch.stack(values).mean())


def test_the_dissimilarity_of_an_image_and_itself_is_zero():
    image = torch.rand(2, 3, 16, 16)
    assert dissimilarity(image, image).item() == pytest.approx(0, abs=1e-6)


def test_yardsticks_of_the_dissimilarity():
    example = window(224, 2000)
    image = as_colours(encode(example, OFFICIAL, None)["contacts"])
    decay = example | {"contacts": expected_of(224, 2000)[None]}
    noise, mean_colour, distance = (
        dissimilarity(drawn, image).item()
        for drawn in (
            torch.rand_like(image),
            image.mean(dim=(2, 3), keepdim=True).expand_as(image),
            as_colours(encode(decay, OFFICIAL, None)["contacts"]),
        )
    )
    assert noise == pytest.approx(0.985, abs=0.01)
    assert 0.25 < mean_colour < 0.56 and 0.2 < distance < 0.51
    assert distance < mean_colour


def test_colours_are_those_of_the_heat_map():
    colours = as_colours(encode(window(32, 30), OFFICIAL, None)["contacts"])
    assert (colours[:, 0] - 1).abs().max() < 1e-6
    torch.testing.assert_close(colours[:, 1], colours[:, 2])
    assert as_colours(torch.full((1, 3, 2, 2), 9.0)).max() == 1


def test_the_regression_of_the_windows_mean_is_one_and_of_a_copy_zero():
    target, hidden = torch.randn(3, 6, 4), torch.rand(3, 6, 4) < 0.5
    mean = torch.stack([values[where].mean() for values, where in zip(target, hidden, strict=True)])
    flat = mean[:, None, None].expand_as(target)
    assert masked_regression(flat, target, hidden).item() == pytest.approx(1, abs=1e-5)
    assert masked_regression(target, target, hidden).item() == 0


def test_the_regression_looks_at_hidden_pixels_alone_and_bears_a_window_without_any():
    target, hidden = torch.randn(2, 6, 4), torch.zeros(2, 6, 4, dtype=torch.bool)
    hidden[0, 2] = True
    other = torch.where(hidden, target, target + 7)
    assert masked_regression(other, target, hidden).item() == 0
    drawn = target + 1
    wanted = 1 / target[0, 2].var(correction=0) / 2  # the second window adds 0
    assert masked_regression(drawn, target, hidden).item() == pytest.approx(wanted.item(), rel=1e-5)
