"""Numbers of training that cannot be are refused."""

import pytest
from toy_training import toy_config

from chiasma.core.errors import ConfigError
from chiasma.schema.rooms import build_config
from chiasma.training.config import TrainingConfig, check_pretraining


@pytest.mark.parametrize(
    ("numbers", "message"),
    [
        ({"betas": [0.9]}, "betas must be two numbers in"),
        ({"betas": [0.9, 1.0]}, "betas must be two numbers in"),
        ({"betas": 0.9}, "betas: expected"),
        ({"layer_decay": 0}, r"layer_decay must be in \(0, 1\], found 0"),
        ({"layer_decay": 1.5}, "found 1.5"),
        ({"lora_rank": -1}, "lora_rank must be 0 or more"),
        ({"lora_alpha": 0}, "lora_alpha positive"),
    ],
)
def test_what_cannot_be_is_refused(numbers, message):
    with pytest.raises(ConfigError, match=message):
        build_config(TrainingConfig, {"epochs": 1, "batch_size": 2, "learning_rate": 0.1} | numbers, "pretrain")


def test_random_weights_cannot_be_adapted():
    for numbers in ({"layer_decay": 0.9}, {"lora_rank": 1}):
        with pytest.raises(ConfigError, match=r"pretrain: .* name them \(init\)"):
            check_pretraining(toy_config(**numbers), None, "pretrain")
        check_pretraining(toy_config(**numbers), "some/folder", "pretrain")
    check_pretraining(toy_config(lora_alpha=2.0), None, "pretrain")
