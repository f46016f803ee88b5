"""The shipped model files are valid, and impossible numbers are refused."""

from pathlib import Path

import pytest

from chiasma.core.errors import ConfigError
from chiasma.families.hicfoundation.config import Config, reads, shares, yields
from chiasma.schema.rooms import build_config
from chiasma.schema.run import read_model, read_task
from chiasma.schema.study import meets

MODELS = sorted(path.stem for path in Path("config/models").glob("hicfoundation*.yaml"))


def test_all_sizes_are_shipped():
    assert {f"hicfoundation_{size}" for size in ("tiny", "small", "base", "large", "official")} <= set(MODELS)


@pytest.mark.parametrize("name", MODELS)
def test_each_shipped_model_is_valid(name):
    model = read_model(name)
    assert model.family == "hicfoundation"
    assert isinstance(build_config(Config, model.parameters, name), Config)


def test_the_official_model_is_the_large_one_with_every_switch_thrown():
    official = build_config(Config, read_model("hicfoundation_official").parameters, "official")
    large = build_config(Config, read_model("hicfoundation_large").parameters, "large")
    for name in ("image", "contact_transform", "count_input", "mask", "objective"):
        assert getattr(official, name) != getattr(large, name), name
    for name in ("width", "depth", "heads", "decoder_width", "decoder_depth", "decoder_heads", "patch"):
        assert getattr(official, name) == getattr(large, name), name


def test_it_reads_contacts_alone_so_no_task_that_predicts_them_is_met():
    assert reads(Config()) == {"contacts"} and not shares(Config())
    assert yields(Config()) == ("pair", "grid")
    model = read_model("hicfoundation_tiny")
    assert meets(model, read_task("loops")) and not meets(model, read_task("contact_map"))


@pytest.mark.parametrize(
    "values",
    [{"width": 190, "heads": 3}, {"decoder_width": 18, "decoder_heads": 2}, {"patch": 0}, {"depth": 0},
     {"mask_ratio": 1.0}, {"mask_ratio": 0.0}, {"image": "rgb", "objective": "official"}, {"objective": "official"},
     {"image": "rgb", "contact_transform": "log10_max"}, {"temperature": 0.0}, {"pseudo_contacts": 0.0}],
)  # fmt: skip
def test_impossible_numbers_are_refused(values):
    with pytest.raises(ConfigError):
        build_config(Config, values, "test")


def test_an_unknown_number_names_the_nearest():
    with pytest.raises(ConfigError, match="mask_ratio"):
        build_config(Config, {"masked_ratio": 0.5}, "test")
