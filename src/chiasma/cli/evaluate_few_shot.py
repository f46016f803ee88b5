"""Bring the few-shot runs of all models and seeds together: means over seeds, and what pre-training adds."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from chiasma.core.errors import ConfigError
from chiasma.evaluation.few_shot import summarise_shares
from chiasma.io.tables import read_tsvs, write_tsv
from chiasma.schema.rooms import build_config, read_values
from chiasma.schema.tables import FEW_SHOT


@dataclass(frozen=True)
class Comparison:
    """Pairs (model, reference) whose difference is reported, paired by seed."""

    compare: tuple = ()

    def __post_init__(self) -> None:
        if any(len(pair) != 2 for pair in self.compare):
            raise ValueError(f"compare must hold pairs (model, reference), found {list(self.compare)}")


def evaluate_few_shot(
    table: Annotated[
        list[Path], typer.Option(help="table of one model and seed, as `chiasma few_shot` writes it; repeat")
    ],
    output: Annotated[Path, typer.Option(help="table to write")],
    config: Annotated[str, typer.Option(help="JSON or file: compare")] = "{}",
) -> None:
    """Bring few-shot tables together: each seed, means with 95 % t intervals over seeds, and paired differences."""
    compare = build_config(Comparison, read_values(config), "--config").compare
    found = read_tsvs(table, FEW_SHOT)
    for name in (name for pair in compare for name in pair):
        if name not in set(found["model"]):
            raise ConfigError(
                f"--config: compare names '{name}', found tables of {', '.join(sorted(set(found['model'])))}"
            )
    write_tsv(summarise_shares(found, [tuple(pair) for pair in compare]), output, FEW_SHOT)
