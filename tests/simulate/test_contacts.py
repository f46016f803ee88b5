from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from chiasma.simulate import bands, contacts
from chiasma.simulate.config import Config
from chiasma.simulate.contacts import Expected, decay, draw_pixels, expect_band
from chiasma.simulate.loops import Cohesin

CONFIG = Config({"chr1": 2_000_000, "chr2": 1_500_000}, 400_000, contacts_band_bp=500_000, contacts_dispersion=0.0)


def plain(n_bins, compartment=0.0, weight=1.0):
    nothing = np.zeros((n_bins, 100), np.float32)
    state = np.full(n_bins, compartment)
    return Expected(expect_band(CONFIG, Cohesin(nothing, nothing), state), state, np.full(n_bins, weight))


def test_without_cohesin_and_compartments_only_decay_is_left():
    part = plain(300)
    np.testing.assert_allclose(part.band[0], decay(CONFIG, np.arange(100)), rtol=1e-5)
    assert decay(CONFIG, np.array([20]))[0] == pytest.approx(1)
    assert not part.band[299, 1:].any()  # beyond the end


def test_like_compartments_touch_more_and_unlike_ones_less():
    nothing = Cohesin(*np.zeros((2, 200, 90), np.float32))
    state = np.repeat([0.8, -0.8], 100)
    band = expect_band(CONFIG, nothing, state)
    alike, unlike = band[10, 60], band[70, 60]
    assert alike > decay(CONFIG, np.array([60]))[0] > unlike
    assert band[10, 60] == pytest.approx(band[130, 60], rel=1e-5)


def test_contacts_are_as_many_as_asked_and_sorted_pairs():
    expected = {"chr1": plain(400, 0.3), "chr2": plain(300, -0.3, 0.5)}
    bin1, bin2, count = draw_pixels(CONFIG, "alpha", expected)
    assert count.sum() == pytest.approx(400_000, abs=5 * 400_000**0.5)
    assert (count > 0).all()
    assert (bin1 <= bin2).all()
    assert (np.diff(bin1 * 700 + bin2) > 0).all()
    cis = (bin1 < 400) == (bin2 < 400)
    assert count[cis].sum() / count.sum() == pytest.approx(CONFIG.contacts_cis, abs=0.005)
    far = cis & (bin2 - bin1 >= 100)
    assert far.any()
    first = bin1 < 400
    assert count[cis & ~first].sum() / count[cis & first].sum() < 0.5  # badly seen


def test_unseen_bins_have_no_contacts():
    part = plain(400)
    part.visibility[[7, 200]] = 0
    bin1, bin2, _ = draw_pixels(CONFIG, "alpha", {"chr1": part, "chr2": plain(300)})
    assert not np.isin([7, 200], [bin1, bin2]).any()


def test_far_contacts_continue_the_decay():
    bin1, bin2, count = draw_pixels(CONFIG, "alpha", {"chr1": plain(400), "chr2": plain(300)})
    distance = (bin2 - bin1)[bin2 < 400]
    rate = np.bincount(distance, count[bin2 < 400], 400) / (400 - np.arange(400))
    near, far = rate[80:100].sum(), rate[100:120].sum()
    wanted = decay(CONFIG, np.arange(100, 120)).sum() / decay(CONFIG, np.arange(80, 100)).sum()
    assert far / near == pytest.approx(wanted, rel=0.06)


@pytest.mark.parametrize("dispersion", [0.0, 0.5])
def test_variance_is_mean_and_dispersion_times_its_square(dispersion):
    config = replace(CONFIG, contacts_dispersion=dispersion)
    part = Expected(np.full((400, 100), 1, np.float32), np.zeros(400), np.ones(400))
    bands.clear_beyond_end(part.band)
    bin1, bin2, count = contacts._draw_band(config, part, 4.0, np.random.default_rng(1))
    total = np.zeros((400, 100))
    total[bin1, bin2 - bin1] = count
    values = total[:300]
    assert values.mean() == pytest.approx(4, rel=0.03)
    assert values.var() == pytest.approx(4 + dispersion * 16, rel=0.06)


def test_visibility_rises_with_restriction_sites_and_is_zero_in_the_satellite():
    config = replace(CONFIG, contacts_bias=0.0, contacts_unmappable=0.0)
    cut = np.repeat([5, 40], 200)
    seen = contacts.build_visibility(config, "chr1", cut, np.full(400, 0.43), (500_000, 800_000))
    assert not seen[100:160].any()
    assert (seen[160:] > 0).all()
    assert np.median(seen[200:]) > 1.3 * np.median(seen[:100])
