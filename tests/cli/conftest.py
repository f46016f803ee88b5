"""A small labelled tileset on disk for the commands of a task."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "tasks"))
sys.path.insert(0, str(Path(__file__).parent))

from planted_loops import Planted, build_planted
from predicted_signals import signals  # noqa: F401 (shared by evaluating and drawing)
from predicted_tracks import tracks  # noqa: F401 (likewise)

from chiasma.io.bedpe import write_bedpe
from chiasma.io.tables import write_parquet, write_tsv
from chiasma.schema.tables import EXAMPLES, SPLITS
from chiasma.tasks.loops.labels import build_examples


@dataclass(frozen=True)
class TaskFiles:
    """Where the files of a labelled tileset lie."""

    tiles: Path
    splits: Path
    labels: dict[str, Path]
    examples: Path


@pytest.fixture(scope="session")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Planted:
    return build_planted(tmp_path_factory.mktemp("tiles"))


@pytest.fixture(scope="session")
def task_files(planted: Planted) -> TaskFiles:
    folder = planted.folder
    files = TaskFiles(
        folder,
        folder / "splits.tsv",
        {name: folder / f"{name}.bedpe" for name in planted.labels},
        folder / "loops.parquet",
    )
    write_tsv(planted.splits, files.splits, SPLITS)
    for name, path in files.labels.items():
        write_bedpe(planted.labels[name], path)
    write_parquet(
        build_examples(planted.config, planted.arrays, planted.splits, planted.labels), files.examples, EXAMPLES
    )
    return files
