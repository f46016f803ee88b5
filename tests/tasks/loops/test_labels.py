"""Positives land in the right bins with a reason where they are dropped; negatives are what the recipe says."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import ks_2samp

from chiasma.core.errors import InputError
from chiasma.schema.tables import EXAMPLES, conform
from chiasma.tasks.loops import labels, scan
from chiasma.tasks.loops.config import SHARES, Config
from chiasma.tiles.index import window_splits


@pytest.fixture(scope="module")
def examples(planted):
    return labels.build_examples(planted.config, planted.arrays, planted.splits, planted.labels)


def pair(chrom1, start1, chrom2, start2, length=5000, score=float("nan")):
    return {
        "chrom1": chrom1,
        "start1": start1,
        "end1": start1 + length,
        "chrom2": chrom2,
        "start2": start2,
        "end2": start2 + length,
        "score": score,
    }


def only(share: str, config: Config) -> Config:
    """Return the configuration with all negatives from one source."""
    return replace(config, **{name: float(name == f"share_{share}") for name in SHARES})


def chebyshev(first: pd.DataFrame, second: pd.DataFrame) -> np.ndarray:
    """Return the smallest Chebyshev distance of each pair of ``first`` to any of ``second``."""
    one, two = (frame[["bin1", "bin2"]].to_numpy() for frame in (first, second))
    return np.abs(one[:, None] - two).max(axis=2).min(axis=1)


def test_a_worked_example_of_anchor_bins():
    anchors = pd.DataFrame([pair("chr1", 9_000, "chr1", 41_000, 4000), pair("chr1", 52_000, "chr1", 10_000, 100)])
    assert [bins.tolist() for bins in labels.anchor_bins(anchors, 5000, "start")] == [[1, 2], [8, 10]]
    assert [bins.tolist() for bins in labels.anchor_bins(anchors, 5000, "middle")] == [[2, 2], [8, 10]]


def test_each_positive_that_is_not_used_says_why(planted):
    bin_ = 5000
    rows = {
        "": pair("chr1", 50 * bin_, "chr1", 80 * bin_),
        "duplicate": pair("chr1", 80 * bin_ + 100, "chr1", 50 * bin_ + 100, 200),
        "distance": pair("chr1", 50 * bin_, "chr1", 53 * bin_),
        "leaves_chromosome": pair("chr1", 3 * bin_, "chr1", 20 * bin_),
        "crosses_split": pair("chr1", 100 * bin_, "chr1", 150 * bin_),
    }
    splits = pd.DataFrame(
        {
            "chrom": "chr1",
            "start": [0, 120 * bin_, 136 * bin_],
            "end": [120 * bin_, 136 * bin_, 320 * bin_],
            "split": ["train", "gap", "test"],
        }
    )
    frame = labels.place_positives(planted.config, planted.arrays, splits, "a", pd.DataFrame(rows.values()))
    assert frame["reason"].tolist() == list(rows)
    assert frame["kept"].tolist() == [reason == "" for reason in rows]
    assert frame["split"].tolist() == ["train", "train", "train", "none", "none"]


def test_pairs_of_small_score_are_no_labels_and_hide_none(planted):
    config = replace(planted.config, min_score=3)
    anchors = pd.DataFrame([pair("chr1", 250_000, "chr1", 400_000, score=score) for score in (2, 3, 4)])
    frame = labels.place_positives(config, planted.arrays, planted.splits, "a", anchors)
    assert frame["reason"].tolist() == ["score", "", "duplicate"]


def test_choosing_by_score_needs_scores(planted):
    anchors = pd.DataFrame([pair("chr1", 250_000, "chr1", 400_000)])
    with pytest.raises(InputError, match=r"sample 'a': min_score is 3, but no pair has a number"):
        labels.place_positives(replace(planted.config, min_score=3), planted.arrays, planted.splits, "a", anchors)


def test_the_smallest_and_largest_distance_are_included(planted):
    config = replace(planted.config, min_distance_bins=10, max_distance_bins=20)
    anchors = pd.DataFrame([pair("chr1", 50 * 5000, "chr1", (50 + distance) * 5000) for distance in (9, 10, 20, 21)])
    frame = labels.place_positives(config, planted.arrays, planted.splits, "a", anchors)
    assert frame["kept"].tolist() == [False, True, True, False]


def test_every_planted_loop_is_a_positive_once(planted, examples):
    positives = examples[examples["label"] == 1]
    assert positives["kept"].all()
    assert len(positives) == sum(len(own) for own in planted.labels.values())
    assert not examples.duplicated(["sample", "chrom", "bin1", "bin2"]).any()


def test_negatives_keep_away_from_every_positive_of_their_sample(planted, examples):
    for _, own in examples.groupby(["sample", "chrom"]):
        distance = chebyshev(own[own["label"] == 0], own[own["label"] == 1])
        assert distance.min() > planted.config.exclusion_bins


def test_near_misses_are_near(planted, examples):
    for _, own in examples.groupby(["sample", "chrom"]):
        assert chebyshev(own[own["source"] == "near"], own[own["label"] == 1]).max() <= planted.config.near_bins


def test_negatives_lie_in_the_split_they_are_named_for(planted, examples):
    kept = examples[examples["kept"]]
    for chrom, own in kept.groupby("chrom"):
        split_I = window_splits(planted.arrays, planted.splits, chrom)
        assert (split_I[own["bin1"]] == own["split"]).all()
        assert (split_I[own["bin2"]] == own["split"]).all()


def test_negatives_per_positive_holds_in_each_sample_and_split(planted, examples):
    counts = examples[examples["kept"]].groupby(["sample", "split", "label"]).size().unstack()
    assert np.allclose(counts[0] / counts[1], planted.config.negatives_per_positive, rtol=0.02)


def test_shares_are_followed_to_the_unit():
    counts = labels.source_counts(Config(), 1001)
    assert sum(counts.values()) == 1001
    for name in SHARES:
        assert abs(counts[name.removeprefix("share_")] - 1001 * getattr(Config(), name)) < 1


@pytest.mark.parametrize("source", ["distance", "enriched"])
def test_matched_negatives_have_the_distances_of_positives(planted, source):
    # so few of so many that no distance runs out of pixels
    config = replace(only(source, planted.config), negatives_per_positive=3, enriched_fraction=0.3)
    drawn = labels.build_examples(config, planted.arrays, planted.splits, planted.labels)
    distance = drawn["bin2"] - drawn["bin1"]
    positive = drawn["label"] == 1
    assert set(drawn.loc[~positive, "source"]) == {source}
    assert ks_2samp(distance[positive], distance[~positive]).pvalue > 0.01


def test_uniform_negatives_do_not_have_them(planted):
    drawn = labels.build_examples(only("scan", planted.config), planted.arrays, planted.splits, planted.labels)
    distance, positive = drawn["bin2"] - drawn["bin1"], drawn["label"] == 1
    assert ks_2samp(distance[positive], distance[~positive]).pvalue < 0.001


def test_sources_are_what_they_are_named_for(planted, examples):
    for (sample, chrom), own in examples.groupby(["sample", "chrom"]):
        positives = own[own["label"] == 1]
        anchors = {bin_ + shift for side in ("bin1", "bin2") for bin_ in positives[side] for shift in (-1, 0, 1)}
        shared = own["bin1"].isin(anchors).astype(int) + own["bin2"].isin(anchors)
        assert (shared[own["source"] == "swapped"] == 2).all()
        assert (shared[own["source"] == "stripe"] == 1).all()
        far = (positives["bin2"] - positives["bin1"]).quantile(planted.config.long_quantile)
        long = own[own["source"] == "long"]
        assert (long["bin2"] - long["bin1"] >= far).all()
        filled = own[own["source"].isin(["near", "long", "distance"])]
        band_ID = planted.arrays.contacts(sample, chrom)
        assert (band_ID[filled["bin1"], filled["bin2"] - filled["bin1"]] > 0).all()
        scanned = scan.scan(planted.config, planted.arrays, planted.splits, (sample, chrom), ("train", "valid", "test"))
        pixels = set(zip(scanned["bin1"], scanned["bin2"], strict=True))
        hard = own[own["source"].isin(["swapped", "stripe", "enriched", "scan"])]
        assert set(zip(hard["bin1"], hard["bin2"], strict=True)) <= pixels


def test_what_one_source_lacks_the_next_gives(planted):
    """Hardly any two anchors are a pixel of the scan; stripes make up for it."""
    config = replace(only("swapped", planted.config), share_stripe=0.001, negatives_per_positive=20)
    drawn = labels.build_examples(config, planted.arrays, planted.splits, planted.labels)
    counts = drawn["source"].value_counts()
    assert counts["swapped"] + counts["stripe"] == 20 * counts["positive"]
    assert counts["stripe"] > 0.1 * counts["positive"]


def test_enriched_negatives_are_more_enriched_than_those_of_the_scan(planted, examples):
    def mean_excess(source: str) -> float:
        values = []
        for place, own in examples[examples["source"] == source].groupby(["sample", "chrom"]):
            excess_ID = scan.excess(planted.config, planted.arrays, place)
            values.append(excess_ID[own["bin1"], own["bin2"] - own["bin1"]])
        return float(np.concatenate(values).mean())

    assert mean_excess("enriched") > mean_excess("scan") > planted.config.scan_min_excess


def test_examples_depend_on_the_seed_and_on_nothing_else(planted, examples):
    again = labels.build_examples(planted.config, planted.arrays, planted.splits, planted.labels)
    other = labels.build_examples(replace(planted.config, seed=2), planted.arrays, planted.splits, planted.labels)
    pd.testing.assert_frame_equal(examples, again)
    assert not examples.equals(other)


def test_one_samples_examples_do_not_depend_on_the_others(planted, examples):
    alone = labels.build_examples(planted.config, planted.arrays, planted.splits, {"b": planted.labels["b"]})
    pd.testing.assert_frame_equal(examples[examples["sample"] == "b"].reset_index(drop=True), alone)


def test_the_result_is_an_examples_table(examples):
    pd.testing.assert_frame_equal(conform(examples, EXAMPLES, "test"), examples)


def test_a_pixel_is_drawn_once_and_never_more_than_exist():
    pool_ID = np.zeros((20, 10), bool)
    pool_ID[3, 5:8] = pool_ID[9, 6] = True
    for distances in (None, np.array([5, 6, 6, 7])):
        pixels = labels.draw_pixels(pool_ID, 50, distances, np.random.default_rng(0))
        assert sorted(map(tuple, pixels.tolist())) == [(3, 5), (3, 6), (3, 7), (9, 6)]


def test_labels_on_other_chromosomes_are_an_error_that_names_them(planted):
    elsewhere = pd.DataFrame([pair("chr9", 100_000, "chr9", 200_000)])
    with pytest.raises(InputError, match=r"sample 'a': no pair lies on chr1, chr2, chr3 \(chromosomes found: chr9\)"):
        labels.build_examples(planted.config, planted.arrays, planted.splits, {"a": elsewhere})


def test_an_empty_label_file_is_an_error(planted):
    with pytest.raises(InputError, match="the file has no pairs"):
        labels.build_examples(planted.config, planted.arrays, planted.splits, {"a": planted.labels["a"].iloc[:0]})


def test_without_a_training_positive_the_reasons_are_told(planted):
    near = pd.DataFrame([pair("chr1", 300_000, "chr1", 305_000)])
    with pytest.raises(InputError, match="no positive is left to train on .*'distance': 1"):
        labels.build_examples(planted.config, planted.arrays, planted.splits, {"a": near})


def test_a_sample_without_arrays_is_an_error_that_names_the_nearest(planted):
    with pytest.raises(InputError, match="unknown sample 'aa'; did you mean 'a'"):
        labels.build_examples(planted.config, planted.arrays, planted.splits, {"aa": planted.labels["a"]})


def test_pairs_beyond_the_stored_band_are_refused(planted):
    with pytest.raises(InputError, match="pairs reach 60 bins"):
        labels.build_examples(
            replace(planted.config, max_distance_bins=61), planted.arrays, planted.splits, planted.labels
        )
