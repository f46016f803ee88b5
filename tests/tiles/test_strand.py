"""A tile read along the other strand is the tile of the reversed genome, windows, tracks and targets alike."""

import numpy as np
import pytest

from chiasma.tiles.strand import flip_strand

BINS, PER_BIN, GENOME = 8, 3, 60
ALL = np.array([True])


def genome(seed=0):
    """A toy genome: symmetric contacts, whether each pixel counts, tracks and targets."""
    rng = np.random.default_rng(seed)
    contacts = rng.random((GENOME, GENOME)).astype(np.float32)
    usable = rng.random(GENOME) > 0.2
    return {
        "contacts": contacts + contacts.T,
        "valid": np.outer(usable, usable),
        "tracks": rng.random((GENOME, PER_BIN, 2)).astype(np.float32),
        "targets": rng.random((GENOME, 1, 1)).astype(np.float32),
    }


def reverse(whole):
    """The same genome, numbered from its other end."""
    return {
        name: array[::-1] if name == "targets" else array[::-1, ::-1] for name, array in whole.items()
    }  # a contact bin has one target, and PER_BIN track bins that change order too


def tile(whole, bin1, bin2):
    """The example of a pair, as the tile arrays define it: rows and columns [bin - h, bin + h)."""
    rows, cols = (slice(at - BINS // 2, at + BINS // 2) for at in (bin1, bin2))
    at = np.arange(GENOME)
    windows = {
        "contacts": whole["contacts"][rows, cols],
        "expected": (100 - np.abs(at[rows, None] - at[None, cols])).astype(np.float32),
        "valid": whole["valid"][rows, cols],
    }
    strips = {
        name: np.concatenate([whole[name][side].reshape(-1, whole[name].shape[-1]) for side in (rows, cols)])
        for name in ("tracks", "targets")
    }
    return {name: array[None] for name, array in (windows | strips | {"distance_bins": np.int64(bin2 - bin1)}).items()}


def by_bin(strips):
    """Strips (1, S, C) as (window, contact bin, track bin, channel)."""
    return strips.reshape(2, BINS, -1, strips.shape[-1])


def several(count=5):
    tiles = [tile(genome(), 12 + at, 25 + 2 * at) for at in range(count)]
    return {name: np.concatenate([one[name] for one in tiles]) for name in tiles[0]}


def test_a_flipped_tile_is_the_tile_of_the_reversed_genome():
    bin1, bin2 = 20, 31
    flipped = flip_strand(tile(genome(), bin1, bin2), ALL)
    wanted = tile(reverse(genome()), GENOME - 1 - bin2, GENOME - 1 - bin1)
    for name in ("contacts", "expected", "valid"):
        np.testing.assert_array_equal(flipped[name][:, 1:, 1:], wanted[name][:, 1:, 1:], err_msg=name)
    for name in ("tracks", "targets"):
        np.testing.assert_array_equal(by_bin(flipped[name])[:, 1:], by_bin(wanted[name])[:, 1:], err_msg=name)


def test_the_pairs_own_pixel_stays_and_the_edge_repeats_its_neighbour():
    examples = tile(genome(), 20, 31)
    flipped = flip_strand(examples, ALL)
    for name in ("contacts", "expected", "valid"):
        assert flipped[name][0, BINS // 2, BINS // 2] == examples[name][0, BINS // 2, BINS // 2]
        np.testing.assert_array_equal(flipped[name][0, 0], flipped[name][0, 1])
        np.testing.assert_array_equal(flipped[name][0, :, 0], flipped[name][0, :, 1])
    for name in ("tracks", "targets"):
        np.testing.assert_array_equal(by_bin(flipped[name])[:, 0], by_bin(flipped[name])[:, 1])


def test_flipping_twice_gives_the_tile_back_but_for_its_first_bin():
    examples = tile(genome(), 20, 31)
    again = flip_strand(flip_strand(examples, ALL), ALL)
    for name in ("contacts", "expected", "valid"):
        np.testing.assert_array_equal(again[name][:, 1:, 1:], examples[name][:, 1:, 1:])
    for name in ("tracks", "targets"):
        np.testing.assert_array_equal(by_bin(again[name])[:, 1:], by_bin(examples[name])[:, 1:])


def test_a_small_strip_by_hand():
    """Windows of two bins [a b] and [c d], centred on b and d: b and d stay and change places, a and c are lost."""
    window = np.arange(4.0).reshape(1, 2, 2)
    examples = dict.fromkeys(("contacts", "expected", "valid"), window)
    flipped = flip_strand(examples | {"targets": np.array([[[1.0], [2.0], [3.0], [4.0]]])}, ALL)
    assert flipped["targets"][0, :, 0].tolist() == [4, 4, 2, 2]
    assert flipped["contacts"][0].tolist() == [[3, 3], [3, 3]]


def test_marked_examples_flip_and_no_others():
    examples, flip = several(), np.array([True, False, True, False, False])
    flipped = flip_strand(examples, flip)
    alone = flip_strand({name: array[flip] for name, array in examples.items()}, np.array([True, True]))
    for name, array in examples.items():
        np.testing.assert_array_equal(flipped[name][~flip], array[~flip], err_msg=name)
        np.testing.assert_array_equal(flipped[name][flip], alone[name], err_msg=name)
    assert not np.array_equal(flipped["targets"][flip], examples["targets"][flip])


@pytest.mark.parametrize("flip", [np.ones(5, bool), np.zeros(5, bool), np.arange(5) % 2 == 0])
def test_the_examples_given_are_left_as_they_are(flip):
    examples, same = several(), several()
    flip_strand(examples, flip)
    for name, array in examples.items():
        np.testing.assert_array_equal(array, same[name], err_msg=name)


def test_what_is_said_of_the_pair_as_a_whole_stays():
    examples = several() | {"label": np.arange(5) % 2}
    flipped = flip_strand(examples, np.ones(5, bool))
    for name in ("distance_bins", "label"):
        np.testing.assert_array_equal(flipped[name], examples[name])
    assert {name: array.dtype for name, array in flipped.items()} == {
        name: array.dtype for name, array in examples.items()
    }


def test_tiles_without_targets_flip_too():
    examples = several()
    plain = {name: array for name, array in examples.items() if name != "targets"}
    flipped, whole = flip_strand(plain, np.ones(5, bool)), flip_strand(examples, np.ones(5, bool))
    assert flipped.keys() == plain.keys()
    np.testing.assert_array_equal(flipped["tracks"], whole["tracks"])
