from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from chiasma.simulate import bands, truth
from chiasma.simulate.config import Config
from chiasma.simulate.contacts import Expected, decay
from chiasma.simulate.truth import enrichment, find_domains, find_loops, find_minima, over_distance, surroundings

CONFIG = Config({"chr1": 2_000_000}, 1000)


def flat(n_bins=400, width=300):
    band = np.tile(decay(CONFIG, np.arange(width)), (n_bins, 1)).astype(np.float32)
    bands.clear_beyond_end(band)
    return band


def dotted(places, height=5.0):
    dots = np.zeros((400, 300), np.float32)
    for i, j in places:
        dots[i, j - i] = 1
    return flat() * (1 + height * bands.smooth(dots, 1.0) * 2 * np.pi)


def loops_of(band, sites, visibility=1.0):
    """Return the true loops of a map with this expectation."""
    seen = np.full(400, 1.0) * visibility
    return find_loops(CONFIG, Expected(band, np.zeros(400), seen), sites, "alpha", "chr1")


def ctcf(rows, sample="alpha"):
    columns = {"chrom": "chr1", "kind": "ctcf", "strength": 0.9, f"activity_{sample}": 1.0}
    frame = pd.DataFrame(
        [{"start": place * 5000 + 2400, "end": place * 5000 + 2419, "strand": strand} for place, strand in rows]
    )
    return frame.assign(**columns)


def test_surroundings_leave_out_the_centre_and_sum_to_one():
    masks = surroundings()
    np.testing.assert_allclose(masks.sum(axis=(1, 2)), 1)
    assert not masks[:, 3:8, 3:8].any()
    row, column = np.argwhere(masks[1] > 0).T
    assert (row > 5).all()  # lower left is nearer to the diagonal: larger first bins,
    assert (column < 5).all()  # smaller second bins


def test_a_flat_map_is_enriched_nowhere():
    oe = over_distance(flat())
    np.testing.assert_allclose(enrichment(oe, np.array([100, 200]), np.array([150, 204])), 1, rtol=1e-4)


def test_a_dot_between_convergent_sites_is_a_loop():
    loops = loops_of(dotted([(100, 160)]), ctcf([(100, "+"), (160, "-"), (220, "-")]))
    assert len(loops) == 1
    row = loops.iloc[0]
    assert (row.chrom1, row.start1, row.end1, row.start2, row.end2) == ("chr1", 500_000, 505_000, 800_000, 805_000)
    assert (row.strand1, row.strand2) == ("+", "-")
    assert row.strength > 2


@pytest.mark.parametrize("sites", [[(100, "-"), (160, "+")], [(100, "+"), (160, "+")], [(100, "+"), (150, "-")]])
def test_a_dot_elsewhere_is_not(sites):
    assert loops_of(dotted([(100, 160)]), ctcf(sites)).empty


def test_an_inactive_site_makes_no_loop():
    sites = ctcf([(100, "+"), (160, "-")]).assign(activity_alpha=[1.0, 0.0])
    assert loops_of(dotted([(100, 160)]), sites).empty


def test_an_anchor_that_cannot_be_seen_makes_no_loop():
    sites = ctcf([(100, "+"), (160, "-")])
    visibility = np.where(np.arange(400) == 160, 0.2, 1)
    assert loops_of(dotted([(100, 160)]), sites, visibility).empty


def test_weak_near_and_far_dots_are_no_loops():
    sites = ctcf([(100, "+"), (160, "-"), (303, "-")])
    assert loops_of(dotted([(100, 160)], height=0.3), sites).empty
    assert loops_of(dotted([(100, 303)]), sites).empty  # over 1 Mb
    assert loops_of(dotted([(100, 103)]), ctcf([(100, "+"), (103, "-")])).empty


def test_of_neighbouring_pairs_the_strongest_stays():
    sites = ctcf([(100, "+"), (101, "+"), (160, "-")])
    loops = loops_of(dotted([(101, 160)]), sites)
    assert loops.start1.tolist() == [101 * 5000]


def test_minima_need_a_rise_on_both_sides():
    values = np.ones(100)
    values[30] = 0.5
    values[60:] = 0.2  # a step is no minimum
    assert find_minima(values, 10).tolist() == [30]


def test_domains_meet_where_contacts_are_cut():
    band = flat()
    for i in range(400):
        band[i, max(200 - i, 0) :] *= 0.3 if i < 200 else 1
    domains = find_domains(CONFIG, band, "chr1")
    assert domains.start.tolist()[0] == 0
    assert domains.end.tolist()[-1] == 2_000_000
    assert (domains.start.to_numpy()[1:] == domains.end.to_numpy()[:-1]).all()
    assert abs(domains.end[0] - 1_000_000) <= 10_000
    assert truth.find_domains(CONFIG, flat(), "chr1").shape[0] == 1
