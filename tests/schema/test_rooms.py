"""The folder is the registry, and numbers from a command line become a checked dataclass."""

import json
from dataclasses import dataclass
from typing import Literal

import pytest

from chiasma.core.errors import ConfigError
from chiasma.schema.rooms import build_config, merge, read_model_values, read_values, room_module, room_names


@dataclass(frozen=True)
class Numbers:
    """Toy numbers."""

    rate: float = 0.5
    names: tuple[str, ...] = ()
    flag: bool = False
    choice: Literal["a", "b"] | None = None

    def __post_init__(self) -> None:
        if self.rate < 0:
            raise ValueError(f"rate must not be negative, found {self.rate}")


def test_a_room_is_a_folder_with_a_config():
    for kind in ("families", "tasks"):
        for name in room_names(kind):
            assert room_module(kind, name, "config").Config


def test_a_missing_room_is_reported_with_the_rooms_found():
    with pytest.raises(ConfigError, match="unknown family 'nothing' .known: "):
        room_module("families", "nothing", "config")


def test_yaml_as_people_write_it_becomes_the_dataclass():
    assert build_config(Numbers, {"rate": "1e-4", "names": ["a"], "flag": True}, "x") == Numbers(1e-4, ("a",), True)
    assert isinstance(build_config(Numbers, {"rate": 2}, "x").rate, float)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"rat": 1}, "x: unknown key 'rat'; did you mean 'rate'?"),
        ({"rate": -1}, "x: rate must not be negative"),
        ({"rate": "high"}, "x: rate: expected float, found 'high'"),
        ({"rate": True}, "x: rate: expected float, found True"),
        ({"names": "a"}, "x: names: expected tuple[str, ...], found 'a'"),
        ({"names": [1]}, "x: names: expected tuple[str, ...], found [1]"),
        ({"flag": 1}, "x: flag: expected bool, found 1"),
        ({"choice": "c"}, "Literal['a', 'b']], found 'c'"),
    ],
)
def test_wrong_numbers_say_where(values, said):
    with pytest.raises(ConfigError) as caught:
        build_config(Numbers, values, "x")
    assert said in str(caught.value)


def test_merging_goes_level_by_level_and_changes_neither_side():
    base, over = {"a": {"b": 1, "c": 2}, "d": 3}, {"a": {"b": 9}, "d": None}
    assert merge(base, over) == {"a": {"b": 9, "c": 2}, "d": None}
    assert base == {"a": {"b": 1, "c": 2}, "d": 3}


def test_values_come_inline_or_from_a_file_with_its_bases(tmp_path):
    assert read_values(' {"a": [1]}') == {"a": [1]}
    (tmp_path / "one.yaml").write_text("a: {b: 1, c: 2}")
    (tmp_path / "two.yaml").write_text("base: one\na: {b: 3}")
    assert read_values(str(tmp_path / "one.yaml")) == {"a": {"b": 1, "c": 2}}
    assert read_model_values(str(tmp_path / "two.yaml")) == {"a": {"b": 3, "c": 2}}
    assert read_model_values(json.dumps({"a": 1})) == {"a": 1}


@pytest.mark.parametrize(("text", "said"), [("{'a': 1}", "not valid JSON"), ("nowhere.yaml", "no such file")])
def test_unreadable_values_say_why(text, said):
    with pytest.raises(ConfigError, match=said):
        read_values(text)


@pytest.mark.parametrize(
    ("text", "said"), [("a: [", "not valid YAML"), ("- a", "expected keys and values, found list")]
)
def test_an_unreadable_file_says_why(tmp_path, text, said):
    (tmp_path / "x.yaml").write_text(text)
    with pytest.raises(ConfigError, match=said):
        read_values(str(tmp_path / "x.yaml"))
