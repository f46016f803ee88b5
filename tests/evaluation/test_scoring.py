"""The score table: what counts, under which name, for whom."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from chiasma.evaluation.config import EvaluationConfig
from chiasma.evaluation.scoring import Prediction, Setting, score_predictions
from chiasma.tiles.arrays import ArraysMeta, band_of, write_arrays

RESOLUTION, BINS = 10_000, 240
TRUE = [(x, x + 12) for x in range(135, 205, 7)]  # in the test region, tiles wholly inside
DECOYS = [(x + 3, x + 18) for x, _ in TRUE]
SPLITS = pd.DataFrame(
    {
        "chrom": ["c"] * 3,
        "start": [0, 600_000, 1_200_000],
        "end": [500_000, 1_100_000, 2_400_000],
        "split": ["train", "valid", "test"],
    }
)
CONFIG = {
    "min_distance_bins": 4,
    "block_bp": 100_000,
    "draws": 60,
    "pile_bins": 5,
    "corner_bins": 2,
    "permutations": 20,
}


def pixels(sample, score_of):
    """Labelled pairs: positives and decoys in the test split, and four in the validation split."""
    rows = [(*pair, "test", 1) for pair in TRUE] + [(*pair, "test", 0) for pair in DECOYS]
    rows += [(70, 80, "valid", 1), (75, 85, "valid", 1), (70, 90, "valid", 0), (75, 95, "valid", 0)]
    rows += [(150, 160, "test", -1)]
    frame = pd.DataFrame(rows, columns=["bin1", "bin2", "split", "label"]).assign(sample=sample, chrom="c")
    return frame.assign(score=[score_of(label, place) for place, label in enumerate(frame["label"])])


def calls(sample, pairs, split="test"):
    bins = pd.DataFrame(pairs, columns=["bin1", "bin2"]) * RESOLUTION
    ends = {
        "start1": bins["bin1"],
        "end1": bins["bin1"] + RESOLUTION,
        "start2": bins["bin2"],
        "end2": bins["bin2"] + RESOLUTION,
    }
    return pd.DataFrame(ends).assign(chrom1="c", chrom2="c", sample=sample, split=split, fdr=0.1)


@pytest.fixture
def setting(tmp_path):
    dense = np.ones((BINS, BINS))
    for x, y in TRUE:
        dense[x, y] = dense[y, x] = 6.0
    meta = ArraysMeta(RESOLUTION, 5000, 12, 30, ("atac",), ("a", "b"), {"c": BINS * RESOLUTION}, {"a": 1.0, "b": 1.0})
    one = {"contacts": band_of(dense, meta.band_bins), "valid": np.ones(BINS, bool), "tracks": np.zeros((2 * BINS, 1))}
    arrays = write_arrays(tmp_path / "arrays", meta, {("a", "c"): one, ("b", "c"): one})
    beyond = [(124, 134), (150, 152), (20, 32)]  # the tile leaves the test region; below the scan's distance; train
    loops = pd.DataFrame(TRUE + beyond, columns=["bin1", "bin2"]).assign(chrom="c", sample="a")
    truth = pd.concat([loops, loops.assign(sample="b")], ignore_index=True)
    return Setting({"loops": truth}, arrays, SPLITS, EvaluationConfig(**CONFIG))


def prediction(model, seed, score_of, called):
    frames = [pixels(sample, score_of) for sample in "ab"]
    peaks = pd.DataFrame(called, columns=["bin1", "bin2"]).assign(
        chrom="c", split="test", score=range(len(called), 0, -1)
    )
    both = pd.concat([peaks.assign(sample=sample) for sample in "ab"], ignore_index=True)
    return Prediction(model, seed, pd.concat(frames), pd.concat([calls(sample, called) for sample in "ab"]), both)


def exact(label, place):
    return float(label == 1) - 0.001 * place


def reversed_(label, place):
    return -exact(label, place)


@pytest.fixture
def scored(setting):
    shifted = [(x + 1, y) for x, y in TRUE]
    return score_predictions(
        [
            prediction("good", "1", exact, TRUE),
            prediction("good", "2", exact, shifted),
            prediction("bad", "1", reversed_, DECOYS),
        ],
        setting,
    )


def value(scored, model, metric, seed="all", sample="all"):
    table = scored.scores
    rows = table[
        (table["model"] == model) & (table["metric"] == metric) & (table["seed"] == seed) & (table["sample"] == sample)
    ]
    assert len(rows) == 1
    return rows.iloc[0]


def test_a_perfect_model_scores_one_and_its_reverse_zero(scored):
    assert value(scored, "good", "auroc")["value"] == 1
    assert value(scored, "good", "aupr_at_0.01")["value"] == 1
    assert value(scored, "bad", "auroc")["value"] == 0


def test_only_test_pairs_with_a_label_count(scored):
    assert value(scored, "good", "auroc", seed="1", sample="a")["n"] == len(TRUE) + len(DECOYS)


def test_the_f1_threshold_comes_from_validation(scored):
    assert value(scored, "good", "f1")["value"] == 1  # validation positives score lowest of all positives
    assert value(scored, "bad", "f1")["value"] < 1


def test_true_loops_that_could_not_be_called_do_not_lower_recall(scored):
    row = value(scored, "good", "loop_recall_0", seed="1", sample="a")
    assert (row["value"], row["n"]) == (1, len(TRUE))


def test_tolerance_forgives_a_shift_of_one_bin(scored):
    assert value(scored, "good", "loop_recall_0", seed="2")["value"] == 0
    assert value(scored, "good", "loop_recall_1", seed="2")["value"] == 1
    assert value(scored, "good", "loop_precision_1", seed="2")["value"] == 1


def test_a_call_on_a_true_loop_outside_the_scan_is_not_a_false_call(setting):
    found = score_predictions([prediction("m", "1", exact, [*TRUE, (150, 152)])], setting)
    assert value(found, "m", "loop_precision_0")["value"] == 1


def test_calls_outside_the_test_split_are_not_counted(setting):
    made = prediction("m", "1", exact, TRUE)
    more = Prediction("m", "1", made.pixels, pd.concat([made.calls, calls("a", [(70, 80)], "valid")]), made.peaks)
    assert value(score_predictions([more], setting), "m", "calls")["value"] == 2 * len(TRUE)


def test_samples_are_scored_apart_and_pooled(scored):
    assert set(scored.scores["sample"]) == {"a", "b", "all"}
    assert (
        value(scored, "good", "calls", seed="1")["value"]
        == 2 * value(scored, "good", "calls", seed="1", sample="a")["value"]
    )


def test_the_truth_is_enriched_and_the_decoys_are_not(scored):
    assert value(scored, "truth", "apa")["value"] > 3
    assert value(scored, "bad", "apa")["value"] == pytest.approx(1, abs=0.3)


def test_the_control_knows_nothing(scored):
    row = value(scored, "permuted_labels", "auroc")
    assert row["low"] < 0.5 < row["high"]


def test_the_control_of_calls_takes_as_many_candidates_without_choosing(setting):
    """Half of the candidates are true: so is half of what is drawn, whatever the model called."""
    model = prediction("good", "1", exact, TRUE)
    candidates = pd.concat([model.peaks, prediction("bad", "1", exact, DECOYS).peaks], ignore_index=True)
    found = score_predictions([replace(model, peaks=candidates)], setting)
    for sample in ("a", "all"):
        row = value(found, "permuted_labels", "loop_precision_0", sample=sample)
        assert row["value"] == pytest.approx(0.5, abs=0.1)
        assert row["low"] < 0.5 < row["high"]
        recall = value(found, "permuted_labels", "loop_recall_0", sample=sample)["value"]
        assert recall == pytest.approx(row["value"]), "as many were called as are true"
    assert value(found, "good", "loop_precision_0")["value"] == 1


def test_a_model_without_calls_has_zero_recall_and_no_pile(setting):
    found = score_predictions([prediction("none", "1", exact, [])], setting)
    assert value(found, "none", "calls")["value"] == 0
    assert value(found, "none", "loop_recall_2")["value"] == 0
    assert np.isnan(value(found, "none", "loop_precision_2")["value"])
    assert "none" not in set(found.pileups["model"])


def test_differences_are_rows_too(setting):
    compared = Setting(setting.truths, setting.arrays, SPLITS, EvaluationConfig(compare=(("good", "bad"),), **CONFIG))
    found = score_predictions(
        [prediction("good", "1", exact, TRUE), prediction("bad", "1", reversed_, DECOYS)], compared
    )
    assert value(found, "good", "auroc_difference_from_bad")["value"] == 1


def test_a_second_truth_has_its_name_in_the_metric(setting):
    half = setting.truths["loops"][::2]
    both = Setting({"loops": setting.truths["loops"], "hiccups": half}, setting.arrays, SPLITS, setting.config)
    found = score_predictions([prediction("m", "1", exact, TRUE)], both)
    assert value(found, "m", "loop_precision_0")["value"] == 1
    assert value(found, "m", "loop_precision_0_vs_hiccups")["value"] == pytest.approx(0.5)
    assert value(found, "m", "loop_recall_0_vs_hiccups")["value"] == 1


def test_tables_name_each_curve_and_pile_once(scored):
    keys = ["model", "seed", "sample", "row", "col"]
    assert not scored.pileups.duplicated(keys).any()
    assert set(scored.pileups["model"]) == {"good", "bad", "truth"}
    assert set(scored.curves["curve"]) == {"roc", "pr"}
    assert set(scored.curves["seed"]) == {"1", "2", "all"}


def test_the_same_seed_gives_the_same_intervals(setting):
    one, two = (
        score_predictions([prediction("m", "1", exact, TRUE[:5] + DECOYS[:3])], setting).scores for _ in range(2)
    )
    pd.testing.assert_frame_equal(one, two)


def test_the_recall_of_ranked_peaks_counts_those_above_the_precision(setting):
    wrong = [(x + 3, y) for x, y in TRUE]
    ranked = [*TRUE[:2], *wrong[:2], *TRUE[2:]]  # precision 1 after two, 10 / 12 after all
    scores = score_predictions([prediction("m", "1", exact, ranked)], setting).scores
    found = scores[(scores["seed"] == "all") & (scores["sample"] == "a")].set_index("metric")["value"]
    assert found["loop_recall_at_0.7_0"] == 1
    assert found["loop_recall_at_0.9_0"] == 2 / len(TRUE)
