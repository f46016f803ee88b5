"""The caller finds what is planted and little else, whatever a map is multiplied by, and a shallow map as one."""

import numpy as np
import pytest

from chiasma.evaluation.loop_matching import match
from chiasma.evaluation.map_config import MapConfig
from chiasma.evaluation.map_loops import call_loops, callable_pixels, largest_ratios, overdispersion
from chiasma.evaluation.map_pixels import Piece

BINS, STRATA = 500, 60
LOOPS = np.array([(first, first + 12 + first % 25) for first in range(15, 440, 12)])
CONFIG = MapConfig()


def expected_map(loops=LOOPS, strength=2.0):
    """Return a decay with loops three bins wide."""
    first, distance = np.arange(BINS)[:, None], np.arange(STRATA)
    band = np.tile(200 / (1 + distance) ** 0.9, (BINS, 1))
    for bin1, bin2 in loops:
        band *= 1 + strength * np.exp(-((first - bin1) ** 2 + (first + distance - bin2) ** 2) / 2 / 1.2**2)
    return band


def piece_of(contacts, sample="a", first_bin=0):
    counted = np.arange(len(contacts))[:, None] + np.arange(contacts.shape[1]) < len(contacts)
    counts = np.where(counted, contacts, 0).astype(np.float32)
    return Piece(sample, "c", first_bin, counted, counts, np.zeros(len(contacts), np.int64))


def call(truth, contacts, config=CONFIG):
    """Return the loops of one map on the piece that ``truth`` is observed on."""
    own = np.where(truth.counted_IS, contacts, 0).astype(np.float32)
    means = own.sum(axis=0, dtype=float) / truth.counted_IS.sum(axis=0)
    return call_loops([truth], [own], [means], config)[0]


@pytest.fixture(scope="module")
def deep():
    return piece_of(np.random.default_rng(3).poisson(expected_map()))


@pytest.fixture(scope="module")
def shallow(deep):
    return np.random.default_rng(4).binomial(deep.contacts_IS.astype(int), 1 / 8).astype(np.float32)


def test_planted_loops_are_called_in_their_bin_and_hardly_any_other(deep):
    found = call(deep, deep.contacts_IS)
    true = match(found, LOOPS, 1)[0] >= 0
    assert true.sum() >= 0.8 * len(LOOPS)
    assert true.mean() > 0.9


def test_the_map_behind_the_noise_has_the_same_loops(deep):
    assert (match(LOOPS, call(deep, expected_map()), 0)[0] >= 0).mean() > 0.8
    both = match(call(deep, expected_map()), call(deep, deep.contacts_IS), 1)[0] >= 0
    assert both.mean() > 0.85


def test_a_map_without_loops_has_none():
    chance = piece_of(np.random.default_rng(5).poisson(expected_map(LOOPS[:0])))
    assert len(call(chance, chance.contacts_IS)) <= 1


def test_what_a_map_is_multiplied_by_does_not_matter(deep, shallow):
    for contacts in (shallow, expected_map()):
        once = call(deep, contacts)
        assert np.array_equal(once, call(deep, 4 * contacts))
        assert np.array_equal(once, call(deep, contacts / 8))


def test_a_shallow_map_multiplied_to_full_depth_is_called_as_a_shallow_map(deep, shallow):
    itself = piece_of(shallow)
    alone, enlarged = call(itself, shallow), call(deep, 8 * shallow)
    assert len(enlarged) < len(call(deep, deep.contacts_IS)) / 2
    assert (match(alone, enlarged, 0)[0] >= 0).mean() > 0.7
    assert (match(enlarged, LOOPS, 1)[0] >= 0).mean() > 0.8


def test_counts_scatter_as_counts_and_their_multiples_by_the_factor(deep):
    tested = callable_pixels(deep, CONFIG)
    assert overdispersion(deep.contacts_IS, tested) == pytest.approx(1, abs=0.1)
    assert overdispersion(5 * deep.contacts_IS, tested) == pytest.approx(5, rel=0.1)
    assert overdispersion(expected_map(), tested) == 1
    assert overdispersion(np.zeros(tested.shape), tested) == 1


def test_masked_bins_are_neither_loop_nor_background(deep):
    counted = deep.counted_IS.copy()
    masked = LOOPS[3, 0]
    counted[masked] = False
    counted[masked - np.arange(min(masked + 1, STRATA)), np.arange(min(masked + 1, STRATA))] = False
    quiet, loud = np.where(counted, deep.contacts_IS, 0), np.where(counted, deep.contacts_IS, 1e4)
    truth = Piece("a", "c", 0, counted, quiet.astype(np.float32), deep.block_I)
    means = [quiet.sum(axis=0, dtype=float) / counted.sum(axis=0)]
    (found,) = call_loops([truth], [quiet.astype(np.float32)], means, CONFIG)
    assert len(found) > 10
    assert not (found == masked).any()
    pixels = (LOOPS[:, 0], LOOPS[:, 1] - LOOPS[:, 0])
    ratios = [largest_ratios(each.astype(np.float32), means[0], counted, pixels, CONFIG) for each in (quiet, loud)]
    assert np.array_equal(*ratios)


def test_the_background_of_a_flat_map_is_its_mean(deep):
    means = expected_map(LOOPS[:0])[0]
    flat = np.where(deep.counted_IS, means, 0).astype(np.float32)
    pixels = (np.array([0, 30, 480]), np.array([5, 40, 10]))
    assert largest_ratios(flat, means, deep.counted_IS, pixels, CONFIG) == pytest.approx(1, rel=1e-5)


def test_loops_lie_at_the_distances_asked_for_and_apart(deep):
    config = MapConfig(loop_min_distance_bins=15, loop_max_distance_bins=25, loop_radius_bins=4)
    found = call(deep, deep.contacts_IS, config)
    distance = found[:, 1] - found[:, 0]
    assert len(found) > 5
    assert distance.min() >= 15
    assert distance.max() <= 25
    apart = np.abs(found[:, None] - found).max(axis=2)[~np.eye(len(found), dtype=bool)]
    assert apart.min() > 4


def test_pieces_of_a_sample_are_called_together_and_samples_apart(deep):
    other = piece_of(np.random.default_rng(6).poisson(expected_map(LOOPS[:0])), sample="b")
    contacts = [deep.contacts_IS, other.contacts_IS]
    means = [each.sum(axis=0, dtype=float) / deep.counted_IS.sum(axis=0) for each in contacts]
    apart, quiet = call_loops([deep, other], contacts, means, CONFIG)
    assert np.array_equal(apart, call(deep, deep.contacts_IS))
    assert len(quiet) <= 1
    same = Piece("a", "d", 0, other.counted_IS, other.contacts_IS, other.block_I)
    together, _ = call_loops([deep, same], contacts, means, CONFIG)
    assert 0 < len(together) <= len(apart)  # twice the tests, no more loops


def test_an_empty_map_has_no_loops(deep):
    assert call(deep, np.zeros((BINS, STRATA))).shape == (0, 2)
