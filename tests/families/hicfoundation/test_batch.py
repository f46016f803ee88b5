"""What the network is shown: transforms by hand, the published image, depth and count, pixels without a value."""

import numpy as np
import pytest
import torch
from toy import pair_examples, toy_config

from chiasma.families.hicfoundation.batch import UNKNOWN_COUNT, augment, contact_image, encode
from chiasma.families.hicfoundation.config import Config

RGB = {"image": "rgb", "contact_transform": "log10_max", "objective": "official"}
OFFICIAL = Config(**RGB, count_input="unknown")


def example(contacts, expected=1.0, valid=True):
    contacts = np.asarray(contacts, np.float32)[None]
    return {
        "contacts": contacts,
        "expected": np.full_like(contacts, expected),
        "valid": np.broadcast_to(np.asarray(valid), contacts.shape).copy(),
        "distance_bins": np.array([7]),
    }


@pytest.mark.parametrize(
    ("transform", "wanted"),
    [
        ("log_oe", [2, -1, 4, 0]),  # (7 + 1) / (1 + 1) = 4, 1 / 2, then bounded, 2 / 2
        ("log1p", np.log([8, 1, 100_000, 2])),
        ("log10_max", [np.log10(8) / 5, 0, 1, np.log10(2) / 5]),
    ],
)
def test_transforms_by_hand(transform, wanted):
    window = np.array([[[7, 0], [99_999, 1]]], np.float32)
    image = contact_image(window, np.ones_like(window), Config(contact_transform=transform))
    assert image.shape == (1, 1, 2, 2)
    np.testing.assert_allclose(image[0, 0].ravel(), wanted, rtol=1e-6)


def test_the_published_image_is_a_white_to_red_heat_map_normalised_as_photographs():
    image = encode(example([[0, 9], [99, 0]]), OFFICIAL, None)["contacts"][0]
    red = (1 - 0.485) / 0.229
    white_green, half_green, full_green = ((value - 0.456) / 0.224 for value in (1, 0.5, 0))
    torch.testing.assert_close(image[0], torch.full((2, 2), red))
    torch.testing.assert_close(image[1], torch.tensor([[white_green, half_green], [full_green, white_green]]))
    assert image[2, 1, 0].item() == pytest.approx((0 - 0.406) / 0.225)


def test_an_empty_window_is_white():
    torch.testing.assert_close(
        encode(example(np.zeros((2, 2))), OFFICIAL, None)["contacts"][0, 1], torch.full((2, 2), (1 - 0.456) / 0.224)
    )


def test_a_pixel_without_a_value_is_taken_as_expected_and_does_not_count():
    contacts, valid = [[5, 3], [np.nan, 5]], [[True, True], [False, True]]
    batch = encode(example(contacts, 5, valid), Config(), None)
    assert batch["contacts"][0, 0, 1, 0].item() == 0
    assert batch["counted"][0].tolist() == [[1, 1], [0, 1]]
    assert batch["count"].item() == pytest.approx(np.log10(14 / 16))
    assert batch["depth"].item() == 15
    relative = encode(example(contacts, 5, valid), OFFICIAL, None)
    assert torch.isfinite(relative["contacts"]).all()
    assert relative["contacts"][0, 1, 1, 0].item() == pytest.approx((1 - 0.456) / 0.224)


def test_as_published_pixels_with_contacts_count_and_the_count_is_absolute():
    batch = encode(example([[0, 9], [90, 0]], 50), OFFICIAL, None)
    assert batch["counted"][0].tolist() == [[0, 1], [1, 0]]
    assert batch["count"].item() == pytest.approx(2)
    assert batch["depth"].item() == UNKNOWN_COUNT
    assert batch["diagonal"].item() == 7


def test_the_count_token_is_not_told_what_it_is_asked():
    few, many = (encode(example([[0, 9], [value, 0]], 50), Config(), None) for value in (90, 9000))
    assert few["depth"] == many["depth"] == 200
    assert few["count"] < many["count"]


def test_contacts_alone_are_read():
    examples = pair_examples(2)
    batch = encode(examples, toy_config("hicfoundation"), None)
    assert not encode({name: array for name, array in examples.items() if name != "contacts"}, Config(), None)
    others = examples | {"tracks": examples["tracks"] + 1}
    assert all(torch.equal(tensor, batch[name]) for name, tensor in encode(others, Config(), None).items())


@pytest.mark.parametrize(("share", "changed"), [(0.0, 0), (1.0, 6)])
def test_a_share_is_read_along_the_other_strand(share, changed):
    examples = pair_examples(6)
    seen = augment(examples, Config(flip_probability=share), np.random.default_rng(0))
    assert (seen["contacts"] != examples["contacts"]).any(axis=(1, 2)).sum() == changed


@pytest.mark.parametrize("shape", [(4, 8), (8, 4), (6, 6)])
def test_the_diagonal_is_where_rows_and_columns_are_the_same_bins(shape):
    """Rows [x - R / 2, x + R / 2), columns [y - K / 2, y + K / 2), with x = 20 and y = 21."""
    rows, cols = 20 - shape[0] // 2 + np.arange(shape[0]), 21 - shape[1] // 2 + np.arange(shape[1])
    on_diagonal = rows[:, None] == cols
    examples = example(on_diagonal) | {"distance_bins": np.array([1])}
    diagonal = encode(examples, Config(), None)["diagonal"].item()
    row, col = np.nonzero(on_diagonal)
    assert set((row - col).tolist()) == {diagonal}
