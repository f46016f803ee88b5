"""Scores of profiles: what counts, on which bins, and what each metric means."""

import logging

import numpy as np
import pandas as pd
import pytest

from chiasma.evaluation.config import ProfileConfig
from chiasma.evaluation.profiles import (
    CONTROL,
    ProfilePrediction,
    ProfileSetting,
    find_bins,
    score_profiles,
    shift_truth,
)
from chiasma.schema import tables

RESOLUTION, BINS, FIRST = 5000, 400, 200  # the second half is the test region
SPLITS = pd.DataFrame(
    {"chrom": ["c", "c"], "start": [0, 1_000_000], "end": [990_000, 2_000_000], "split": ["train", "test"]}
)
CONFIG = {"block_bp": 100_000, "draws": 80, "permutations": 20}
GENE_BINS = np.arange(FIRST + 2, BINS, 4)


def genes(samples):
    frames = [
        pd.DataFrame({"sample": name, "chrom": "c", "bin": GENE_BINS, "name": [f"g{b}" for b in GENE_BINS]})
        for name in samples
    ]
    extra = pd.DataFrame({"sample": samples[:1], "chrom": "c", "bin": GENE_BINS[:1], "name": "neighbour"})
    outside = pd.DataFrame({"sample": samples[:1], "chrom": "c", "bin": 10, "name": "of_training"})
    return pd.concat([*frames, extra, outside], ignore_index=True)


def truth(samples=("a", "b"), seed=0):
    """Signal that is high where genes start, each gene at a level of its own that differs between samples."""
    rng = np.random.default_rng(seed)
    shared, found = rng.normal(2, 1.5, BINS), {}
    for name in samples:
        signal = rng.gamma(1, 0.05, BINS)
        own = np.exp2(shared + rng.normal(0, 0.8, BINS))
        signal[GENE_BINS] = own[GENE_BINS]
        found[name, "c"] = signal
    return found


def setting(truths=None, **config):
    truths = truths or truth()
    names = list(dict.fromkeys(sample for sample, _ in truths))
    return ProfileSetting(truths, genes(names), SPLITS, RESOLUTION, ProfileConfig(**CONFIG | config))


def predicted(case, change=lambda values, sample: values, model="m", seed="1"):
    return ProfilePrediction(model, seed, {key: change(np.log2(1 + own), key[0]) for key, own in case.truth.items()})


def noisy(case, scale, noise=0, **names):
    rng = np.random.default_rng(noise)
    return predicted(case, lambda values, _: values + rng.normal(0, scale, BINS), **names)


def values(scored, model="m", seed="all", sample="all"):
    rows = scored.scores.query("model == @model and seed == @seed and sample == @sample")
    return rows.set_index("metric")["value"]


def test_a_perfect_prediction():
    case = setting()
    found = values(score_profiles([predicted(case)], case))
    ones = [name for name in found.index if name != "bin_mse"]
    assert sorted(ones) == [
        "bin_pearson", "bin_r2", "bin_r2_swapped", "bin_spearman", "gene_auroc", "gene_difference_pearson", "gene_pearson",
        "gene_r2", "gene_spearman",
    ]  # fmt: skip
    assert found[ones].to_numpy() == pytest.approx(1)
    assert found["bin_mse"] == 0


def test_the_tables_are_those_promised():
    case = setting()
    scored = score_profiles([noisy(case, 1)], case)
    tables.conform(scored.scores.assign(task="t"), tables.SCORES, "test")
    levels = tables.conform(scored.genes.assign(task="t"), tables.GENE_LEVELS, "test")
    assert set(levels["seed"]) == {"1", "all"}
    one = levels[levels["seed"] == "1"]
    assert len(one) == 2 * len(GENE_BINS) + 1
    assert "of_training" not in set(one["name"])
    row = one[(one["sample"] == "b") & (one["bin"] == GENE_BINS[3])].iloc[0]
    assert row["observed"] == pytest.approx(np.log2(1 + case.truth["b", "c"][GENE_BINS[3]]))


def test_a_gene_level_of_all_seeds_is_their_mean():
    case = setting()
    found = score_profiles([noisy(case, 1, seed, seed=str(seed)) for seed in (1, 2)], case).genes
    wide = found.pivot_table(index=["sample", "bin", "name"], columns="seed", values="predicted")
    assert wide["all"].to_numpy() == pytest.approx((wide["1"] + wide["2"]).to_numpy() / 2)


def test_a_constant_prediction_explains_nothing():
    case = setting()
    found = values(score_profiles([predicted(case, lambda values, _: np.full(BINS, 0.7))], case))
    assert found[["bin_pearson", "gene_pearson", "bin_spearman", "gene_difference_pearson"]].tolist() == [0, 0, 0, 0]
    assert found["gene_auroc"] == 0.5
    assert found[["bin_r2", "gene_r2"]].max() <= 0


def test_only_test_bins_count():
    case = setting()
    wild = predicted(case, lambda values, _: np.where(np.arange(BINS) < FIRST, 99.0, values))
    assert values(score_profiles([wild], case))["bin_mse"] == 0


def test_a_masked_bin_is_left_out_for_every_model_with_a_warning(caplog):
    case = setting()
    hidden = FIRST + 7
    wrong = noisy(case, 0, model="wrong")
    for own in wrong.values.values():
        own[hidden] = 50.0
    masked = predicted(case, lambda values, _: np.where(np.arange(BINS) == hidden, np.nan, values), model="masked")
    with caplog.at_level(logging.WARNING, "chiasma"):
        scored = score_profiles([wrong, masked], case)
    assert values(scored, "wrong")["bin_mse"] == values(scored, "masked")["bin_mse"] == 0
    assert f"wrong seed 1: {2 * (BINS - FIRST)}, masked seed 1: {2 * (BINS - FIRST - 1)}" in caplog.text
    n = scored.scores.query("model == 'wrong' and sample == 'a' and metric == 'bin_r2'")["n"]
    assert set(n) == {BINS - FIRST - 1}


def test_a_bin_without_measured_signal_is_left_out_silently(caplog):
    truths = truth()
    truths["a", "c"][FIRST + 7] = np.nan
    case = setting(truths)
    with caplog.at_level(logging.WARNING, "chiasma"):
        bins = find_bins([predicted(setting())], case)
    assert not caplog.text
    assert FIRST + 7 not in bins.bins["a", "c"]
    assert FIRST + 7 in bins.bins["b", "c"]


def test_a_bin_that_leaves_the_test_region_is_no_test_bin():
    case = setting()
    cut = ProfileSetting(case.truth, case.genes, SPLITS.assign(end=[990_000, 1_999_999]), RESOLUTION, case.config)
    assert find_bins([], cut).bins["a", "c"].max() == BINS - 2


def test_two_genes_in_a_bin_are_one_value():
    case = setting()
    rows = score_profiles([noisy(case, 1)], case).scores.query("sample == 'a' and seed == '1'").set_index("metric")["n"]
    assert rows["gene_pearson"] == len(GENE_BINS)
    assert rows["bin_pearson"] == BINS - FIRST


def test_the_difference_between_samples_is_pearson_of_the_genes_differences():
    case = setting()
    prediction = noisy(case, 1)
    found = values(score_profiles([prediction], case))["gene_difference_pearson"]
    gaps = [own["a", "c"][GENE_BINS] - own["b", "c"][GENE_BINS] for own in (prediction.values, predicted(case).values)]
    assert found == pytest.approx(np.corrcoef(*gaps)[0, 1])


def test_a_prediction_equal_in_both_samples_knows_genes_but_no_difference():
    case = setting()
    same = predicted(case, lambda values, _: np.log2(1 + case.truth["a", "c"]))
    found = values(score_profiles([same], case))
    assert found["gene_pearson"] > 0.7
    assert found["gene_difference_pearson"] == 0


def test_an_offset_of_a_whole_sample_is_no_difference_between_genes():
    case = setting()
    shifted = predicted(case, lambda values, sample: values + (3 if sample == "b" else 0))
    assert values(score_profiles([shifted], case))["gene_difference_pearson"] == pytest.approx(1)


def test_three_samples_are_compared_with_their_mean():
    case = setting(truth(("a", "b", "d")))
    found = [
        values(score_profiles([own], case))["gene_difference_pearson"] for own in (predicted(case), noisy(case, 1))
    ]
    assert found[0] == pytest.approx(1)
    assert 0.3 < found[1] < 0.9


def test_one_sample_has_no_difference_and_no_row_for_all():
    case = setting(truth(("a",)))
    rows = score_profiles([noisy(case, 1)], case).scores
    assert set(rows["sample"]) == {"a"}
    assert "gene_difference_pearson" not in set(rows["metric"])


def test_auroc_tells_genes_above_the_threshold_from_the_others():
    truths = {("a", "c"): np.zeros(BINS)}
    truths["a", "c"][GENE_BINS[:4]] = [0, 3, 5, 7]
    case = setting(truths, expressed_above=4.0)
    wanted = np.zeros(BINS)
    wanted[GENE_BINS[:4]] = [0, 2, 1, 3]  # the gene at 5 below the one at 3: of 2 x (n - 2) pairs one is wrong
    prediction = ProfilePrediction("m", "1", {("a", "c"): wanted})
    found = values(score_profiles([prediction], case), sample="a")["gene_auroc"]
    assert found == pytest.approx(1 - 1 / (2 * (len(GENE_BINS) - 2)))


def test_the_interval_holds_the_value_and_stays_within_the_metrics_limits():
    case = setting()
    rows = score_profiles([noisy(case, 0.3), noisy(case, 0.2, 5, seed="2")], case).scores.query("model == 'm'")
    assert (rows["low"] <= rows["high"]).all()
    one = rows[rows["seed"] != "all"]
    assert ((one["low"] <= one["value"]) & (one["value"] <= one["high"])).mean() > 0.9
    assert rows.loc[rows["metric"] != "bin_mse", "high"].max() <= 1
    bad = score_profiles([noisy(case, 9)], case).scores.query("model == 'm' and metric == 'bin_r2'")
    assert bad["low"].max() < -1, "R2 has no lowest value"


def test_truth_shifted_along_the_genome_is_worth_nothing():
    case = setting()
    scored = score_profiles([predicted(case)], case)
    rows = scored.scores.query("model == @CONTROL and sample == 'all'").set_index("metric")
    assert abs(rows.loc["bin_spearman", "value"]) < 0.2
    assert abs(rows.loc["gene_difference_pearson", "value"]) < 0.2
    assert rows.loc["gene_auroc", ["low", "high"]].between(0, 1).all()
    assert rows.loc["bin_r2", "value"] < 0
    assert 0.3 < rows.loc["gene_auroc", "value"] < 0.7
    assert CONTROL not in set(score_profiles([predicted(case)], setting(permutations=0)).scores["model"])


def test_a_shift_moves_values_within_their_samples_chromosome_and_none_stays():
    scored = find_bins([], setting())
    for at in (np.arange(len(scored.places)), scored.gene_places):
        for fraction in (0.0, 0.5, 0.999):
            moved = shift_truth(scored, at, fraction)
            for own in (at[at < BINS - FIRST], at[at >= BINS - FIRST]):
                assert sorted(moved[own]) == sorted(scored.observed_n[own])
                assert (moved[own] != scored.observed_n[own]).all()
            rest = np.setdiff1d(np.arange(len(scored.places)), at)
            assert (moved[rest] == scored.observed_n[rest]).all()


def test_models_are_compared_in_pairs():
    case = setting(compare=(("m", "r"),))
    scored = score_profiles([noisy(case, 0.5), noisy(case, 1.5, model="r")], case)
    gap = values(scored)["bin_pearson_difference_from_r"]
    assert gap == pytest.approx(values(scored)["bin_pearson"] - values(scored, "r")["bin_pearson"])


def test_the_same_seed_gives_the_same_table():
    case = setting()
    first, again = (score_profiles([noisy(case, 1)], setting()).scores for _ in range(2))
    pd.testing.assert_frame_equal(first, again)
    assert case.config.seed == 1


def test_a_profile_of_another_length_negative_truth_and_no_shared_bin_are_refused():
    case = setting()
    short = ProfilePrediction("m", "1", {key: own[:-1] for key, own in predicted(case).values.items()})
    with pytest.raises(
        ValueError, match=r"m seed 1: profile of a c has shape \(399,\); expected a value for each of 400"
    ):
        score_profiles([short], case)
    with pytest.raises(ValueError, match="no test bin is both measured and predicted by every model"):
        score_profiles([predicted(case), ProfilePrediction("none", "1", {})], case)
    with pytest.raises(ValueError, match="must not be below 0 for its logarithm, found -1"):
        score_profiles([predicted(case)], setting({("a", "c"): -np.ones(BINS)}))


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("expressed_above", -1.0, "expressed_above must not be negative"),
        ("draws", 0, "block_bp and draws must be positive"),
        ("interval", "years", "interval must be seeds or blocks"),
    ],
)
def test_wrong_numbers_are_refused(key, value, said):
    with pytest.raises(ValueError, match=said):
        ProfileConfig(**{key: value})
