"""Peaks, matching, the empirical FDR and the threshold, by hand-made maps."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from chiasma.schema.tables import CALLS, PIXELS, conform
from chiasma.tasks.loops import decode
from chiasma.tasks.loops.config import Config
from chiasma.tasks.loops.labels import build_examples

PLANTED = [(10, 30), (40, 52), (41, 80), (90, 96)]
PLAIN = Config(smooth_bins=0)


def square(chrom: str = "chr1", split: str = "valid", bins: int = 100, farthest: int = 60) -> pd.DataFrame:
    """Return all pixels of a small map, label -1, score 0."""
    bin1, distance = (grid.ravel() for grid in np.meshgrid(np.arange(bins), np.arange(4, farthest), indexing="ij"))
    keep = bin1 + distance < bins
    frame = pd.DataFrame(
        {"sample": "a", "chrom": chrom, "bin1": bin1[keep], "bin2": (bin1 + distance)[keep], "split": split}
    )
    return frame.assign(label=decode.SCAN, score=0.0)


def with_blobs(frame: pd.DataFrame, centres, heights, width: float = 1.0) -> pd.DataFrame:
    """Return the map with a Gaussian blob at each centre."""
    score = np.zeros(len(frame))
    for (x, y), height in zip(centres, heights, strict=True):
        score += height * np.exp(-((frame["bin1"] - x) ** 2 + (frame["bin2"] - y) ** 2) / (2 * width**2))
    return frame.assign(score=score)


def labelled(centres, chrom: str = "chr1", split: str = "valid", label: int = 1) -> pd.DataFrame:
    frame = pd.DataFrame({"bin1": [x for x, _ in centres], "bin2": [y for _, y in centres]})
    return frame.assign(sample="a", chrom=chrom, split=split, label=label, score=0.5)


def study(test_labels=PLANTED, noise: float = 0.3) -> pd.DataFrame:
    """Return PIXELS of a valid and a test chromosome with the same loops, and false bumps below them."""
    rng, parts = np.random.default_rng(1), []
    for chrom, split in (("chr2", "valid"), ("chr3", "test")):
        bumps = [(int(x), int(x) + 20 + int(x) % 9) for x in rng.choice(np.arange(3, 60, 4), 6, replace=False)]
        parts.append(with_blobs(square(chrom, split), PLANTED + bumps, [1.0] * len(PLANTED) + [noise] * len(bumps)))
    parts += [labelled(PLANTED, "chr2", "valid"), labelled(test_labels, "chr3", "test")]
    return pd.concat(parts, ignore_index=True)[PIXELS.names]


def bins_of(frame: pd.DataFrame) -> list[tuple[int, int]]:
    return sorted(zip(frame["bin1"].tolist(), frame["bin2"].tolist(), strict=True))


@pytest.mark.parametrize("smooth_bins", [0, 1, 2])
def test_a_perfect_map_gives_back_the_planted_pixels(smooth_bins):
    frame = square()
    hit = pd.Series(list(zip(frame["bin1"], frame["bin2"], strict=True))).isin(PLANTED).to_numpy()
    peaks = decode.find_peaks(Config(smooth_bins=smooth_bins), frame.assign(score=hit.astype(float)))
    assert bins_of(peaks) == sorted(PLANTED)


def test_blobs_give_their_centres_and_sizes():
    peaks = decode.find_peaks(PLAIN, with_blobs(square(), PLANTED[:2], [1.0, 0.5]))
    top = peaks.nlargest(2, "score")
    assert bins_of(top) == sorted(PLANTED[:2])
    assert top["pixels"].tolist() == [5, 5]  # exp(-1/2) > 1/2 > exp(-1): the centre and its four direct neighbours


def test_two_pixels_within_the_radius_are_one_call_and_beyond_it_two():
    for gap, calls in ((3, 1), (4, 2)):
        frame = pd.DataFrame(
            {
                "sample": "a",
                "chrom": "chr1",
                "bin1": [10, 10 + gap],
                "bin2": [30, 30],
                "split": "valid",
                "score": [0.9, 0.8],
            }
        )
        assert len(decode.find_peaks(replace(PLAIN, radius_bins=3), frame)) == calls


def test_equal_scores_side_by_side_are_one_call():
    frame = pd.DataFrame(
        {"sample": "a", "chrom": "chr1", "bin1": [10, 10, 11], "bin2": [30, 31, 30], "split": "valid", "score": 0.7}
    )
    peaks = decode.find_peaks(PLAIN, frame)
    assert bins_of(peaks) == [(10, 30)]
    assert peaks["pixels"].tolist() == [3]


def test_the_order_of_pixels_does_not_matter():
    frame = with_blobs(square(), PLANTED, [1.0, 0.9, 0.8, 0.7])
    shuffled = frame.sample(frac=1, random_state=0)
    first, second = (decode.find_peaks(Config(), own) for own in (frame, shuffled))
    pd.testing.assert_frame_equal(first.reset_index(drop=True), second.reset_index(drop=True))


def test_pixels_of_two_chromosomes_are_never_neighbours():
    frame = pd.concat([square(chrom, bins=20, farthest=10).iloc[:5].assign(score=0.5) for chrom in ("chr1", "chr2")])
    assert sorted(decode.find_peaks(PLAIN, frame)["chrom"]) == ["chr1", "chr2"]


def test_smoothing_puts_a_lone_pixel_below_a_supported_one():
    frame = with_blobs(square(), [(40, 52)], [0.8], width=1.5)
    frame.loc[(frame["bin1"] == 10) & (frame["bin2"] == 30), "score"] = 1.0
    best = [bins_of(decode.find_peaks(Config(smooth_bins=reach), frame).nlargest(1, "score")) for reach in (0, 1)]
    assert best == [[(10, 30)], [(40, 52)]]


def test_small_clusters_can_be_left_out():
    frame = with_blobs(square(), [(40, 52)], [0.8])
    frame.loc[(frame["bin1"] == 10) & (frame["bin2"] == 30), "score"] = 1.0
    peaks = decode.find_peaks(replace(PLAIN, min_pixels=2), frame)
    assert (10, 30) not in bins_of(peaks)
    assert (40, 52) in bins_of(peaks)


def test_one_label_supports_one_call_the_best():
    peaks = pd.DataFrame({"sample": "a", "chrom": "chr1", "bin1": [10, 12], "bin2": [30, 30], "score": [0.5, 0.9]})
    assert decode.match_labels(peaks, labelled([(11, 30)]), 2).tolist() == [False, True]


def test_tolerance_is_in_both_anchors():
    peaks = pd.DataFrame(
        {"sample": "a", "chrom": ["chr1", "chr1", "chr2"], "bin1": [10, 50, 90], "bin2": [30, 70, 96], "score": 1.0}
    )
    labels = labelled([(12, 28), (53, 70), (90, 96)])
    assert decode.match_labels(peaks, labels, 2).tolist() == [True, False, False]
    assert decode.match_labels(peaks, labels, 3).tolist() == [True, True, False]


def test_the_curve_of_a_worked_example():
    """Scores 9 8 7 6 5, right wrong right wrong wrong, four labels."""
    peaks = pd.DataFrame(
        {
            "sample": "a",
            "chrom": "chr1",
            "bin1": [10, 20, 30, 40, 50],
            "bin2": [30, 40, 50, 60, 70],
            "score": [9.0, 8, 7, 6, 5],
        }
    )
    curve = decode.fit_curve(peaks, labelled([(10, 30), (30, 50), (80, 90), (60, 90)]), 0)
    assert curve.score.tolist() == [9, 8, 7, 6, 5]
    assert curve.fdr == pytest.approx([0, 1 / 3, 1 / 3, 1 / 2, 3 / 5])
    assert curve.f1 == pytest.approx([2 / 5, 2 / 6, 4 / 7, 4 / 8, 4 / 9])
    assert curve.fdr_at(np.array([10, 9, 8.5, 7, 6.5, 1])) == pytest.approx([0, 0, 0, 1 / 3, 1 / 3, 3 / 5])
    assert decode.pick_threshold(Config(threshold="f1"), curve, 0.0) == 7
    assert decode.pick_threshold(Config(threshold="fdr", max_fdr=0.4), curve, 0.0) == 7
    assert decode.pick_threshold(Config(threshold="fdr", max_fdr=0.1), curve, 0.0) == 9


def test_equal_scores_share_one_step_of_the_curve():
    peaks = pd.DataFrame({"sample": "a", "chrom": "chr1", "bin1": [10, 20], "bin2": [30, 40], "score": 1.0})
    curve = decode.fit_curve(peaks, labelled([(10, 30)]), 0)
    assert (curve.score.tolist(), curve.fdr.tolist()) == ([1.0], [0.5])


def test_the_fdr_never_rises_with_the_score():
    rng = np.random.default_rng(3)
    bin1 = np.arange(0, 600, 3)
    peaks = pd.DataFrame(
        {"sample": "a", "chrom": "chr1", "bin1": bin1, "bin2": bin1 + 20, "score": rng.random(200).round(2)}
    )
    curve = decode.fit_curve(peaks, labelled([(x, x + 20) for x in bin1[rng.random(200) < 0.4].tolist()]), 1)
    assert (np.diff(curve.fdr) >= 0).all()
    assert (np.diff(curve.fdr_at(np.linspace(0, 1, 50))) <= 0).all()


def test_the_best_threshold_takes_the_planted_and_leaves_the_bumps():
    calls = decode.decode(PLAIN, study(), meta())
    for chrom in ("chr2", "chr3"):
        own = calls[calls["chrom1"] == chrom]
        assert sorted(zip(own["start1"] // 5000, own["start2"] // 5000, strict=True)) == sorted(PLANTED)
    assert (calls["fdr"] == 0).all()


def meta(length: int = 500_000):
    from chiasma.tiles.arrays import ArraysMeta

    return ArraysMeta(5000, 500, 16, 60, ("atac",), ("a",), {"chr2": length, "chr3": length}, {"a": 1.0})


@pytest.mark.parametrize("threshold", ["f1", "fdr"])
def test_the_test_splits_labels_change_nothing(threshold):
    config = replace(PLAIN, threshold=threshold)
    wrong = [(x + 5, y + 5) for x, y in PLANTED[:2]]
    first, second = (decode.decode(config, study(test_labels=labels), meta()) for labels in (PLANTED, wrong))
    pd.testing.assert_frame_equal(first, second)


def test_the_test_splits_scores_do_not_move_the_threshold():
    pixels = study()
    louder = pixels.assign(score=np.where(pixels["split"] == "test", 100 * pixels["score"], pixels["score"]))
    first, second = (decode.decode(PLAIN, own, meta()) for own in (pixels, louder))
    valid = [own[own["split"] == "valid"].drop(columns="name").reset_index(drop=True) for own in (first, second)]
    pd.testing.assert_frame_equal(*valid)


def test_an_unreachable_fdr_calls_nothing():
    pixels = study()
    pixels = pixels[pixels["label"] != 1]
    nowhere = labelled([(70, 75)], "chr2", "valid")
    calls = decode.decode(replace(PLAIN, threshold="fdr"), pd.concat([pixels, nowhere]), meta())
    assert calls.empty
    conform(calls, CALLS, "test")


def test_without_validation_labels_the_default_threshold_holds_and_the_fdr_is_unknown():
    pixels = study()
    calls = decode.decode(replace(PLAIN, default_threshold=0.5), pixels[pixels["label"] != 1], meta())
    assert len(calls) == 2 * len(PLANTED)
    assert calls["fdr"].isna().all()


def test_calls_are_a_table_of_one_bin_anchors_best_first_cut_at_the_end():
    calls = decode.decode(PLAIN, study(), meta(length=482_000))
    pd.testing.assert_frame_equal(conform(calls, CALLS, "test"), calls)
    assert (calls["score"].diff().dropna() <= 0).all()
    last = calls[calls["start2"] == 96 * 5000]
    assert set(last["end2"]) == {482_000}
    assert set(calls["end1"] - calls["start1"]) == {5000}


def test_a_scan_without_pixels_gives_no_calls():
    calls = decode.decode(PLAIN, study().query("label == 1"), meta())
    assert calls.empty
    conform(calls, CALLS, "test")


def test_selected_pixels_are_the_labelled_pairs_and_the_scan_of_valid_and_test(planted):
    examples = build_examples(planted.config, planted.arrays, planted.splits, planted.labels)
    pixels = decode.select_pixels(planted.config, planted.arrays, planted.splits, examples, "a")
    assert set(pixels["sample"]) == {"a"}
    assert set(pixels["split"]) == {"valid", "test"}
    wanted = examples[(examples["sample"] == "a") & examples["split"].isin(["valid", "test"])]
    assert (pixels["label"] >= 0).sum() == len(wanted)
    scan = pixels[pixels["label"] == decode.SCAN]
    assert (scan["bin2"] - scan["bin1"]).between(4, 60).all()
    assert not scan.duplicated(["chrom", "bin1", "bin2"]).any()


def test_each_pixel_is_scored_once_and_in_place():
    pixels = pd.concat([square().sample(frac=1, random_state=0), labelled(PLANTED)], ignore_index=True).drop(
        columns="score"
    )
    seen = []

    def score(frame: pd.DataFrame) -> np.ndarray:
        seen.append(frame)
        return frame["bin1"].to_numpy() * 1000.0 + frame["bin2"]

    scored = decode.score_pixels(pixels, score)
    assert not seen[0].duplicated().any()
    assert (scored["score"] == scored["bin1"] * 1000 + scored["bin2"]).all()
    pd.testing.assert_frame_equal(scored.drop(columns="score"), pixels[scored.columns[:-1]])


def test_labels_of_another_sample_support_no_call():
    peaks = pd.DataFrame({"sample": ["a", "b"], "chrom": "chr1", "bin1": 10, "bin2": 30, "score": 1.0})
    assert decode.match_labels(peaks, labelled([(10, 30)]), 2).tolist() == [True, False]


def test_a_sample_without_labels_is_called_by_the_threshold_of_those_that_have_them():
    """The same map twice: "b", which has no labels, is called at the threshold that the labels of "a" set."""
    own = study()
    valid, test = own[own["split"] == "valid"], own[own["split"] == "test"]
    unlabelled = test[test["label"] == decode.SCAN].assign(sample="b")
    calls = decode.decode(PLAIN, pd.concat([valid, unlabelled]), meta(), sample="b")
    alone = decode.decode(PLAIN, pd.concat([valid, test]), meta())
    assert len(calls)
    assert calls[["start1", "start2", "score"]].to_numpy().tolist() == (
        alone.loc[alone["split"] == "test", ["start1", "start2", "score"]].to_numpy().tolist()
    )
