"""The folder is the registry: which families, tasks and simulators exist, and the keys their configurations accept.

A room's ``config`` module holds a frozen dataclass ``Config`` and needs no torch, so a study can be checked without it.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

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


def build_config(cls: type, values: Mapping[str, Any], where: str) -> Any:
    """Build the dataclass ``cls`` from ``values``; an unknown key names the nearest right one.

    Lists become tuples, so that the result is hashable, and a float may be written as YAML reads it as text (1e-4) or as a
    whole number. Types are checked by `chiasma.schema.run` before any job starts.
    """
    fields = {field.name: field.type for field in dataclasses.fields(cls)}
    check_keys(values, fields, where)
    try:
        return cls(**{key: _plain(value, fields[key]) for key, value in values.items()})
    except (TypeError, ValueError) as error:
        raise ConfigError(f"{where}: {error}") from error


def _plain(value: Any, kind: Any) -> Any:
    if isinstance(value, list):
        return tuple(value)
    is_number = isinstance(value, str | int) and not isinstance(value, bool)
    return float(value) if kind in (float, "float") and is_number else value


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
