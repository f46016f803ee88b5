"""Run the program Mustache on one sample's map: a caller with an environment of its own, whose loops a baseline reads."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import typer

from chiasma.schema.rooms import build_config, read_values, room_module


@dataclass(frozen=True)
class ProgramChoice:
    """A task that has the program among its baselines, the program's numbers, and the bin size of the map."""

    task: str
    resolution_bp: int
    baseline: dict[str, Any] = field(default_factory=dict)


def call_mustache(
    contacts: Annotated[Path, typer.Argument(help="the sample's normalised, balanced contacts.cool")],
    task_config: Annotated[
        str, typer.Option(help="JSON or file: task, resolution_bp, baseline (the program's numbers)")
    ],
    output: Annotated[Path, typer.Option(help="table of loops to write (TSV)")],
) -> None:
    """Run the program Mustache on one sample's map: a caller with an environment of its own, whose loops a baseline reads."""
    chosen = build_config(ProgramChoice, read_values(task_config), "--task-config")
    room = room_module("tasks", chosen.task, "config", "--task-config")
    numbers = build_config(room.BASELINES["mustache"], chosen.baseline, "--task-config: baseline")
    programs = room_module("tasks", chosen.task, "programs")
    programs.call_mustache(numbers, chosen.resolution_bp, contacts, output)
