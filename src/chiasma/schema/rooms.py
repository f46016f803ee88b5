"""The folder is the registry: which families, tasks and simulators exist, and the keys their configurations accept.

A room's ``config`` module holds a frozen dataclass ``Config`` and needs no torch, so a study can be checked without it.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from types import ModuleType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import yaml

import chiasma
from chiasma.core.errors import ConfigError, check_keys, unknown

ROOT = Path(chiasma.__file__).parent
SINGULAR = {"families": "family", "tasks": "task"}


def room_names(kind: str) -> list[str]:
    """Return the names of the rooms in ``families`` or ``tasks``: the folders that hold a ``config.py``."""
    return sorted(path.parent.name for path in (ROOT / kind).glob("*/config.py"))


def room_module(kind: str, name: str, module: str, where: str = "") -> ModuleType:
    """Import ``chiasma.<kind>.<name>.<module>``; ConfigError names the rooms found when there is no such room."""
    if name not in room_names(kind):
        raise ConfigError(unknown(SINGULAR[kind], name, room_names(kind), where or kind))
    return import_module(f"chiasma.{kind}.{name}.{module}")


def has_module(kind: str, name: str, module: str) -> bool:
    """Return whether a room holds a module that rooms need not hold."""
    return (ROOT / kind / name / f"{module}.py").is_file()


def group_rows(task: str) -> int:
    """Return how many rows of a task's examples are learnt from together: ``GROUP`` of its room, 1 where it has none."""
    return getattr(room_module("tasks", task, "config"), "GROUP", 1)


def build_config(cls: type, values: Mapping[str, Any], where: str) -> Any:
    """Build the dataclass ``cls`` from ``values``.

    Lists become tuples, so that the result is hashable, and a float may be written as YAML reads it as text (1e-4) or as a
    whole number. ConfigError for an unknown key names the nearest right one, for a wrong type what was expected and found.
    """
    kinds = get_type_hints(cls)
    check_keys(values, (field.name for field in dataclasses.fields(cls)), where)
    plain = {key: _plain(value, kinds[key]) for key, value in values.items()}
    for key, value in plain.items():
        if not _fits(value, kinds[key]):
            expected = str(kinds[key]).replace("typing.", "") if get_args(kinds[key]) else kinds[key].__name__
            raise ConfigError(f"{where}: {key}: expected {expected}, found {values[key]!r}")
    try:
        return cls(**plain)
    except (TypeError, ValueError) as error:
        raise ConfigError(f"{where}: {error}") from error


def _plain(value: Any, kind: Any) -> Any:
    if isinstance(value, list):
        return tuple(value)
    if kind is float and isinstance(value, str | int) and not isinstance(value, bool):
        with suppress(ValueError):
            return float(value)
    return value


def _fits(value: Any, kind: Any) -> bool:
    """Return whether a plain value is of an annotated kind; only what configurations hold is known here."""
    origin, inner = get_origin(kind), get_args(kind)
    if kind is Any:
        return True
    if origin is Literal:
        return value in inner
    if origin in (Union, UnionType):
        return any(_fits(value, each) for each in inner)
    if origin is tuple:
        return isinstance(value, tuple) and all(_fits(_plain(each, inner[0]), inner[0]) for each in value)
    if kind in (int, float):
        return isinstance(value, int | float if kind is float else int) and not isinstance(value, bool)
    return isinstance(value, origin or kind)


def merge(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``base`` overridden by ``over``, key by key and level by level."""
    merged = dict(base)
    for key, value in over.items():
        nested = isinstance(value, Mapping) and isinstance(merged.get(key), Mapping)
        merged[key] = merge(merged[key], value) if nested else value
    return merged


def read_based(path: Path, read: Callable[[Path], dict[str, Any]]) -> dict[str, Any]:
    """Read a YAML file with ``read``, and the file of the same folder that its key ``base`` names, and so on; merge them."""
    values, seen = read(path), [path.stem]
    while (base := values.pop("base", None)) is not None:
        if base in seen:
            raise ConfigError(f"{path}: base '{base}' leads back to itself ({' -> '.join([*seen, base])})")
        seen.append(base)
        values = merge(read(path.with_name(f"{base}.yaml")), values)
    return values


def read_model_values(text: str) -> dict[str, Any]:
    """Read a model's keys given on the command line: like `read_values`, with the bases of a file merged in."""
    return (
        read_values(text)
        if text.lstrip().startswith("{")
        else read_based(Path(text), lambda path: read_values(str(path)))
    )


def read_values(text: str) -> dict[str, Any]:
    """Read keys and values given on the command line: inline JSON when ``text`` starts with ``{``, else a YAML or JSON file."""
    inline = text.lstrip().startswith("{")
    where = "inline JSON" if inline else text
    if not inline and not Path(text).is_file():
        raise ConfigError(f"{text}: no such file; give a YAML or JSON file, or inline JSON that starts with '{{'")
    try:
        values = json.loads(text) if inline else yaml.safe_load(Path(text).read_text(encoding="utf-8"))
    except (json.JSONDecodeError, yaml.YAMLError) as error:
        raise ConfigError(f"{where}: not valid {'JSON' if inline else 'YAML'}: {error}") from error
    if not isinstance(values, dict):
        raise ConfigError(f"{where}: expected keys and values, found {type(values).__name__}")
    return values
