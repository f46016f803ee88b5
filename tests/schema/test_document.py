"""The documentation: every key of every dataclass has its meaning."""

import dataclasses

import pytest

from chiasma.schema.document import attribute_meanings, document
from chiasma.schema.rooms import room_module, room_names
from chiasma.simulate.config import Config as SimulateConfig
from chiasma.training.config import TrainingConfig

ROOMS = [room_module(kind, name, "config") for kind in ("families", "tasks") for name in room_names(kind)]
BASELINES = [numbers for room in ROOMS for numbers in getattr(room, "BASELINES", {}).values()]


@pytest.mark.parametrize(
    "cls",
    [SimulateConfig, TrainingConfig, *(room.Config for room in ROOMS), *BASELINES],
    ids=lambda cls: cls.__module__,
)
def test_every_number_has_a_meaning_and_no_meaning_is_left_over(cls):
    assert set(attribute_meanings(cls)) == {field.name for field in dataclasses.fields(cls)}


def test_names_that_share_a_line_share_its_meaning_and_lines_are_joined():
    class Toy:
        """A toy.

        Attributes
        ----------
        a, b : first
            and more
        c : second
        """

    assert attribute_meanings(Toy) == {"a": "first and more", "b": "first and more", "c": "second"}


def test_a_default_is_spelt_as_yaml_would():
    text = document()
    assert "| `transductive` | true or false | `false` |" in text
    assert "| `seeds` | list of whole number | required |" in text
    assert "None" not in text
