from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from chiasma.simulate.config import Config
from chiasma.simulate.contacts import decay
from chiasma.simulate.landscape import Landscape, PlantExpected, affinity, build_landscape, draw_trans, expect_whole

CONFIG = Config({"chr1": 2_000_000, "chr2": 1_500_000}, 300_000, biology="plant", samples=("leaf",))


def landscape(centre, arm=0.0, networks=0.0):
    return Landscape(
        *(np.array(values, float) for values in (centre, np.zeros(len(centre)) + arm)),
        np.zeros((len(centre), 1)) + np.reshape(networks, (-1, 1)),
    )


def regions(rows):
    table = pd.DataFrame(rows, columns=["start", "end", "kind", "network", "strength"])
    return table.assign(chrom="chr1", activity_leaf=1.0)


def test_centres_and_arms_by_hand():
    bins = landscape([1.0, 0.0, 0.5])
    far = np.full((3, 3), 1e12)
    table = affinity(CONFIG, bins, bins, far)
    gain, depletion = CONFIG.centre_gain, CONFIG.centre_depletion
    assert table[0, 0] == pytest.approx(gain)
    assert table[0, 1] == pytest.approx(depletion)
    assert table[1, 1] == pytest.approx(1)
    assert table[0, 2] == pytest.approx((gain * depletion) ** 0.5)  # half of the cells each
    np.testing.assert_allclose(table, table.T)
    between = affinity(CONFIG, bins, bins)
    assert between[0, 0] == pytest.approx(CONFIG.centre_trans)
    assert between[0, 1] == pytest.approx(depletion)


def test_at_the_diagonal_nothing_but_decay_is_left():
    bins = landscape([1.0, 0.0], arm=0.7, networks=[2.0, 2.0])
    np.testing.assert_allclose(affinity(CONFIG, bins, bins, np.zeros((2, 2))), 1)


def test_alike_compartments_of_the_arms_touch_more_but_weakly():
    bins = Landscape(np.zeros(2), np.array([0.8, -0.8]), np.zeros((2, 1)))
    table = affinity(CONFIG, bins, bins)
    assert table[0, 0] == pytest.approx(table[1, 1]) == pytest.approx(np.exp(0.64 * CONFIG.arm_strength))
    assert 0.85 < table[0, 1] < 1


def test_two_domains_of_a_network_gain_what_the_key_says_and_two_networks_nothing():
    table = regions(
        [(0, 5000, "polycomb", 0, 1.0), (100_000, 105_000, "polycomb", 0, 0.5), (200_000, 205_000, "polycomb", 1, 1.0)]
    )
    bins = build_landscape(CONFIG, "leaf", table, np.zeros(400))
    between = affinity(CONFIG, bins, bins)
    assert between[0, 0] == pytest.approx(CONFIG.polycomb_gain)
    assert between[0, 20] == pytest.approx(1 + 0.5 * (CONFIG.polycomb_gain - 1))
    assert between[0, 40] == pytest.approx(1)
    gone = build_landscape(CONFIG, "leaf", table.assign(activity_leaf=0.0), np.zeros(400))
    np.testing.assert_allclose(affinity(CONFIG, gone, gone), 1)


def test_the_centres_compartment_is_not_counted_twice():
    table = regions([(1_000_000, 2_000_000, "centre", -1, 1.0)])
    bins = build_landscape(CONFIG, "leaf", table, np.full(400, -1.0))
    assert bins.centre[50] == pytest.approx(0, abs=1e-6)
    assert bins.centre[300] == pytest.approx(1)
    assert bins.arm[300] == pytest.approx(0)
    assert bins.arm[50] == pytest.approx(-1)
    assert 0.3 < bins.centre[200] < 0.7  # a soft border


def test_the_whole_map_is_decay_times_affinity():
    bins = landscape(np.repeat([1.0, 0.0], [30, 70]))
    band = expect_whole(CONFIG, bins)
    assert band.shape == (100, 100)
    np.testing.assert_allclose(band[40], np.where(np.arange(100) < 60, decay(CONFIG, np.arange(100)), 0), rtol=1e-5)
    distance = 25 * 5000.0
    ramp = distance / (distance + 150_000)
    assert band[2, 25] == pytest.approx(decay(CONFIG, np.array([25]))[0] * CONFIG.centre_gain**ramp, rel=1e-5)


def test_contacts_between_chromosomes_are_as_many_as_asked_and_where_they_belong():
    config = replace(CONFIG, contacts_cis=0.5)
    sizes = {"chr1": 400, "chr2": 300}
    expected = {}
    for chrom, n_bins in sizes.items():
        bins = landscape(np.where(np.arange(n_bins) < 100, 1.0, 0.0))
        visibility = np.ones(n_bins)
        visibility[7] = 0
        expected[chrom] = PlantExpected(np.zeros((n_bins, 1), np.float32), np.zeros(n_bins), visibility, bins)
    bin1, bin2, count = draw_trans(config, expected, np.random.default_rng(2))
    assert count.sum() == pytest.approx(150_000, abs=5 * 150_000**0.5)
    assert (bin1 < 400).all()
    assert (bin2 >= 400).all()
    assert not np.isin([7, 407], [bin1, bin2]).any()
    total = np.zeros((400, 300))
    np.add.at(total, (bin1, bin2 - 400), count)
    centres, arms, mixed = total[:100, :100].mean(), total[100:, 100:].mean(), total[:100, 100:].mean()
    assert centres / arms == pytest.approx(CONFIG.centre_trans * 0.99**2, rel=0.06)
    assert mixed / arms == pytest.approx(CONFIG.centre_depletion * 0.99, rel=0.06)


def test_one_chromosome_has_no_contacts_with_others():
    bins = landscape(np.zeros(400))
    only = {"chr1": PlantExpected(np.zeros((400, 1), np.float32), np.zeros(400), np.ones(400), bins)}
    assert [len(column) for column in draw_trans(CONFIG, only, np.random.default_rng(1))] == [0, 0, 0]
