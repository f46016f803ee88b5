"""Scores of several tracks: each by itself as a profile is, and what a mean over tracks speaks of."""

import numpy as np
import pandas as pd
import pytest

from chiasma.evaluation.config import ProfileConfig
from chiasma.evaluation.profiles import CONTROL, ProfilePrediction, ProfileSetting, score_profiles
from chiasma.evaluation.tracks import score_tracks
from chiasma.schema import tables

RESOLUTION, BINS, FIRST = 5000, 400, 200  # the second half is the test region
SPLITS = pd.DataFrame(
    {"chrom": ["c", "c"], "start": [0, 1_000_000], "end": [990_000, 2_000_000], "split": ["train", "test"]}
)
CONFIG = ProfileConfig(block_bp=100_000, draws=40, permutations=10, compare=(("good", "poor"),))
NO_GENES = pd.DataFrame({"sample": "", "chrom": "", "bin": 0, "name": ""}, index=[0]).iloc[:0]
NOISE = {"good": 0.5, "poor": 2.0}


def case(seed, samples=("a", "b"), seeds=("1", "2")):
    """One track: what was measured, and two models that see it with more or less noise."""
    rng = np.random.default_rng(seed)
    truth = {(name, "c"): rng.gamma(1, 2, BINS) for name in samples}
    found = [
        ProfilePrediction(
            model, own, {key: np.log2(1 + signal) + rng.normal(0, scale, BINS) for key, signal in truth.items()}
        )
        for model, scale in NOISE.items()
        for own in seeds
    ]
    return found, ProfileSetting(truth, NO_GENES, SPLITS, RESOLUTION, CONFIG)


def values(scores, model="good", seed="all", sample="all"):
    return scores.query("model == @model and seed == @seed and sample == @sample").set_index("metric")["value"]


@pytest.fixture(scope="module")
def cases():
    """ctcf is measured in both samples, atac in a alone."""
    return {"ctcf": case(1), "atac": case(2, samples=("a",))}


@pytest.fixture(scope="module")
def scores(cases):
    return score_tracks(cases, CONFIG)


def test_the_table_is_the_one_promised(scores):
    tables.conform(scores.assign(task="t"), tables.SCORES, "test")
    assert not scores.duplicated(["model", "seed", "sample", "metric"]).any()


def test_each_track_has_the_scores_of_a_profile(cases, scores):
    for track, own in cases.items():
        alone = score_profiles(*own).scores
        rows = alone[alone["metric"].str.fullmatch(r"bin_\w+")]
        keys = ["model", "seed", "sample", "metric"]
        named = rows.assign(
            metric=rows["metric"].str.replace("(_difference_from_|$)", rf"_of_{track}\1", n=1, regex=True)
        )
        both = named.merge(scores, on=keys, suffixes=("", "_here"), validate="one_to_one")
        assert len(both) == len(named)
        for column in ("value", "low", "high", "n"):
            np.testing.assert_allclose(both[f"{column}_here"], both[column], err_msg=f"{track} {column}")


def test_a_mean_is_over_the_tracks_that_a_sample_has(scores):
    of_a, of_b, of_all = (values(scores, sample=name) for name in ("a", "b", "all"))
    assert of_a["tracks_r2"] == pytest.approx((of_a["bin_r2_of_ctcf"] + of_a["bin_r2_of_atac"]) / 2)
    assert of_b["tracks_r2"] == of_b["bin_r2_of_ctcf"] and "bin_r2_of_atac" not in of_b
    assert of_all["bin_r2_of_atac"] == of_a["bin_r2_of_atac"], "no other sample has it"
    assert of_all["tracks_r2"] == pytest.approx((of_all["bin_r2_of_ctcf"] + of_all["bin_r2_of_atac"]) / 2)
    n = scores.query("model == 'good' and seed == '1' and sample == 'a' and metric == 'tracks_r2'")["n"]
    assert n.tolist() == [2 * (BINS - FIRST)]


def test_means_are_compared_in_pairs_and_the_better_model_is_the_better(scores):
    gap = scores.query("metric == 'tracks_pearson_difference_from_poor' and sample == 'all'").iloc[0]
    plain = values(scores)["tracks_pearson"] - values(scores, "poor")["tracks_pearson"]
    assert gap["value"] == pytest.approx(plain) and gap["low"] > 0
    assert gap["low"] < gap["value"] < gap["high"]


def test_truth_shifted_along_the_genome_is_worth_nothing(scores):
    control = scores.query("model == @CONTROL and sample == 'all'").set_index("metric")
    assert abs(control.loc["tracks_spearman", "value"]) < 0.2 and control.loc["tracks_r2", "value"] < 0
    assert CONTROL in set(scores["model"])


def test_one_sample_has_no_row_for_all():
    found = score_tracks({"ctcf": case(1, samples=("a",)), "atac": case(2, samples=("a",))}, CONFIG)
    assert set(found["sample"]) == {"a"}


def test_a_track_without_a_shared_bin_is_refused(cases):
    found, setting = cases["ctcf"]
    with pytest.raises(ValueError, match="no test bin is both measured and predicted"):
        score_tracks(cases | {"atac": ([*found, ProfilePrediction("none", "1", {})], setting)}, CONFIG)
