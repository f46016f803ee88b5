"""``chiasma predict_baseline``: the two files of a prediction, and messages for what does not fit."""

from __future__ import annotations

import json

import pytest

from chiasma.cli.main import main
from chiasma.io.bedpe import read_calls
from chiasma.io.tables import read_parquet, write_parquet
from chiasma.schema.tables import EXAMPLES, PIXELS


def words(task_files, name: str = "donut", **changes) -> list[str]:
    config = {
        "task": "loops",
        "parameters": {"max_distance_bins": 60, "scan_min_excess": 1.5},
        "baseline": {},
    } | changes.pop("config", {})
    options = {
        "task-config": json.dumps(config),
        "examples": task_files.examples,
        "tiles": task_files.tiles,
        "splits": task_files.splits,
        "contacts": task_files.tiles / "none.cool",
        "sample": "a",
        "output": task_files.tiles / "predicted",
    } | changes
    return ["predict_baseline", name, *(text for key, value in options.items() for text in (f"--{key}", str(value)))]


def run(words_: list[str], code: int) -> None:
    with pytest.raises(SystemExit) as stop:
        main(words_)
    assert stop.value.code == code


def test_pixels_and_calls_are_written(task_files):
    run(words(task_files), 0)
    pixels = read_parquet(task_files.tiles / "predicted/a.parquet", PIXELS)
    calls = read_calls(task_files.tiles / "predicted/a.bedpe")
    assert set(pixels["label"]) == {-1, 0, 1}
    assert set(calls["split"]) == {"valid", "test"}
    assert len(calls) >= 40


def test_an_unknown_baseline_names_the_nearest_and_all(task_files, capsys):
    run(words(task_files, "forrest"), 1)
    assert "did you mean 'forest'? (known: chromosight, donut, dots, forest, mustache)" in capsys.readouterr().err


def test_an_unknown_number_of_the_baseline_names_the_nearest(task_files, capsys):
    run(words(task_files, config={"baseline": {"peak_bin": 1}}), 1)
    assert "did you mean 'peak_bins'" in capsys.readouterr().err


def test_an_unknown_sample_names_the_nearest(task_files, capsys):
    run(words(task_files, sample="aa"), 1)
    assert "did you mean 'a'" in capsys.readouterr().err


def test_examples_of_other_tiles_are_refused(task_files, tmp_path, capsys):
    examples = read_parquet(task_files.examples, EXAMPLES)
    shifted = examples.assign(bin1=examples["bin1"] + 60, bin2=examples["bin2"] + 60)
    write_parquet(shifted, tmp_path / "shifted.parquet", EXAMPLES)
    run(words(task_files, examples=tmp_path / "shifted.parquet"), 1)
    assert "drawn for other tiles or splits" in capsys.readouterr().err
    write_parquet(examples.assign(chrom="chr7"), tmp_path / "renamed.parquet", EXAMPLES)
    run(words(task_files, examples=tmp_path / "renamed.parquet"), 1)
    assert "unknown chromosome 'chr7'" in capsys.readouterr().err
