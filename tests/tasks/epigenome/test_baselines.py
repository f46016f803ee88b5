"""The baselines as the command line calls them: the same bins as a model's, and ridge better than the mean."""

import dataclasses

import numpy as np
import pytest
from planted_tracks import CONFIG, MASKED, TEST, TILE, log2_signal

from chiasma.core.errors import ConfigError, InputError
from chiasma.tasks.epigenome.baselines import predict
from chiasma.tasks.epigenome.config import BASELINES, Mean, Ridge
from chiasma.tasks.epigenome.decode import predict as decode
from chiasma.tasks.epigenome.signal import learning_signal

NUMBERS = {"mean": Mean(), "ridge": Ridge(far_bins=30, widths_bins=(5, 10))}


@pytest.fixture(scope="module")
def predicted(inputs):
    return {name: predict(name, CONFIG, NUMBERS[name], inputs)["tracks"] for name in BASELINES}


@pytest.mark.parametrize("name", BASELINES)
def test_each_predicts_the_bins_that_a_model_does_in_a_sample_without_a_measurement(name, predicted, inputs):
    model = decode(CONFIG, inputs, lambda frame: np.zeros((len(frame), TILE, 2)))["tracks"]
    assert list(predicted[name]) == list(model) == ["ctcf", "atac"]
    for target, own in model.items():
        assert list(predicted[name][target]) == list(own) == ["chr2"]
        np.testing.assert_array_equal(np.isfinite(predicted[name][target]["chr2"]), np.isfinite(own["chr2"]))


def test_the_mean_is_that_of_the_training_bins_of_the_samples_that_have_the_signal(predicted, inputs):
    train = np.concatenate([signal for _, _, signal in learning_signal(CONFIG, inputs, "train")])
    for target, wanted in zip(CONFIG.targets, np.nanmean(train, axis=0), strict=True):
        found = predicted["mean"][target]["chr2"]
        np.testing.assert_allclose(found[np.isfinite(found)], wanted, rtol=1e-6)


def test_ridge_beats_the_mean_on_the_test_region(predicted):
    bins = np.setdiff1d(np.arange(*TEST), MASKED)
    for track, target in enumerate(CONFIG.targets):
        planted = log2_signal("c", "chr2")[bins, track]
        errors = {name: np.square(own[target]["chr2"][bins] - planted).mean() for name, own in predicted.items()}
        assert errors["ridge"] < 0.2 * errors["mean"]


def test_what_does_not_exist_is_named(inputs):
    with pytest.raises(InputError, match="unknown baseline 'rigde'; did you mean 'ridge'"):
        predict("rigde", CONFIG, Ridge(), inputs)
    with pytest.raises(ConfigError, match="unknown target 'pro' "):
        predict("ridge", dataclasses.replace(CONFIG, targets=("pro", "atac")), Ridge(), inputs)
