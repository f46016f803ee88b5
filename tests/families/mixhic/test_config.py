"""The shipped model files are valid, and impossible numbers are refused."""

from pathlib import Path

import pytest

from chiasma.core.errors import ConfigError
from chiasma.families.mixhic.config import Config, reads
from chiasma.schema.rooms import build_config
from chiasma.schema.run import read_model

MODELS = sorted(path.stem for path in Path("config/models").glob("mixhic*.yaml"))


@pytest.mark.parametrize("name", MODELS)
def test_each_shipped_model_is_valid(name):
    model = read_model(name)
    assert model.family == "mixhic"
    assert isinstance(build_config(Config, model.parameters, name), Config)


def test_scratch_is_small_without_pretraining():
    small, scratch = read_model("mixhic_small"), read_model("mixhic_small_scratch")
    assert scratch.pretrain is None and small.pretrain is not None
    assert (scratch.parameters, scratch.finetune) == (small.parameters, small.finetune)


@pytest.mark.parametrize(
    "values",
    [{"width": 10, "heads": 4}, {"temperature_init": 2.0}, {"contact_attention_from": 5}, {"pseudo_contacts": 0.0}],
)
def test_impossible_numbers_are_refused(values):
    with pytest.raises(ConfigError):
        build_config(Config, values, "test")


def test_an_unknown_number_names_the_nearest():
    with pytest.raises(ConfigError, match="contact_transform"):
        build_config(Config, {"contacts_transform": "log1p"}, "test")


@pytest.mark.parametrize(
    ("mode", "arrays"),
    [
        ("bimodal", {"contacts", "tracks"}),
        ("map", {"contacts"}),
        ("epi", {"tracks"}),
        ("infer_map", {"tracks"}),  # the map is inferred from the tracks, not read
    ],
)
def test_each_mode_says_what_it_reads(mode, arrays):
    assert reads(Config(mode=mode)) == arrays
