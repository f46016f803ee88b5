"""The numbers of the task: what is refused, and who reads which."""

import json

import pytest

from chiasma.core.errors import ConfigError
from chiasma.schema.rooms import build_config, read_values
from chiasma.schema.run import read_task
from chiasma.tasks.expression import config
from chiasma.tasks.expression.config import ActivityByContact, Config, Ridge


@pytest.mark.parametrize(
    ("cls", "values", "said"),
    [
        (Config, {"channel": -1}, "from 0, found -1"),
        (Config, {"background_stride_bins": 0}, "at least 1, or null for none, found 0"),
        (Config, {"hidden": 0}, "hidden must be at least 1"),
        (Config, {"dropout": 1.0}, "dropout below 1"),
        (Config, {"min_nonzero_fraction": 1.5}, "are fractions"),
        (Ridge, {"reach_bins": -1}, "must not be negative"),
        (Ridge, {"alphas": []}, "at least one"),
        (Ridge, {"alphas": [1.0, 0.0]}, "must be positive"),
        (ActivityByContact, {"reach_bins": 0}, "at least 1"),
    ],
)
def test_numbers_that_make_no_sense_are_refused(cls, values, said):
    with pytest.raises(ConfigError, match=said):
        build_config(cls, values, "here")


def test_the_grid_between_genes_can_be_left_out():
    assert build_config(Config, {"background_stride_bins": None}, "here").background_stride_bins is None


def test_labelling_and_training_both_read_which_signal_is_the_target(tmp_path):
    parameters = {
        "genes": "genes",
        "truth": ["genes"],
        "target": "cage",
        "channel": 1,
        "background_stride_bins": 20,
        "hidden": 8,
    }
    text = json.dumps({"task": "expression", "tileset": "windows", "parameters": parameters})
    (tmp_path / "one.yaml").write_text(text)
    task = read_task("one", tmp_path)
    assert task.numbers("label") == {"genes": "genes", "target": "cage", "channel": 1, "background_stride_bins": 20}
    assert task.numbers("finetune") == {"target": "cage", "channel": 1, "hidden": 8}
    assert set(config.SHARED) <= set(config.HEAD)


def test_the_task_of_the_simulated_studies_names_what_they_have():
    values = read_values("config/tasks/expression.yaml")
    numbers = build_config(Config, values["parameters"], "parameters")
    assert (numbers.target, numbers.genes) == ("cage", "genes")
    assert set(values["baselines"]) == set(config.BASELINES)
