"""What the network is shown: transforms by hand, pixels without a value, and what training changes."""

import numpy as np
import pytest
import torch
from toy import PAIR, pair_examples

from chiasma.families.mixhic.batch import augment, contact_channels, encode, track_channels
from chiasma.families.mixhic.config import Config


def example(contacts, expected, valid=True):
    window = np.ones((1, 2, 2), np.float32)
    return {"contacts": contacts * window, "expected": expected * window, "valid": np.full((1, 2, 2), valid)}


@pytest.mark.parametrize(
    ("transform", "contacts", "expected", "wanted"),
    [
        ("log_oe", 7, 1, [2.0]),  # (7 + 1) / (1 + 1) = 4
        ("log_oe", 1000, 0, [4.0]),
        ("log1p", 7, 1, [np.log(8)]),
        ("log_oe_log1p", 7, 1, [2.0, np.log(8)]),
        ("kr_clip255", 51, 1, [0.2]),
        ("kr_clip255", 300, 1, [1.0]),
    ],
)
def test_transforms_by_hand(transform, contacts, expected, wanted):
    channels = contact_channels(example(contacts, expected), Config(contact_transform=transform))
    assert channels.shape == (1, len(wanted), 2, 2)
    np.testing.assert_allclose(channels[0, :, 0, 0], wanted, rtol=1e-6)


def test_a_pixel_without_a_value_is_taken_as_expected():
    config = Config(contact_transform="log_oe_log1p")
    masked, typical = example(0, 5, valid=False), example(5, 5)
    np.testing.assert_array_equal(contact_channels(masked, config), contact_channels(typical, config))
    masked["contacts"] *= np.nan
    assert np.isfinite(contact_channels(masked, config)).all()
    assert (contact_channels(masked, Config(contact_transform="kr_clip255")) == 0).all()


def test_tracks_are_on_a_log_scale_unless_raw():
    examples = {"tracks": np.array([[[0.0], [3.0], [-1.0]]], np.float32)}
    np.testing.assert_allclose(track_channels(examples, Config())[0, :, 0], [0, 2, 0])
    np.testing.assert_allclose(track_channels(examples, Config(track_transform="raw")), examples["tracks"])


def test_about_the_asked_share_is_flipped_contacts_with_tracks_and_targets():
    one = pair_examples(1) | {"targets": np.random.default_rng(1).random((1, 2 * PAIR.tile_bins, 1))}
    examples = {name: np.repeat(array, 400, axis=0) for name, array in one.items()}
    seen = augment(examples, Config(flip_probability=0.25), np.random.default_rng(0))
    changed = {
        name: (seen[name] != examples[name]).reshape(400, -1).any(axis=1) for name in ("contacts", "tracks", "targets")
    }
    np.testing.assert_array_equal(changed["contacts"], changed["tracks"])
    np.testing.assert_array_equal(changed["contacts"], changed["targets"])
    assert 60 < changed["contacts"].sum() < 140


def test_noise_is_of_training_and_of_tracks_alone_and_off_by_default():
    examples = pair_examples(6)
    plain, still = encode(examples, Config(), None), encode(examples, Config(), np.random.default_rng(0))
    assert all(torch.equal(still[key], plain[key]) for key in plain)
    numbers = Config(track_noise=0.1)
    noisy, evaluated = encode(examples, numbers, np.random.default_rng(0)), encode(examples, numbers, None)
    assert (noisy["tracks"] - plain["tracks"]).std().item() == pytest.approx(0.1, rel=0.1)
    assert torch.equal(noisy["contacts"], plain["contacts"])
    assert torch.equal(evaluated["tracks"], plain["tracks"])


def test_without_a_share_to_flip_training_shows_the_tile_as_it_is():
    examples = pair_examples(6)
    seen = augment(examples, Config(flip_probability=0.0), np.random.default_rng(0))
    assert all(np.array_equal(seen[name], array) for name, array in examples.items())
