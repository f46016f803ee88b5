"""The shipped rivals are valid, untrained baselines, and meet the tasks that need what they yield."""

import re
from pathlib import Path

import pytest

from chiasma.core.errors import ConfigError
from chiasma.families.rivals.config import (
    BASELINE,
    NETWORKS,
    PRETRAINS,
    YIELDS,
    Config,
    reads,
    reads_contacts_alone,
    yields,
)
from chiasma.schema.rooms import build_config
from chiasma.schema.run import read_model, read_task
from chiasma.schema.study import meets

MODELS = sorted(path.stem for path in Path("config/models").glob("rival_*.yaml"))
FILE = "family: rivals\ntileset: windows\nfinetune: null\n"


def test_each_network_has_a_file_of_its_name():
    """Others beside it, smaller or of another tileset, are named after it."""
    assert {f"rival_{network}" for network in NETWORKS} <= {*MODELS}
    assert BASELINE and not PRETRAINS


@pytest.mark.parametrize("name", MODELS)
def test_each_shipped_rival_is_valid_and_starts_from_random_weights(name):
    model = read_model(name)
    config = build_config(Config, model.parameters, name)
    assert re.fullmatch(rf"rival_{config.network}(_small)?(_animal)?", name)
    assert model.family == "rivals" and model.finetune is not None
    assert model.pretrain is None and model.encoder is None
    assert set(yields(config)) < set(YIELDS)


@pytest.mark.parametrize(
    "key", ["pretrain: {epochs: 1, batch_size: 2, learning_rate: 0.1}", "pretrain: null\nencoder: one"]
)
def test_pre_training_such_a_family_is_refused(tmp_path, key):
    (tmp_path / "bad.yaml").write_text(f"{FILE}{key}\n")
    with pytest.raises(ConfigError, match="has no pre-training; make it null"):
        read_model("bad", tmp_path)


def test_a_task_on_pairs_is_met_by_the_network_that_yields_pairs_alone():
    task = read_task("loops")
    assert [name for name in MODELS if meets(read_model(name), task)] == ["rival_two_channel"]


def test_what_each_reads():
    assert {network: reads(Config(network)) for network in NETWORKS} == {
        "cnn": {"tracks"},
        "bilstm": {"tracks"},
        "outer": {"tracks"},
        "two_channel": {"contacts", "tracks"},
        "hicplus": {"contacts"},
        "hicarn": {"contacts"},
        "none": {"contacts"},
    }
    assert [network for network in NETWORKS if reads_contacts_alone(Config(network))] == ["hicplus", "hicarn", "none"]


@pytest.mark.parametrize(
    "values",
    [{"width": 10, "heads": 4}, {"width": 9, "heads": 3}, {"layers": 0}, {"pixel_layers": 0}, {"pixel_width": 0},
     {"window_bins": 22}, {"window_bins": 7}, {"pseudo_contacts": 0.0}, {"network": "other"}],
)  # fmt: skip
def test_impossible_numbers_are_refused(values):
    with pytest.raises(ConfigError):
        build_config(Config, values, "test")
