"""The folder is the registry: which families, tasks and simulators exist, and the keys their configurations accept.

A room's ``config`` module holds a frozen dataclass ``Config`` and needs no torch, so a study can be checked without it.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
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

    Lists become tuples, so that the result is hashable. Types are checked by `chiasma.schema.run` before any job starts.
    """
    check_keys(values, (field.name for field in dataclasses.fields(cls)), where)
    values = {key: tuple(value) if isinstance(value, list) else value for key, value in values.items()}
    try:
        return cls(**values)
    except (TypeError, ValueError) as error:
        raise ConfigError(f"{where}: {error}") from error


def read_values(text: str) -> dict[str, Any]:
    """Read keys and values given on the command line: inline JSON when ``text`` starts with ``{``, else a YAML or JSON file."""
    if text.lstrip().startswith("{"):
        return json.loads(text)
    path = Path(text)
    if not path.is_file():
        raise ConfigError(f"{text}: no such file; give a YAML or JSON file, or inline JSON that starts with '{{'")
    return yaml.safe_load(path.read_text(encoding="utf-8"))
