"""What the network is shown: transforms by hand, pixels without a value, and the other strand."""

import numpy as np
import pytest
import torch
from toy import pair_examples

from chiasma.families.mixhic.batch import augment, contact_channels, encode, flip_strand, track_channels
from chiasma.families.mixhic.config import Config

BINS, PER_BIN, GENOME = 8, 3, 60


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


def genome(seed=0):
    rng = np.random.default_rng(seed)
    contacts = rng.random((GENOME, GENOME)).astype(np.float32)
    return contacts + contacts.T, rng.random((GENOME, PER_BIN, 2)).astype(np.float32)


def window(contacts, tracks, bin1, bin2):
    """The tile of a pair, as the tile arrays define it: rows and columns [bin - h, bin + h)."""
    rows, cols = (slice(at - BINS // 2, at + BINS // 2) for at in (bin1, bin2))
    strips = np.concatenate([tracks[rows].reshape(-1, 2), tracks[cols].reshape(-1, 2)])
    return contacts[None, None, rows, cols], strips[None]


def test_a_flipped_tile_is_the_tile_of_the_reversed_genome():
    contacts, tracks = genome()
    bin1, bin2 = 20, 31
    flipped, strips = flip_strand(*window(contacts, tracks, bin1, bin2))
    wanted, wanted_strips = window(contacts[::-1, ::-1], tracks[::-1, ::-1], GENOME - 1 - bin2, GENOME - 1 - bin1)
    np.testing.assert_array_equal(flipped[..., 1:, 1:], wanted[..., 1:, 1:])
    per_strip = strips.reshape(1, 2, BINS, PER_BIN, 2), wanted_strips.reshape(1, 2, BINS, PER_BIN, 2)
    np.testing.assert_array_equal(per_strip[0][:, :, 1:], per_strip[1][:, :, 1:])


def test_the_pairs_own_pixel_stays_and_the_edge_repeats_its_neighbour():
    tile, strips = window(*genome(), 20, 31)
    flipped, _ = flip_strand(tile, strips)
    assert flipped[0, 0, BINS // 2, BINS // 2] == tile[0, 0, BINS // 2, BINS // 2]
    np.testing.assert_array_equal(flipped[0, 0, 0, 1:], flipped[0, 0, 1, 1:])


def test_flipping_twice_gives_the_tile_back_but_for_its_first_bin():
    tile, strips = window(*genome(), 20, 31)
    again, strips_again = flip_strand(*flip_strand(tile, strips))
    np.testing.assert_array_equal(again[..., 1:, 1:], tile[..., 1:, 1:])
    np.testing.assert_array_equal(strips_again[:, PER_BIN : BINS * PER_BIN], strips[:, PER_BIN : BINS * PER_BIN])


def test_about_the_asked_share_is_flipped_contacts_with_tracks():
    contacts, tracks = (np.repeat(array, 400, axis=0) for array in window(*genome(), 20, 31))
    flipped, strips = augment(contacts, tracks, Config(flip_probability=0.25), np.random.default_rng(0))
    changed = (flipped != contacts).any(axis=(1, 2, 3))
    np.testing.assert_array_equal(changed, (strips != tracks).any(axis=(1, 2)))
    assert 60 < changed.sum() < 140


def test_evaluation_shows_the_tile_as_it_is_and_noise_is_off_by_default():
    examples = pair_examples(6)
    still = encode(examples, Config(flip_probability=0.0), np.random.default_rng(0))
    plain = encode(examples, Config(), None)
    assert all(torch.equal(still[key], plain[key]) for key in plain)
    noisy = encode(examples, Config(flip_probability=0.0, track_noise=0.1), np.random.default_rng(0))
    assert (noisy["tracks"] - plain["tracks"]).std().item() == pytest.approx(0.1, rel=0.1)
