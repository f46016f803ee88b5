"""Draw the labelled examples of a task: positives from label files, negatives by the task's recipe."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from chiasma.core.errors import ConfigError
from chiasma.core.log import log
from chiasma.io.bedpe import read_bedpe
from chiasma.io.tables import read_tsv, write_parquet
from chiasma.schema.rooms import build_config, read_values, room_module
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


def label(
    task: Annotated[str, typer.Argument(help="task, a room under tasks/")],
    tiles: Annotated[Path, typer.Option(help="folder of the tileset, which holds arrays/")],
    splits: Annotated[Path, typer.Option(help="TSV of the study's splits")],
    labels: Annotated[list[str], typer.Option(help="label file of a sample, as sample=path; repeat for each sample")],
    output: Annotated[Path, typer.Option(help="Parquet file to write: the examples of all samples")],
    config: Annotated[str, typer.Option(help="the task's numbers: JSON, or a YAML or JSON file")] = "{}",
) -> None:
    """Draw the labelled examples of a task: positives from label files, negatives by the task's recipe."""
    numbers = build_config(room_module("tasks", task, "config", "label").Config, read_values(config), "label --config")
    files = read_pairs(labels, "--labels")
    anchors = {sample: read_bedpe(path) for sample, path in files.items()}
    room = room_module("tasks", task, "labels")
    examples = room.build_examples(numbers, TileArrays.open(tiles / "arrays"), read_tsv(splits, SPLITS), anchors)
    write_parquet(examples, output, EXAMPLES)
    kept = examples[examples["kept"]].groupby(["split", "label"]).size()
    log.info("examples kept: %s", ", ".join(f"{split} {value}: {n}" for (split, value), n in kept.items()))
    log.info("examples dropped: %s", examples.loc[~examples["kept"], "reason"].value_counts().to_dict() or "none")
