"""Baselines find what is planted, their pieces agree with brute force, and bad input is explained."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from planted_loops import found
from sklearn.metrics import roc_auc_score

from chiasma.assays.enrichment import cut_band, window_grid
from chiasma.contracts import Inputs
from chiasma.core.errors import InputError
from chiasma.schema.tables import CALLS, PIXELS, conform
from chiasma.tasks.loops import callers, decode
from chiasma.tasks.loops.config import Donut, Forest
from chiasma.tasks.loops.labels import build_examples


@pytest.fixture(scope="module")
def inputs(planted):
    examples = build_examples(planted.config, planted.arrays, planted.splits, planted.labels)
    return Inputs(planted.arrays, planted.splits, examples, "a", Path("missing.cool"), 1)


@pytest.mark.parametrize(
    ("name", "numbers"),
    [
        ("donut", Donut()),
        ("donut", Donut(statistic="poisson")),
        ("forest", Forest(trees=40, jobs=1)),
        ("forest", Forest(trees=40, jobs=1, tracks=True)),
    ],
)
def test_planted_loops_of_the_test_split_are_called(planted, inputs, name, numbers):
    pixels, calls = callers.run_baseline(name, planted.config, numbers, inputs)
    precision, recall = found(planted, calls, "chr3")
    assert precision > 0.85
    assert recall > 0.8
    pairs = pixels[(pixels["label"] >= 0) & (pixels["split"] == "test")]
    assert roc_auc_score(pairs["label"], pairs["score"]) > 0.95
    conform(pixels, PIXELS, "test")
    conform(calls, CALLS, "test")


def test_a_forest_of_permuted_labels_finds_nothing(planted, inputs):
    shuffled = inputs.examples.copy()
    train = shuffled["split"] == "train"
    shuffled.loc[train, "label"] = np.random.default_rng(0).permutation(shuffled.loc[train, "label"])
    pixels, _ = callers.run_baseline(
        "forest", planted.config, Forest(trees=20, jobs=1), replace(inputs, examples=shuffled)
    )
    pairs = pixels[(pixels["label"] >= 0) & (pixels["split"] == "test")]
    assert 0.3 < roc_auc_score(pairs["label"], pairs["score"]) < 0.7


def test_a_forest_repeats_itself_with_its_seed(planted, inputs):
    scores = [
        callers.run_baseline("forest", planted.config, Forest(trees=5, jobs=1), replace(inputs, seed=seed))[0]["score"]
        for seed in (1, 1, 2)
    ]
    assert (scores[0] == scores[1]).all()
    assert (scores[0] != scores[2]).any()


def test_a_forest_learns_from_the_training_split_alone(planted, inputs):
    changed = inputs.examples.copy()
    changed.loc[changed["split"] != "train", "label"] = 0
    first, second = (
        callers.run_baseline("forest", planted.config, Forest(trees=5, jobs=1), replace(inputs, examples=own))[0]
        for own in (inputs.examples, changed)
    )
    assert (first["score"] == second["score"]).all()


def test_a_forest_without_positives_is_an_error(planted, inputs):
    negatives = inputs.examples[inputs.examples["label"] == 0]
    with pytest.raises(InputError, match=r"labels \[.*0.*\]; expected both 0 and 1"):
        callers.run_baseline("forest", planted.config, Forest(), replace(inputs, examples=negatives))


def test_an_unknown_baseline_names_those_that_exist(planted, inputs):
    with pytest.raises(InputError, match="unknown baseline 'donuts'; did you mean 'donut'"):
        callers.run_baseline("donuts", planted.config, None, inputs)


def test_windows_agree_with_the_tiles(planted):
    """The 16-bin tile of the arrays, cut another way, holds the same pixels."""
    bin1, bin2 = np.array([20, 60, 100]), np.array([25, 110, 104])
    rows, cols = window_grid(bin1, bin2, 4)
    mine = cut_band(planted.arrays.contacts("a", "chr1"), rows, cols)
    half = planted.arrays.meta.half_bins
    tile = planted.arrays.windows("a", "chr1", bin1, bin2)["contacts"][:, half - 4 : half + 5, half - 4 : half + 5]
    assert np.array_equal(mine, tile)


def test_a_background_without_structure_expects_the_distances_mean(planted):
    """On a map that equals its expected value everywhere, each local expectation is that value."""
    arrays = planted.arrays

    class Flat:
        expected, valid, meta = arrays.expected, arrays.valid, arrays.meta

        def contacts(self, sample, chrom):
            return np.broadcast_to(arrays.expected(sample, chrom), arrays.contacts(sample, chrom).shape)

    bin1, bin2 = np.array([30, 100]), np.array([36, 150])
    local = callers.local_expected(Donut(), Flat(), ("a", "chr1"), bin1, bin2)
    assert np.allclose(local, arrays.expected("a", "chr1")[bin2 - bin1][:, None], rtol=1e-5)


def test_masked_bins_are_in_no_background(planted):
    arrays = planted.arrays
    masked_I = np.ones(arrays.meta.bins("chr1"), bool)
    masked_I[103] = False

    class Noisy:
        expected, meta = arrays.expected, arrays.meta

        def valid(self, sample, chrom):
            return masked_I

        def contacts(self, sample, chrom):
            band_ID = arrays.contacts(sample, chrom).copy()
            band_ID[103] = self.noise
            return band_ID

    quiet, loud = Noisy(), Noisy()
    quiet.noise, loud.noise = 0, 1000
    first, second = (
        callers.local_expected(Donut(), own, ("a", "chr1"), np.array([100]), np.array([140])) for own in (quiet, loud)
    )
    assert np.array_equal(first, second)


def test_features_have_the_declared_width(planted):
    shape = callers.window_features(
        Forest(tracks=True), planted.arrays, ("a", "chr1"), np.array([30, 40]), np.array([50, 60])
    ).shape
    assert shape == (2, 11 * 11 + 1 + 6 * 2)


def test_scores_do_not_depend_on_the_pieces_they_are_made_in(planted, inputs, monkeypatch):
    pixels = decode.select_pixels(planted.config, planted.arrays, planted.splits, inputs.examples, "a").head(300)
    whole = callers.donut_scores(Donut(), planted.arrays, pixels)
    monkeypatch.setattr(callers, "CHUNK", 7)
    assert np.array_equal(whole, callers.donut_scores(Donut(), planted.arrays, pixels))
