"""Reported losses that have no table, or a model whose family cannot say what they mean, are refused before any job starts."""

import pytest
from study_house import FAMILY

from chiasma.schema.reported import landmark_models
from chiasma.schema.rooms import room_module

REPORTED = {"losses": "raw/a.bw", "model": "one", "window_bins": 64, "patch": 8}


@pytest.fixture(autouse=True)
def family(monkeypatch):
    """Whether the study's family measures landmarks."""
    room = room_module("families", FAMILY, "config")
    monkeypatch.setattr(room, "LANDMARKS", True, raising=False)
    return lambda measures: monkeypatch.setattr(room, "LANDMARKS", measures, raising=False)


def test_a_study_without_reported_losses_measures_nothing(house):
    assert landmark_models(house.read()) == []


def test_the_reported_objective_comes_first_then_the_others_that_are_pre_trained(house):
    house.yaml("config/models/two.yaml", {"base": "one"})
    study = house.read(models=["one", "scratch", "two"], reported=REPORTED | {"model": "two"})
    assert landmark_models(study) == ["two", "one"]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"losses": "raw/none.tsv"}, "raw/none.tsv: no such file"),
        ({"model": "oen"}, "unknown model 'oen'; did you mean 'one'?"),
        ({"model": "scratch"}, "model 'scratch' is not pre-trained"),
        ({"window_bins": 60}, "window_bins 60 is not a multiple of patch 8"),
        ({"windows": 60}, "unknown key 'reported.windows'; did you mean 'window_bins'?"),
    ],
)
def test_what_is_wrong_is_said(house, changed, said):
    assert said in house.error(reported=REPORTED | changed)


def test_a_family_without_landmarks_is_refused(house, family):
    house.read(reported=REPORTED)
    family(False)
    assert f"family '{FAMILY}' measures no landmarks" in house.error(reported=REPORTED)
