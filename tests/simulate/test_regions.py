from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from chiasma.simulate.config import Config
from chiasma.simulate.regions import arms_of, build_regions, centre_of, covered
from chiasma.simulate.sites import satellite

CONFIG = Config({"chr1": 12_000_000, "chr2": 6_000_000}, 1000, biology="plant", samples=("leaf", "root"), seed=4)


@pytest.mark.parametrize("chrom", CONFIG.chromosomes)
def test_the_centre_is_of_the_size_asked_for_around_the_satellite(chrom):
    start, end = centre_of(CONFIG, chrom)
    first, last = satellite(CONFIG, chrom)
    assert start < first < last < end
    assert (end - start) / CONFIG.chromosomes[chrom] == pytest.approx(CONFIG.centre_fraction, abs=0.01)
    assert (start % 5000, end % 5000) == (0, 0)
    assert abs((start + end) - (first + last)) <= 20_000


def test_a_centre_is_never_smaller_than_its_satellite():
    config = replace(CONFIG, centre_fraction=0.0)
    start, end = centre_of(config, "chr2")
    assert (start, end) == satellite(config, "chr2")


@pytest.mark.parametrize("chrom", CONFIG.chromosomes)
def test_domains_and_knots_lie_on_the_arms_apart_from_each_other(chrom):
    regions = build_regions(CONFIG, chrom)
    own = regions[regions.kind != "centre"]
    assert (regions.kind == "polycomb").sum() > 10
    for row in own.itertuples():
        assert any(low <= row.start < row.end <= high for low, high in arms_of(CONFIG, chrom))
    assert (own.start.to_numpy()[1:] - own.end.to_numpy()[:-1] >= 2 * CONFIG.resolution_bp).all()
    assert regions.start.is_monotonic_increasing
    assert regions.name.is_unique


def test_knots_are_one_network_and_lie_on_both_arms():
    regions = build_regions(CONFIG, "chr1")
    knots = regions[regions.kind == "knot"]
    left, right = arms_of(CONFIG, "chr1")
    assert [(knots.end <= left[1]).sum(), (knots.start >= right[0]).sum()] == [1, 1]
    assert set(knots.network) == {CONFIG.polycomb_networks}
    assert set(regions.network[regions.kind == "polycomb"]) == set(range(CONFIG.polycomb_networks))
    assert set(regions.network[regions.kind == "centre"]) == {-1}


def test_only_domains_differ_between_cell_types():
    regions = pd.concat([build_regions(CONFIG, chrom) for chrom in CONFIG.chromosomes])
    differs = regions.activity_leaf != regions.activity_root
    assert set(regions.kind[differs]) == {"polycomb"}
    assert differs.sum() / (regions.kind == "polycomb").sum() == pytest.approx(CONFIG.polycomb_specific, abs=0.15)
    assert ((regions.activity_leaf > 0) | (regions.activity_root > 0)).all()


def test_without_knots_and_domains_the_centre_is_left():
    regions = build_regions(replace(CONFIG, knot_count=0, polycomb_spacing_bp=500_000_000), "chr1")
    assert regions.kind.tolist() == ["centre"]


def test_covered_fractions_by_hand():
    regions = pd.DataFrame({"start": [2500, 10_000], "end": [11_000, 20_000]})
    np.testing.assert_allclose(covered(CONFIG, regions, 5), [[0.5, 1, 0.2, 0, 0], [0, 0, 1, 1, 0]])
