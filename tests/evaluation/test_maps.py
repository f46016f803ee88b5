"""The score table of predicted maps: what a perfect, a flat and a noisy map get, and which pixels count."""

import logging

import numpy as np
import pandas as pd
import pytest
from planted_map import LOOPS, PERIOD, RESOLUTION

from chiasma.core.errors import InputError
from chiasma.evaluation.image_scores import CEILING_DB
from chiasma.evaluation.map_annotation import Annotation
from chiasma.evaluation.map_config import MapConfig
from chiasma.evaluation.maps import MapPrediction, MapSetting, score_maps
from chiasma.schema.tables import SCORES, STRATA, conform

SMALL = {
    "block_bp": 200_000,
    "draws": 50,
    "window_bins": 30,
    "stratum_pixels": 50,
    "insulation_bins": 6,
    "scc_smooth_bins": 1,
    "coarse_bp": 20_000,
    "permutations": 20,
}
METRICS = {
    "r2", "r2_swapped", "mse", "pearson", "spearman", "oe_pearson", "window_pearson", "window_spearman",
    "distance_pearson", "distance_spearman", "scc", "insulation_pearson", "compartment_r", "matched_mse", "depth_ratio",
    "decay_calibration", "ssim", "psnr", "genome_disco", "boundary_precision", "boundary_recall", "boundary_f1",
    "loop_precision", "loop_recall", "loop_f1", "loop_f1_on_map_0", "loop_f1_on_map_2",
}  # fmt: skip
ERRORS, CALIBRATION = ["mse", "matched_mse"], ["depth_ratio", "decay_calibration"]


def setting(planted, **changed):
    return MapSetting(planted.arrays, planted.splits, MapConfig(**{**SMALL, **changed}))


def noisy(planted, strength=0.5, seed=1):
    rng = np.random.default_rng(seed)
    return {place: band * rng.lognormal(0, strength, band.shape) for place, band in planted.observed.items()}


def values(scored, model, sample="all", seed="all"):
    table = scored.scores
    rows = table[(table["model"] == model) & (table["sample"] == sample) & (table["seed"] == seed)]
    assert not rows["metric"].duplicated().any()
    return rows.set_index("metric")


@pytest.fixture(scope="module")
def scored(planted):
    predictions = [
        MapPrediction("decay", "1", planted.decay),
        MapPrediction("perfect", "1", planted.observed),
        MapPrediction("noisy", "1", noisy(planted, seed=1)),
        MapPrediction("noisy", "2", noisy(planted, seed=2)),
        MapPrediction("noisier", "1", noisy(planted, 1.0)),
    ]
    return score_maps(predictions, setting(planted, compare=(("noisy", "noisier"),)))


@pytest.mark.parametrize("sample", ["a", "b", "all"])
def test_a_perfect_map_scores_one_everywhere(scored, sample):
    found = values(scored, "perfect", sample)
    assert set(found.index) == METRICS
    assert found.loc[ERRORS, "value"].to_numpy() == pytest.approx(0, abs=1e-12)
    assert found.loc["psnr", "value"] == pytest.approx(CEILING_DB)
    best = found.drop(index=[*ERRORS, "psnr"])
    assert best[["value", "low", "high"]].to_numpy() == pytest.approx(1)


def test_decay_earns_a_high_correlation_and_nothing_beyond_distance(scored):
    found = values(scored, "decay")["value"]
    assert found["pearson"] > 0.85
    assert found["r2"] > 0.5
    unearned = [
        "oe_pearson", "distance_pearson", "distance_spearman", "scc", "insulation_pearson", "compartment_r", "boundary_f1", "loop_f1",
        "loop_f1_on_map_0", "loop_f1_on_map_2",
    ]  # fmt: skip
    assert found[unearned].to_numpy() == pytest.approx(0, abs=1e-9)


def test_noise_lowers_every_metric(scored):
    less, more = (values(scored, name).loc[sorted(METRICS), "value"] for name in ("noisy", "noisier"))
    better = (less > more).drop([*ERRORS, *CALIBRATION, "boundary_recall"])  # more minima, more of them in place
    assert better.all(), better
    assert (less[ERRORS] < more[ERRORS]).all()


def test_a_prediction_that_varies_less_is_punished_by_the_swapped_form_alone(planted):
    shrunk = {place: np.expm1(0.5 * np.log1p(band) + 1.0) for place, band in planted.observed.items()}
    found = values(score_maps([MapPrediction("m", "1", shrunk)], setting(planted)), "m")["value"]
    assert found["r2_swapped"] < found["r2"]
    assert found["pearson"] == pytest.approx(1)


def test_intervals_hold_the_value_and_differences_are_paired(scored):
    found = values(scored, "noisy", seed="1")
    inside = (found["low"] <= found["value"]) & (found["value"] <= found["high"])
    assert inside.all()
    unsure = found.drop(index="boundary_recall")  # all are found
    assert (unsure["high"] > unsure["low"]).all()
    gap = values(scored, "noisy").loc["oe_pearson_difference_from_noisier"]
    assert 0 < gap["low"] < gap["value"] < gap["high"]


def test_the_control_is_of_the_first_map_that_is_no_decay_and_knows_nothing(scored):
    for sample in ("a", "b", "all"):
        found = values(scored, "permuted_labels", sample)
        assert {"oe_pearson", "distance_pearson", "compartment_r"} == set(found.index)
        known = values(scored, "perfect", sample)
        for metric in ("oe_pearson", "distance_pearson"):
            assert found.loc[metric, "low"] < 0 < found.loc[metric, "high"]
            assert found.loc[metric, "high"] < known.loc[metric, "value"]


def test_a_decay_alone_has_no_control(planted):
    found = score_maps([MapPrediction("decay", "1", planted.decay)], setting(planted))
    assert set(found.scores["model"]) == {"decay"}


def test_masked_and_other_pixels_change_nothing(planted, scored):
    changed = {}
    for (sample, chrom), band in noisy(planted, seed=1).items():
        masked = np.flatnonzero(~planted.arrays.valid(sample, chrom))
        band[masked] = 1e6  # the masked bin comes first
        for distance in range(1, band.shape[1]):
            band[masked - distance, distance] = 1e6  # it comes second
        if chrom == "c":
            band[:100] = 1e6  # the first bin is not test
        changed[sample, chrom] = band
    found = values(score_maps([MapPrediction("noisy", "1", changed)], setting(planted)), "noisy", seed="1")
    pd.testing.assert_frame_equal(found, values(scored, "noisy", seed="1"))


def test_a_pixel_across_the_end_of_a_test_region_does_not_count(planted):
    bins, strata, masked = {"c": 300, "d": 100}, 40, {"c": [], "d": [50, 77, 78]}
    pixels = 0
    for chrom, count in bins.items():
        valid = ~np.isin(np.arange(count), masked[chrom])
        pixels += sum(int((valid[: count - d] & valid[d:]).sum()) for d in range(strata))
    found = values(score_maps([MapPrediction("m", "1", planted.observed)], setting(planted)), "m", "a")
    assert found.loc["pearson", "n"] == pixels


def test_maps_are_compared_on_the_pixels_that_all_hold(planted, caplog):
    far = {place: band.astype(float) for place, band in planted.observed.items()}
    near = {place: band[:, :25].astype(float) for place, band in planted.observed.items()}
    for band in near.values():
        band[60:70] = np.nan
    with caplog.at_level(logging.WARNING, "chiasma"):
        both = score_maps([MapPrediction("far", "1", far), MapPrediction("near", "1", near)], setting(planted))
    assert "not predicted by all" in caplog.text
    counts = both.scores[both.scores["model"].isin(["far", "near"]) & (both.scores["metric"] == "pearson")]
    assert counts.groupby("sample")["n"].nunique().eq(1).all()
    caplog.clear()
    alone = score_maps([MapPrediction("near", "1", near)], setting(planted))
    assert "not predicted by all" not in caplog.text
    for column in ("value", "low", "high"):
        assert values(alone, "near")[column].to_numpy() == pytest.approx(values(both, "near")[column].to_numpy())


def test_negative_contacts_are_none(planted):
    below = {place: np.where(band == 0, -3.0, band) for place, band in planted.observed.items()}
    found = values(score_maps([MapPrediction("m", "1", below)], setting(planted)), "m")
    assert found.loc["r2", "value"] == 1


def test_strata_tell_each_distance_and_the_mean_over_seeds(planted, scored):
    strata = conform(scored.strata.assign(task="t"), STRATA, "strata")
    keys = ["model", "sample", "distance_bp", "metric"]
    assert not strata.duplicated([*keys, "seed"]).any()
    own = strata[strata["model"] == "noisy"].pivot(index=keys, columns="seed", values="value")
    assert own["all"].to_numpy() == pytest.approx(own[["1", "2"]].mean(axis=1).to_numpy())
    decay = strata.query("model == 'decay' and sample == 'a' and seed == '1'").set_index(["metric", "distance_bp"])
    assert (decay.loc["pearson", "value"] == 0).all()
    distance = decay.loc["mean_predicted"].index.to_numpy() / 10_000
    assert decay.loc["mean_predicted", "value"].to_numpy() == pytest.approx(200 / (1 + distance) ** 0.9, rel=1e-4)
    counted = [planted.observed["a", "c"][100:, 0], np.delete(planted.observed["a", "d"][:100, 0], [50, 77, 78])]
    assert decay.loc[("mean_observed", 0), "value"] == pytest.approx(np.concatenate(counted).mean(), rel=1e-6)


def test_the_scores_are_a_table_of_scores(scored):
    table = conform(scored.scores.assign(task="t"), SCORES, "scores")
    assert set(table["sample"]) == {"a", "b", "all"}


def test_a_map_can_be_compared_with_another_samples_truth(planted):
    swapped = {(other, chrom): planted.observed[own, chrom] for own, other in ("ab", "ba") for chrom in "cd"}
    alone = MapSetting(planted.arrays, planted.splits, MapConfig(**SMALL))
    exchanged = MapSetting(planted.arrays, planted.splits, MapConfig(**SMALL), {"a": "b", "b": "a"})
    assert values(score_maps([MapPrediction("m", "1", swapped)], exchanged), "m").loc["mse", "value"] == 0
    assert values(score_maps([MapPrediction("m", "1", swapped)], alone), "m").loc["mse", "value"] > 0.01


def test_what_is_known_of_the_genome_scores_each_map_and_the_observed_one(planted):
    stretch = np.arange(400)[::PERIOD]
    states = pd.DataFrame({"chrom": "c", "start": stretch * RESOLUTION, "end": (stretch + PERIOD) * RESOLUTION})
    states["name"] = np.where(np.arange(len(stretch)) % 2, "A", "B")
    known = Annotation(
        states, {"loops": pd.DataFrame([("c", *pair) for pair in LOOPS], columns=["chrom", "bin1", "bin2"])}
    )
    whole = MapSetting(planted.arrays, planted.splits, MapConfig(**SMALL), annotations={"a": known, "b": known})
    predictions = [MapPrediction("perfect", "1", planted.observed), MapPrediction("decay", "1", planted.decay)]
    found = score_maps(predictions, whole)
    annotated = {"states_r", "pair_auc", "pair_enrichment"}
    for sample in ("a", "b", "all"):
        truth, perfect, decay = (values(found, name, sample) for name in ("truth", "perfect", "decay"))
        assert set(truth.index) == annotated, "the observed map is not compared with itself"
        pd.testing.assert_frame_equal(
            truth[["value", "low", "high", "n"]], perfect.loc[truth.index, ["value", "low", "high", "n"]]
        )
        assert (decay.loc[sorted(annotated), "value"] < truth.loc[sorted(annotated), "value"]).all()
        assert "states_r" in values(found, "permuted_labels", sample).index
    assert conform(found.scores.assign(task="t"), SCORES, "scores") is not None


@pytest.mark.parametrize("truth_of", [{"c": "a"}, {"a": "deep"}])
def test_a_truth_of_samples_that_are_not_there_is_refused(planted, truth_of):
    with pytest.raises(InputError, match="sample"):
        MapSetting(planted.arrays, planted.splits, MapConfig(), truth_of)


def test_the_same_seed_gives_the_same_intervals(planted):
    predictions = [MapPrediction("m", "1", noisy(planted))]
    one, two = (score_maps(predictions, setting(planted)).scores for _ in range(2))
    pd.testing.assert_frame_equal(one, two)


def test_no_prediction_is_no_error_and_no_common_pixel_is_one(planted):
    empty = score_maps([], setting(planted))
    assert list(empty.strata) == STRATA.names[1:]
    assert list(empty.scores) == SCORES.names[1:]
    one, two = ({(sample, "d"): planted.observed[sample, "d"]} for sample in "ab")
    with pytest.raises(InputError, match="no pixel of a test region in common"):
        score_maps([MapPrediction("m", "1", one), MapPrediction("n", "1", two)], setting(planted))


def test_a_region_too_small_for_compartments_has_none(planted):
    coarse = values(score_maps([MapPrediction("m", "1", planted.observed)], setting(planted, coarse_bp=400_000)), "m")
    assert np.isnan(coarse.loc["compartment_r", "value"])
    assert coarse.loc["compartment_r", "n"] == 0
    assert coarse.loc["pearson", "value"] == pytest.approx(1)
