"""Which stage starts from the weights a model names, and that they are there."""

import pytest

from chiasma.core.errors import ConfigError
from chiasma.schema.weights import init_of, weight_files


def test_the_first_stage_there_is_reads_init():
    both = {"init": "w", "pretrain": {"epochs": 1}}
    assert (init_of(both, "pretrain"), init_of(both, "finetune")) == ("w", None)
    assert init_of({"init": "w", "pretrain": None}, "finetune") == init_of({"init": "w"}, "finetune") == "w"
    assert init_of({"pretrain": None}, "finetune") is None and init_of({"pretrain": {"epochs": 1}}, "pretrain") is None


def test_a_folder_is_its_weights_and_their_description_and_a_file_is_itself(tmp_path):
    with pytest.raises(
        ConfigError, match=r"model 'm': init: .*/w.pth: no such file; expected the folder of a pre-trained"
    ):
        weight_files(tmp_path / "w.pth", "model 'm'")
    (tmp_path / "w.pth").touch()
    assert weight_files(tmp_path / "w.pth", "m") == [tmp_path / "w.pth"]
    for name in ("weights.safetensors", "config.json"):
        with pytest.raises(ConfigError, match=f"{name}: no such file"):
            weight_files(tmp_path, "m")
        (tmp_path / name).touch()
    assert weight_files(tmp_path, "m") == [tmp_path / "weights.safetensors", tmp_path / "config.json"]
