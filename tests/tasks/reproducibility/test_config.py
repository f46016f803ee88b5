import dataclasses

import pytest

from chiasma.core.errors import ConfigError
from chiasma.schema.rooms import build_config
from chiasma.tasks.reproducibility.config import Config, GenomeDisco, Pearson, Scc, check_replicates

THREE = {"a": ["a1", "a2"], "b": ["b1"]}


def test_lists_of_a_study_become_tuples_and_name_pairs():
    config = build_config(Config, {"replicates": {"a": ["a1", "a2", "a3"], "b": ["b1"]}}, "task")
    assert config.replicates == {"a": ("a1", "a2", "a3"), "b": ("b1",)}
    assert config.samples == ("a1", "a2", "a3", "b1") and config.biosample("a3") == "a"
    assert len(list(config.anchors())) == 6 and ("a2", "a1") in config.anchors()
    assert config.others("a1") == ("b1",) and config.others("b1") == ("a1", "a2", "a3")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"replicates": {"a": "a1"}}, "a: expected a list of samples, found 'a1'"),
        ({"replicates": {"a": []}}, "expected a list of samples"),
        ({"replicates": {"a": ["a1"], "b": ["a1"]}}, "named twice"),
        ({"margin": 0.0}, "margin must lie above 0"),
        ({"margin": 2.5}, "at most 2"),
        ({"negatives": 0}, "at least 1"),
        ({"dropout": 1.0}, "dropout below 1"),
    ],
)
def test_wrong_numbers_are_explained(changes, message):
    with pytest.raises(ConfigError, match=message):
        build_config(Config, changes, "task")


@pytest.mark.parametrize(
    ("replicates", "message"),
    [
        ({}, "expected a biosample with two samples"),
        ({"a": ["a1", "a2"]}, "and another biosample"),
        ({"a": ["a1"], "b": ["b1"]}, "with two samples or more"),
        ({"a": ["a1", "a9"], "b": ["b1"]}, "unknown sample 'a9'"),
    ],
)
def test_what_makes_no_triplet_is_refused_with_what_is_missing(replicates, message):
    with pytest.raises(ConfigError, match=message):
        check_replicates(Config(replicates=replicates), ("a1", "a2", "b1"), "task")


def test_two_replicates_and_one_other_sample_are_enough():
    check_replicates(Config(replicates=THREE), ("a1", "a2", "b1", "not_named"), "task")


@pytest.mark.parametrize("cls, name", [(Scc, "smooth_bins"), (GenomeDisco, "steps"), (Pearson, "pseudo_contacts")])
def test_numbers_of_baselines_are_checked(cls, name):
    with pytest.raises(ValueError, match=name):
        dataclasses.replace(cls(), **{name: -1})
