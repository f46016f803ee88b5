"""Metrics of a map against direct, slow computations."""

import dataclasses

import numpy as np
import pytest
from scipy import stats

from chiasma.evaluation import map_metrics
from chiasma.evaluation.intervals import Bootstrap
from chiasma.evaluation.map_config import MapConfig
from chiasma.evaluation.map_control import can_be_wrong, shifted_scores
from chiasma.evaluation.map_fields import build_fields
from chiasma.evaluation.map_metrics import Observed
from chiasma.evaluation.map_pixels import common_pieces

CONFIG = MapConfig(
    block_bp=200_000, draws=20, window_bins=30, stratum_pixels=50, insulation_bins=6, scc_smooth_bins=1, coarse_bp=20_000
)  # fmt: skip
PLACE = ("a", "c")


@pytest.fixture(scope="module")
def compared(planted):
    """The truth of one sample and chromosome, and a noisy prediction."""
    band = planted.observed[PLACE]
    band = band * np.random.default_rng(1).lognormal(0, 0.5, band.shape)
    return observe(planted, band)


def observe(planted, band):
    bootstrap = Bootstrap(planted.splits, CONFIG.block_bp, CONFIG.draws, 1)
    pieces = common_pieces([{PLACE: band}], planted.arrays, planted.splits, bootstrap.blocks, 0)
    truth = build_fields(pieces, [piece.contacts_IS for piece in pieces], CONFIG, 10_000)
    observed = Observed("a", pieces, truth, bootstrap, CONFIG, 10_000)
    return observed, build_fields(pieces, [piece.cut(band) for piece in pieces], CONFIG, 10_000)


def scores(observed, fields):
    return map_metrics.map_scores(observed, fields, map_metrics.log_moments(observed, fields))


def columns(observed, fields, name):
    """Yield the counted values of truth and prediction at each distance."""
    counted = observed.pieces[0].counted_IS
    for distance in range(counted.shape[1]):
        own = counted[:, distance]
        yield tuple(getattr(each[0], name)[own, distance].astype(float) for each in (observed.fields, fields))


def test_distance_spearman_is_the_mean_of_the_rank_correlations_of_each_distance(compared):
    observed, _ = compared
    found = [stats.spearmanr(*pair).statistic for pair in columns(*compared, "log_IS")]
    wanted = np.mean(np.array(found)[observed.kept_S])
    assert scores(*compared)["distance_spearman"][0][0] == pytest.approx(wanted)


def test_scc_is_the_weighted_mean_of_stratum_correlations(compared):
    top = bottom = 0.0
    for truth, predicted in columns(*compared, "smooth_IS"):
        n = len(truth)
        spread = [np.var(stats.rankdata(values) / n, ddof=1) for values in (truth, predicted)]
        weight = n * np.sqrt(spread[0] * spread[1])
        top += weight * stats.pearsonr(truth, predicted).statistic
        bottom += weight
    assert scores(*compared)["scc"][0][0] == pytest.approx(top / bottom)


def test_metrics_of_pixels_are_those_of_scipy(compared):
    observed, fields = compared
    found = {name: draws[0] for name, (draws, _) in scores(observed, fields).items()}
    counted = observed.counted_IS
    truth, predicted = (each[0].log_IS[counted].astype(float) for each in (observed.fields, fields))
    assert found["pearson"] == pytest.approx(stats.pearsonr(truth, predicted).statistic)
    assert found["spearman"] == pytest.approx(stats.spearmanr(truth, predicted).statistic)
    by_distance = [stats.pearsonr(*pair).statistic for pair in columns(observed, fields, "log_IS")]
    assert found["distance_pearson"] == pytest.approx(np.mean(by_distance))
    known = np.isfinite(observed.fields[0].insulation_I)
    profiles = (each[0].insulation_I[known] for each in (observed.fields, fields))
    assert found["insulation_pearson"] == pytest.approx(stats.pearsonr(*profiles).statistic)


def test_a_draw_is_the_metric_of_its_blocks_repeated(compared):
    observed, fields = compared
    draw = 3
    times = observed.bootstrap.weight_DB[draw][np.repeat(observed.block_I, observed.counted_IS.sum(axis=1))].astype(int)
    assert times.max() > 1
    truth, predicted = (
        np.repeat(each[0].ratio_IS[observed.counted_IS].astype(float), times) for each in (observed.fields, fields)
    )
    assert scores(observed, fields)["oe_pearson"][0][draw] == pytest.approx(stats.pearsonr(truth, predicted).statistic)


def test_a_distance_with_few_pixels_has_no_say(compared):
    observed, fields = compared
    several = dataclasses.replace(observed, config=dataclasses.replace(CONFIG, stratum_pixels=295))
    count = observed.counted_IS.sum(axis=0)
    assert 0 < (count >= 295).sum() < len(count)
    by_distance = [
        stats.pearsonr(*pair).statistic for pair in columns(observed, fields, "log_IS") if len(pair[0]) >= 295
    ]
    found, n = scores(several, fields)["distance_pearson"]
    assert found[0] == pytest.approx(np.mean(by_distance))
    assert n == count[count >= 295].sum()


def test_the_control_keeps_the_structure_and_loses_the_place(planted):
    observed, fields = observe(planted, planted.observed[PLACE])
    found = {name: draws for name, (draws, _) in shifted_scores(observed, fields).items()}
    assert all(len(draws) == CONFIG.permutations for draws in found.values())
    assert np.abs(found["oe_pearson"]).max() < 0.9
    assert found["oe_pearson"].std() > 0.01
    assert found["compartment_r"].max() < scores(observed, fields)["compartment_r"][0][0]


def test_compartments_agree_as_far_as_their_windows_correlate_and_vary_with_the_blocks_drawn(compared):
    observed, fields = compared
    (truth_WK,), (own_WK,) = ([each.compartment_WK for each in maps] for maps in (observed.fields, fields))
    known_WK = np.isfinite(truth_WK) & np.isfinite(own_WK)
    each = [
        abs(np.corrcoef(truth[known], own[known])[0, 1])
        for truth, own, known in zip(truth_WK, own_WK, known_WK, strict=True)
    ]
    found_D, bins = scores(observed, fields)["compartment_r"]
    assert bins == known_WK.sum()
    assert found_D[0] == pytest.approx(np.average(each, weights=known_WK.sum(axis=1)))
    assert np.nanstd(found_D) > 0, "also where there is one window"


def test_only_a_map_beyond_its_decay_can_be_wrong(planted):
    assert can_be_wrong(observe(planted, planted.observed[PLACE])[1])
    assert not can_be_wrong(observe(planted, planted.decay[PLACE])[1])
