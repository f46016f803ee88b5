"""Draw the labelled examples of a task: positives from label files, negatives by the task's recipe."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import pandas as pd
import typer

from chiasma.core.errors import ConfigError, unknown
from chiasma.core.log import log
from chiasma.io.tables import read_tsv, write_parquet
from chiasma.schema.rooms import build_config, group_rows, read_values, room_module
from chiasma.schema.tables import EXAMPLES, SPLITS
from chiasma.tiles.arrays import TileArrays


def read_pairs(words: Sequence[str], option: str) -> dict[str, Path]:
    """Return name -> path from words of the form name=path; ConfigError for another form, a double name or a missing file."""
    found: dict[str, Path] = {}
    for word in words:
        name, equals, path = word.partition("=")
        if not (name and equals and path):
            raise ConfigError(f"{option} '{word}': expected name=path")
        if name in found:
            raise ConfigError(f"{option}: '{name}' is given twice")
        if not Path(path).is_file():
            raise ConfigError(f"{option} '{word}': no such file '{path}'")
        found[name] = Path(path)
    return found


@dataclass(frozen=True)
class LabelChoice:
    """A task's numbers, and the samples whose examples train and choose, and test; None for all."""

    parameters: dict[str, Any] = field(default_factory=dict)
    train_samples: tuple[str, ...] | None = None
    test_samples: tuple[str, ...] | None = None


def label(
    task: Annotated[str, typer.Argument(help="task, a room under tasks/")],
    tiles: Annotated[Path, typer.Option(help="folder of the tileset, which holds arrays/")],
    splits: Annotated[Path, typer.Option(help="TSV of the study's splits")],
    output: Annotated[Path, typer.Option(help="Parquet file to write: the examples of all samples")],
    labels: Annotated[
        list[str] | None, typer.Option(help="file that a sample's labels are read from, as sample=path; repeat")
    ] = None,
    config: Annotated[
        str, typer.Option(help="JSON, or a YAML or JSON file: parameters (the task's), train_samples, test_samples")
    ] = "{}",
) -> None:
    """Draw the labelled examples of a task, by its recipe, from label files or from the tileset's arrays."""
    chosen = build_config(LabelChoice, read_values(config), "label --config")
    room = room_module("tasks", task, "config", "label")
    numbers = build_config(room.Config, chosen.parameters, "label --config: parameters")
    paths = read_pairs(labels or [], "--labels")
    if paths and room.READS is None:
        raise ConfigError(f"--labels: the task '{task}' learns from the tileset and reads no labels; give none")
    drawing = room_module("tasks", task, "labels")
    found = {sample: drawing.read(path) for sample, path in paths.items()}
    arrays = TileArrays.open(tiles / "arrays")
    examples = drawing.build_examples(numbers, arrays, read_tsv(splits, SPLITS), found)
    examples = keep_groups(keep_samples(examples, chosen, arrays.meta.samples), group_rows(task))
    write_parquet(examples, output, EXAMPLES)
    kept = examples[examples["kept"]].groupby(["split", "label"]).size()
    log.info("examples kept: %s", ", ".join(f"{split} {value}: {n}" for (split, value), n in kept.items()))
    log.info("examples dropped: %s", examples.loc[~examples["kept"], "reason"].value_counts().to_dict() or "none")


def keep_samples(examples: pd.DataFrame, chosen: LabelChoice, known: Sequence[str]) -> pd.DataFrame:
    """Return the examples with those dropped whose sample is not one for their split, with the reason other_sample.

    ``known`` are the tileset's samples; one that is tested by its truth alone has no examples.
    """
    other = pd.Series(False, index=examples.index)
    for splits, samples in ((("train", "valid"), chosen.train_samples), (("test",), chosen.test_samples)):
        if samples is not None:
            missing = [name for name in samples if name not in known]
            if missing:
                raise ConfigError(unknown("sample", missing[0], known, "label --config"))
            other |= examples["split"].isin(splits) & ~examples["sample"].isin(samples)
    other &= examples["kept"]
    return examples.assign(kept=examples["kept"] & ~other, reason=examples["reason"].mask(other, "other_sample"))


def keep_groups(examples: pd.DataFrame, group: int) -> pd.DataFrame:
    """Return the examples with whole groups of ``group`` rows dropped where one row is, for that row's reason."""
    kept = examples["kept"].to_numpy(bool).reshape(-1, group)
    first = np.arange(len(kept)) * group + np.argmin(kept, axis=1)  # of each group, a dropped row if there is one
    reason = examples["reason"].to_numpy()[np.repeat(first, group)]
    whole = np.repeat(kept.all(axis=1), group)
    return examples.assign(kept=whole, reason=np.where(examples["kept"] & ~whole, reason, examples["reason"]))
