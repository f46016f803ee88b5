"""The baselines as the command line calls them: one profile of the same bins as a model's."""

import dataclasses

import numpy as np
import pytest
from planted_profiles import CONFIG, TEST, VALID, log2_signal

from chiasma.core.errors import ConfigError, InputError
from chiasma.tasks.expression.baselines import predict
from chiasma.tasks.expression.config import BASELINES, ActivityByContact, Mean, Ridge
from chiasma.tasks.expression.decode import predict as decode
from chiasma.tasks.expression.signal import learning_signal

NUMBERS = {"mean": Mean(), "ridge": Ridge(), "activity_by_contact": ActivityByContact(reach_bins=20)}


@pytest.mark.parametrize("name", BASELINES)
def test_each_predicts_the_bins_that_a_model_does_in_a_cell_type_without_a_measurement(name, inputs):
    found = predict(name, CONFIG, NUMBERS[name], inputs)["bw"]
    model = decode(CONFIG, inputs, lambda frame: np.zeros((len(frame), 32)))["bw"]
    assert list(found) == list(model) == ["chr2"]
    np.testing.assert_array_equal(np.isfinite(found["chr2"]), np.isfinite(model["chr2"]))
    assert found["chr2"].dtype == np.float32


def test_the_mean_is_that_of_the_training_bins(inputs):
    found = predict("mean", CONFIG, Mean(), inputs)["bw"]["chr2"]
    train = np.concatenate([signal for _, _, signal in learning_signal(CONFIG, inputs, "train")])
    np.testing.assert_allclose(found[slice(*VALID)], train.mean(), rtol=1e-6)


def test_ridge_beats_the_mean_on_the_test_region(inputs):
    truth = log2_signal("c", "chr2")[slice(*TEST)]
    errors = {
        name: np.square(predict(name, CONFIG, NUMBERS[name], inputs)["bw"]["chr2"][slice(*TEST)] - truth).mean()
        for name in ("mean", "ridge")
    }
    assert errors["ridge"] < 0.01 * errors["mean"]


def test_what_does_not_exist_is_named(inputs):
    with pytest.raises(InputError, match="unknown baseline 'rigde'; did you mean 'ridge'"):
        predict("rigde", CONFIG, Ridge(), inputs)
    with pytest.raises(ConfigError, match="unknown target 'pro' "):
        predict("ridge", dataclasses.replace(CONFIG, target="pro"), Ridge(), inputs)
