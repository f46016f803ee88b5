"""A probe finds what is linear, chooses by the validation rows alone, and never looks at test; its inputs; its summary."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, roc_auc_score
from sklearn.preprocessing import StandardScaler

from chiasma.core.errors import InputError
from chiasma.evaluation.probe import (
    COMPONENTS,
    PENALTIES,
    fit_probe,
    middle_inputs,
    probe_test,
    summarise_probes,
    token_features,
    with_both,
)
from chiasma.schema.tables import PROBE


def planted(count: int, width: int, seed: int, noise: float = 0.3) -> tuple[np.ndarray, np.ndarray]:
    """Features (count, width) and labels, a quarter of them 1, that the first feature says but for noise."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(count, width))
    return x, (x[:, 0] + noise * rng.normal(size=count) > 0.7).astype(int)


@pytest.fixture(scope="module")
def split():
    """Planted features with labels, and their splits in turn."""
    x, label = planted(1500, 12, seed=1)
    return x, label, np.tile(["train", "valid", "test"], 500)


def test_a_linear_signal_is_found_and_labels_dealt_at_random_are_chance(split):
    x, label, names = split
    test = names == "test"
    assert roc_auc_score(label[test], probe_test(x, label, names)) > 0.95
    dealt = np.random.default_rng(2).permutation(label)
    assert roc_auc_score(dealt[test], probe_test(x, dealt, names)) == pytest.approx(0.5, abs=0.1)


def test_a_signal_in_many_features_is_found_by_few_components():
    """Five directions say all there is; 400 features show them with noise, for fewer training rows than features."""
    rng = np.random.default_rng(3)
    hidden, label = planted(900, 5, seed=4)
    x = hidden @ rng.normal(size=(5, 400)) + rng.normal(size=(900, 400))
    for count, components in ((300, COMPONENTS), (100, 100)):
        probe = fit_probe((x[:count], label[:count]), (x[300:600], label[300:600]))
        assert probe.regression.coef_.shape == (1, components)
        assert roc_auc_score(label[600:], probe.score(x[600:])) > 0.9


def test_the_validation_rows_choose_the_penalty():
    """Many noisy features for few rows: rows of its own ask for a strong penalty, the training rows for a weak one."""
    train, valid = planted(90, 80, seed=5, noise=1.0), planted(2000, 80, seed=6, noise=1.0)
    scaler = StandardScaler().fit(train[0])
    found = {}
    for penalty in PENALTIES:  # the same by another solver
        own = LogisticRegression(C=1 / (penalty * 90), max_iter=5000, tol=1e-8).fit(
            scaler.transform(train[0]), train[1]
        )
        found[penalty] = average_precision_score(valid[1], own.decision_function(scaler.transform(valid[0])))
    assert fit_probe(train, valid).penalty == max(found, key=found.get)
    assert fit_probe(train, train).penalty < fit_probe(train, valid).penalty


def test_of_penalties_that_rank_alike_the_strongest_is_taken():
    x = np.array([[-1.0], [1.0], [-2.0], [2.0]])
    assert fit_probe((x, np.array([0, 1, 0, 1])), (x, np.array([0, 1, 0, 1]))).penalty == max(PENALTIES)


def test_nothing_of_test_changes_the_probe(split):
    x, label, names = split
    scores = probe_test(x, label, names)
    test = np.flatnonzero(names == "test")
    permuted = label.copy()
    permuted[test] = 1 - label[test]
    np.testing.assert_array_equal(probe_test(x, permuted, names), scores)
    far = x.copy()
    far[test[1:]] = 1e3  # other test rows cannot move the score of the first
    assert probe_test(far, label, names)[0] == pytest.approx(scores[0])


def test_the_unit_of_a_feature_does_not_matter(split):
    x, label, names = split
    units = 10.0 ** np.arange(-6, 6)
    np.testing.assert_allclose(probe_test(units * x + 7, label, names), probe_test(x, label, names), atol=1e-5)


def test_tokens_keep_their_places_and_their_parts_lie_beside_each_other():
    tokens = {
        "contacts_shared": np.array([[[1.0], [2.0]]]),
        "tracks_shared": np.array([[[9.0]]]),
        "contacts_specific": np.array([[[3.0, 4.0], [5.0, 6.0]]]),
    }
    found = with_both(token_features(tokens))
    assert {name: own.tolist() for name, own in found.items()} == {
        "contacts": [[1, 3, 4, 2, 5, 6]],
        "tracks": [[9]],
        "both": [[1, 3, 4, 2, 5, 6, 9]],
    }
    assert set(with_both({"contacts": np.ones((2, 3))})) == {"contacts"}, "of one modality there is no both"


def tile(bins: int, per_bin: int = 2, channels: int = 3) -> dict[str, np.ndarray]:
    """One tile without contacts or signal, one contact expected in each pixel."""
    window = (1, bins, bins)
    return {
        "contacts": np.zeros(window, np.float32),
        "expected": np.ones(window, np.float32),
        "valid": np.ones(window, bool),
        "tracks": np.zeros((1, 2 * bins * per_bin, channels), np.float32),
    }


def test_inputs_are_the_middle_of_the_window_and_of_each_strip():
    examples = tile(20)
    examples["contacts"][0, 10, 10] = 7  # the pixel of the pair: log2((7 + 1) / (1 + 1))
    examples["contacts"][0, 5, 15] = 3  # the first row of the middle, its last column
    examples["contacts"][0, 10, 4] = examples["contacts"][0, 10, 16] = 50  # just outside
    examples["valid"][0, 15, 5] = False  # a pixel without a value is as expected
    examples["tracks"][0, 20:22, 1] = 1, 5  # bin 10 of the first strip, the second track: log2(1 + 3)
    examples["tracks"][0, 40 + 30 : 40 + 32, 2] = 14, 0  # bin 15 of the second strip: the last of its middle
    examples["tracks"][0, 2 * 4 : 2 * 5, 0] = examples["tracks"][0, 2 * 16 : 2 * 17, 0] = 50  # just outside
    found = middle_inputs(examples)
    contacts = found["contacts"].reshape(11, 11)
    assert (contacts[5, 5], contacts[0, 10], contacts[10, 0]) == (2, 1, 0)
    assert np.sort(np.unique(contacts)).tolist() == [-1, 0, 1, 2], "no contact where one was expected is log2(1 / 2)"
    tracks = found["tracks"].reshape(2, 11, 3)
    assert (tracks[0, 5, 1], tracks[1, 10, 2]) == (2, 3)
    assert np.count_nonzero(tracks) == 2


def test_the_middle_of_a_tile_without_tracks_is_its_contacts():
    examples = tile(12)
    alone = {name: array for name, array in examples.items() if name != "tracks"}
    assert middle_inputs(alone).keys() == {"contacts"}
    assert np.array_equal(middle_inputs(alone)["contacts"], middle_inputs(examples)["contacts"])


def test_a_window_too_narrow_for_its_middle_is_refused():
    assert middle_inputs(tile(12))["contacts"].shape == (1, 121)
    with pytest.raises(InputError, match="windows of 10 bins do not reach 5 bins .* raise tile_bins .* to 12 or more"):
        middle_inputs(tile(10))


def probes(values: dict[tuple[str, int], float]) -> pd.DataFrame:
    rows = [
        ("pairs", "own", str(seed), features, "both", "aupr", value, 0.2, math.nan, math.nan)
        for (features, seed), value in values.items()
    ]
    return pd.DataFrame(rows, columns=PROBE.names)


def test_differences_are_paired_by_seed_and_means_have_an_interval():
    """Seeds differ by far more than the features do: only the paired difference is sure."""
    seeds = {1: 0.3, 2: 0.6, 3: 0.9}
    values = {("pre-trained", seed): value + 0.01 for seed, value in seeds.items()}
    values |= {("untrained", seed): value for seed, value in seeds.items()}
    values |= {("inputs", seed): 0.5 for seed in (1, 2)}
    rows = summarise_probes(probes(values))
    means = rows[rows["seed"] == "all"].set_index("features")
    gap = means.loc["pre-trained - untrained"]
    assert (gap["value"], gap["low"], gap["high"], gap["chance"]) == pytest.approx((0.01, 0.01, 0.01, 0))
    # Student's t with 2 degrees of freedom: 4.303 * 0.3 / sqrt(3)
    mean = means.loc["pre-trained"]
    assert (mean["value"], mean["high"] - mean["value"]) == pytest.approx((0.61, 4.3027 * 0.3 / math.sqrt(3)), rel=1e-3)
    assert mean["chance"] == pytest.approx(0.2)
    gaps = rows[(rows["features"] == "pre-trained - inputs") & (rows["seed"] != "all")].set_index("seed")["value"]
    assert gaps.to_dict() == pytest.approx({"1": -0.19, "2": 0.11}), "a seed that one side lacks is no pair"
