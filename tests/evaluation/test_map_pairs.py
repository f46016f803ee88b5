"""Known pairs: planted loops stand out of the map that has them, less of a blurred one, and not of a decay."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from planted_map import LOOPS
from scipy.ndimage import gaussian_filter

from chiasma.evaluation.map_annotation import Annotation
from chiasma.evaluation.map_config import MapConfig
from chiasma.evaluation.map_pairs import FEWEST, RANDOM, find_places, pair_scores, ring_sums, surroundings
from chiasma.evaluation.map_pixels import Piece

CHROM = "c"
METRICS = {"pair_enrichment", "pair_auc"}
NUMBERS = {"pseudo_contacts": 0.5}


def frame(pairs, chrom=CHROM):
    return pd.DataFrame([(chrom, *pair) for pair in pairs], columns=["chrom", "bin1", "bin2"])


def scores(compared, **kinds):
    """Return the scores of one prediction by these kinds of pairs, the same of both samples."""
    observed, fields = compared
    known = Annotation(pairs={name: frame(pairs) for name, pairs in kinds.items()})
    return pair_scores(dataclasses.replace(observed, annotations=dict.fromkeys("ab", known)), fields)


def values(found):
    return {name: draws[0] for name, (draws, _) in found.items()}


@pytest.fixture(scope="module")
def sharp(planted, observe):
    return observe(planted.observed, **NUMBERS)


@pytest.fixture(scope="module")
def blurred(planted, observe):
    """The map along both bins: a band's diagonals are shifted so that its columns are second bins."""
    return observe({place: blur(band, 3.0) for place, band in planted.observed.items()}, **NUMBERS)


def blur(band, width):
    bins, strata = band.shape
    whole = np.zeros((bins, bins))
    for d in range(strata):
        whole[np.arange(bins - d), np.arange(d, bins)] = whole[np.arange(d, bins), np.arange(bins - d)] = band[
            : bins - d, d
        ]
    smooth = gaussian_filter(whole, width)
    out = np.zeros_like(band)
    for d in range(strata):
        out[: bins - d, d] = np.diagonal(smooth, d)
    return out


def test_planted_loops_stand_out_and_less_of_a_blurred_map(sharp, blurred):
    best, worse = values(scores(sharp, true=LOOPS)), values(scores(blurred, true=LOOPS))
    assert best["pair_auc"] > 0.95 and best["pair_enrichment"] > 1.5
    for metric in METRICS:
        assert worse[metric] < best[metric] - 0.02


def test_a_decay_shows_no_pair(planted, observe):
    found = values(scores(observe(planted.decay, **NUMBERS), true=LOOPS))
    assert found["pair_enrichment"] == pytest.approx(1, abs=1e-6)
    assert found["pair_auc"] == pytest.approx(0.5, abs=0.2), "what rounding leaves of equal values"


def test_pairs_that_are_none_are_chance(sharp):
    rng = np.random.default_rng(4)
    first = rng.choice(np.arange(100, 360), 60, replace=False)
    found = values(scores(sharp, false=[(at, at + 25) for at in first]))
    assert 0.35 < found["pair_auc"] < 0.65
    assert 0.85 < found["pair_enrichment"] < 1.15


def test_intervals_are_there_and_numbers_count_the_pairs_of_test_regions(blurred):
    found = scores(blurred, true=LOOPS)
    inside = 2 * sum(first >= 100 for first, _ in LOOPS)  # of both samples
    for draws, n in found.values():
        assert n == inside
        assert len(draws) == 21 and draws[1:].min() < draws[1:].max()


def test_several_kinds_have_each_their_scores_and_the_mean(sharp):
    few = LOOPS[-(FEWEST // 2) :]
    found = scores(sharp, true=LOOPS, shifted=[(a + 5, b + 10) for a, b in LOOPS])
    assert set(found) == METRICS | {f"{metric}_of_{name}" for metric in METRICS for name in ("true", "shifted")}
    for metric in METRICS:
        both = np.mean([found[f"{metric}_of_{name}"][0][0] for name in ("true", "shifted")])
        assert found[metric][0][0] == pytest.approx(both)
    short = scores(sharp, true=LOOPS, few=few)
    assert short["pair_auc"][0][0] == short["pair_auc_of_true"][0][0], "an unknown kind is no part of the mean"
    assert np.isnan(short["pair_auc_of_few"][0]).all()


def test_nothing_is_said_without_pairs_and_nan_of_too_few(sharp):
    observed, fields = sharp
    assert pair_scores(observed, fields) == {}
    found = scores(sharp, few=LOOPS[-2:])
    assert set(found) == METRICS
    assert all(np.isnan(draws).all() and n == 4 for draws, n in found.values())


def test_one_pair_by_hand():
    """A flat map of 2 with a centre of 3 x 3 pixels of 8: centre over expected, and a ring that is flat."""
    counted = np.arange(60)[:, None] + np.arange(40) < 60
    contacts = np.where(counted, 2.0, 0)
    for first in (19, 20, 21):
        for second in (39, 40, 41):
            contacts[first, second - first] = 8
    config = MapConfig()
    around = surroundings(contacts, np.full(40, 2.0), counted, config)
    assert around.centre_IS[20, 20] / around.expected_centre_IS[20, 20] == pytest.approx(4)
    assert around.ring_IS[20, 20] / around.expected_ring_IS[20, 20] == pytest.approx(1)
    assert ring_sums(counted, config)[20, 20] == pytest.approx(11**2 - 5**2)


def test_random_pairs_have_the_distance_are_whole_and_lie_away_from_known_ones():
    counted = np.arange(200)[:, None] + np.arange(40) < 200
    counted[120:140] = False
    piece = Piece("a", CHROM, 1000, counted, counted.astype(float), np.zeros(200, np.int64))
    pairs = frame([(1030, 1045), (1060, 1085), (1125, 1140), (1010, 1300), (5, 20)])
    config = MapConfig()
    places = find_places(piece, pairs, "known", config)
    assert [*zip(places.first_n, places.distance_n, strict=True)] == [(30, 15), (60, 25)], "the others are not in it"
    assert places.random_nR.shape == (2, RANDOM)
    for own, distance in zip(places.random_nR, places.distance_n, strict=True):
        assert counted[own, distance].all() and len(np.unique(own)) > RANDOM / 4
        for first, second in ((30, 45), (60, 85)):
            far = np.maximum(abs(own - first), abs(own + distance - second))
            assert far.min() > config.loop_width_bins
    again = find_places(dataclasses.replace(piece, sample="b"), pairs, "known", config)
    assert (again.random_nR == places.random_nR).all(), "those of another depth of the same map are the same"
    assert (find_places(piece, pairs, "other", config).random_nR != places.random_nR).any()
