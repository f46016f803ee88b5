"""What is looked at in a map: each on a map where the answer is known."""

import numpy as np
import pytest

from chiasma.evaluation import map_fields
from chiasma.tiles.arrays import band_of


def counted_band(bins, strata, valid=None):
    valid = np.ones(bins, bool) if valid is None else valid
    return band_of(np.outer(valid, valid), strata).astype(bool) & (np.arange(bins)[:, None] + np.arange(strata) < bins)


def decay(counted, level=100.0):
    return level / (1 + np.arange(counted.shape[1])), np.where(counted, level / (1 + np.arange(counted.shape[1])), 0)


def symmetric(rng, bins):
    upper = np.triu(rng.poisson(5, (bins, bins)))
    return (upper + np.triu(upper, 1).T).astype(float)


@pytest.mark.parametrize("reach", [0, 1, 2])
def test_the_mean_filter_is_a_sum_over_the_dense_square(reach):
    rng, bins, strata = np.random.default_rng(1), 24, 9
    valid = rng.random(bins) > 0.15
    distance = np.abs(np.subtract.outer(np.arange(bins), np.arange(bins)))
    held = np.outer(valid, valid) & (distance < strata)
    dense, mean_S = symmetric(rng, bins) * held, 5 / (1 + np.arange(strata))
    counted = counted_band(bins, strata, valid)
    found = map_fields.mean_filter(band_of(dense, strata), mean_S, counted, reach)
    expected = np.where(held, mean_S[np.minimum(distance, strata - 1)], 0)
    for i, s in np.argwhere(counted):
        square = (slice(max(i - reach, 0), i + reach + 1), slice(max(i + s - reach, 0), i + s + reach + 1))
        assert found[i, s] == pytest.approx(dense[square].sum() / expected[square].sum(), rel=1e-6)
    assert (found[~counted] == 0).all()


def test_nothing_of_a_decay_is_left_whatever_is_masked():
    valid = np.random.default_rng(2).random(80) > 0.2
    counted = counted_band(80, 20, valid)
    mean_S, contacts = decay(counted)
    smooth = map_fields.mean_filter(contacts, mean_S, counted, 2)
    assert smooth[counted] == pytest.approx(1)
    assert map_fields.log_ratio(contacts, mean_S, counted, 1.0) == pytest.approx(0, abs=1e-6)
    score = map_fields.insulation(contacts, mean_S, counted, 5, 1.0)
    assert np.isfinite(score).any()
    assert score[np.isfinite(score)] == pytest.approx(0, abs=1e-12)


def test_insulation_is_the_diamond_by_hand():
    rng, bins, width = np.random.default_rng(3), 30, 4
    dense, counted = symmetric(rng, bins), counted_band(bins, 12)
    mean_S = 5 / (1 + np.arange(12))
    found = map_fields.insulation(band_of(dense, 12), mean_S, counted, width, 1.0)
    i = 15
    pairs = [(i - a, i + b) for a in range(1, width + 1) for b in range(1, width + 1)]
    observed, expected = sum(dense[pair] for pair in pairs), sum(mean_S[y - x] for x, y in pairs)
    assert found[i] == pytest.approx(np.log2((observed + 1) / (expected + 1)))


def test_insulation_is_least_at_a_planted_boundary_and_unknown_at_the_ends():
    counted = counted_band(100, 21)
    mean_S, contacts = decay(counted)
    first, second = np.arange(100)[:, None], np.arange(100)[:, None] + np.arange(21)
    contacts[(first < 60) & (second > 60)] /= 3
    score = map_fields.insulation(contacts, mean_S, counted, 10, 1.0)
    assert np.nanargmin(score) == 60
    assert np.isnan(score[:5]).all()
    assert np.isnan(score[-5:]).all()


def checkerboard(bins, strata, factor, period, strength=0.4):
    """Return the counted pixels and contacts of two kinds of stretches, and the kind of each coarse bin."""
    counted = counted_band(bins, strata)
    kind = np.where(np.arange(bins) // period % 2, 1.0, -1.0)
    second = np.minimum(np.arange(bins)[:, None] + np.arange(strata), bins - 1)
    _, contacts = decay(counted, 1000)
    return counted, contacts * np.exp(strength * kind[:, None] * kind[second]), kind[::factor]


def test_compartments_of_a_checkerboard_are_its_squares():
    counted, contacts, kind_K = checkerboard(400, 100, 5, 60)
    mean_S = contacts.sum(axis=0) / counted.sum(axis=0)
    found_WK = map_fields.compartments(contacts, mean_S, counted, 5, 0.01)
    width = found_WK.shape[1]
    assert found_WK.shape == (3, 40)  # 80 coarse bins, windows of twice the reach of 20
    for place, vector_K in enumerate(found_WK):
        own = kind_K[place * map_fields.window_step(width) :][:width]
        assert abs(np.corrcoef(vector_K, own)[0, 1]) > 0.97
        assert np.mean(vector_K**2) == pytest.approx(1)


def test_a_decay_has_no_compartments_and_a_short_piece_unknown_ones():
    counted = counted_band(200, 50)
    mean_S, contacts = decay(counted)
    assert (map_fields.compartments(contacts, mean_S, counted, 5, 1.0) == 0).all()
    assert np.isnan(map_fields.compartments(contacts[:80], mean_S, counted[:80], 5, 1.0)).all()
    assert map_fields.compartments(contacts[:3], mean_S, counted[:3], 5, 1.0).size == 0
