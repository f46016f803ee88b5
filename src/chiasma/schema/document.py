"""The documentation of every key a user can write, made from the schema and the rooms' own descriptions."""

from __future__ import annotations

import dataclasses
import inspect
import re
from collections.abc import Iterator
from importlib import import_module
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from chiasma.schema import rooms, run

HEAD = """# Configuration

Made by `chiasma document --output config/README.md`; do not edit by hand.

A study is one YAML file in this folder; `config.yaml` is the demo. It names a sample sheet, models (`models/*.yaml`) and
tasks (`tasks/*.yaml`). All of it is checked before any job starts: `chiasma check --config config/config.yaml`.

The sample sheet is a tab-separated table with the columns `sample`, `assay`, `dataset`, `assembly`: one row per measurement.
`dataset` is a name of `resources/datasets.tsv`, or the path of a local file. Hi-C files are assay `contacts`; the kind of any
other assay follows from its file name.
"""


def document() -> str:
    """Return the text of ``config/README.md``: every key with its type, default and meaning."""
    parts = [
        HEAD,
        "## A study, `config/<study>.yaml`\n",
        *_section(run.Study),
        "### `normalise`\n",
        *_section(run.Normalise),
        "### `pairs.<assay>`\n",
        *_section(run.Pairs),
        "### `thin.<sample>`\n",
        *_section(run.Thin),
        "### `splits` with `by: chromosome`\n",
        *_section(run.ChromosomeSplits),
        "### `splits` with `by: block`\n",
        *_section(run.BlockSplits),
        "### `genomes.<genome>`\n",
        *_section(run.Genome),
        "### `tilesets.<tileset>`\n",
        *_section(run.Tileset),
        "### `few_shot.<task>`\n",
        *_section(run.FewShot),
        "### `perturb`\n",
        *_section(run.Perturb),
        "### `ablation`\n",
        *_section(run.Ablation),
        "### `probe`\n",
        *_section(run.Probe),
        "### `reported`\n",
        *_section(run.Reported),
        "### `simulate`\n",
        *_numbers(import_module("chiasma.simulate.config").Config),
        "## A model, `config/models/<model>.yaml`\n",
        *_section(run.Model),
        "### `pretrain` and `finetune`\n",
        *_numbers(import_module("chiasma.training.config").TrainingConfig),
        *_families(),
        "## A task, `config/tasks/<task>.yaml`\n",
        *_section(run.Task),
        *_tasks(),
    ]
    return "\n".join(parts).rstrip() + "\n"


def _families() -> Iterator[str]:
    for name in rooms.room_names("families"):
        yield f"### `parameters` of family `{name}`\n"
        yield from _numbers(rooms.room_module("families", name, "config").Config)


def _tasks() -> Iterator[str]:
    for name in rooms.room_names("tasks"):
        room = rooms.room_module("tasks", name, "config")
        yield f"### `parameters` of task `{name}`\n"
        yield from _numbers(room.Config)
        for baseline, numbers in room.BASELINES.items():
            yield f"### `baselines.{baseline}` of task `{name}`\n"
            yield f"{_summary(numbers)}\n"
            yield from _numbers(numbers)


def _section(cls: type[BaseModel]) -> Iterator[str]:
    """The table of a pydantic section."""
    rows = [
        (name, _type(field), _field_default(field), field.description or "") for name, field in cls.model_fields.items()
    ]
    yield from _table(rows)


def _numbers(cls: type) -> Iterator[str]:
    """The table of a dataclass, its meanings read from the docstring's Attributes."""
    meanings, hints = attribute_meanings(cls), get_type_hints(cls)
    rows = []
    for field in dataclasses.fields(cls):
        default = field.default if field.default_factory is dataclasses.MISSING else field.default_factory()
        shown = "required" if default is dataclasses.MISSING else _value(default)
        rows.append((field.name, _type_name(hints[field.name]), shown, meanings.get(field.name, "")))
    yield from _table(rows)


def attribute_meanings(cls: type) -> dict[str, str]:
    """Return name -> meaning from the Attributes of a numpy-style docstring; one line may name several."""
    text = inspect.getdoc(cls) or ""
    _, _, attributes = text.partition("Attributes\n----------\n")
    found: dict[str, str] = {}
    names: list[str] = []
    for line in attributes.splitlines():
        if head := re.match(r"^(\w+(?:, \w+)*) : (.*)$", line):
            names = head[1].split(", ")
            found.update(dict.fromkeys(names, head[2]))
        elif line.startswith("    "):
            found.update({name: f"{found[name]} {line.strip()}" for name in names})
        else:
            names = []
    return found


def _summary(cls: type) -> str:
    return (inspect.getdoc(cls) or "").split("\n\n")[0].replace("\n", " ")


def _table(rows: list[tuple[str, str, str, str]]) -> Iterator[str]:
    yield "| key | type | default | meaning |"
    yield "| --- | --- | --- | --- |"
    for name, kind, default, meaning in rows:
        yield f"| `{name}` | {kind} | {default} | {meaning.replace('|', chr(92) + '|')} |"
    yield ""


def _field_default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    if field.default_factory is not None:
        return "see below" if issubclass(field.default_factory, BaseModel) else _value(field.default_factory())  # type: ignore[arg-type,call-arg]
    return _value(field.default)


def _value(value: Any) -> str:
    if value is None:
        return "`null`"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, list | tuple):
        return "`[" + ", ".join(str(item) for item in value) + "]`"
    return f"`{value}`" if str(value) else "empty"


def _type(field: FieldInfo) -> str:
    return _type_name(field.annotation)


def _type_name(kind: Any) -> str:
    """Spell a type as a user of YAML would."""
    plain = {
        str: "text",
        int: "whole number",
        float: "number",
        bool: "true or false",
        Any: "anything",
        type(None): "null",
    }
    if kind in plain:
        return plain[kind]
    origin, inner = get_origin(kind), get_args(kind)
    if origin is Literal:
        return " or ".join(f"`{value}`" for value in inner)
    if origin in (list, tuple):
        return f"list of {_type_name(inner[0])}"
    if origin is dict:
        return "keys and values"
    if origin in (Union, type(int | str)) and not any(_is_section(part) for part in inner):
        return " or ".join(_type_name(part) for part in inner)
    if hasattr(kind, "__metadata__"):
        return _type_name(inner[0])
    return "keys and values"


def _is_section(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)
