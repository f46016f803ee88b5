"""`chiasma audit` passes a clean study and stops at a leak, with the table written either way."""

import numpy as np
import pandas as pd
import pytest

from chiasma.cli.main import main
from chiasma.io.tables import read_tsv, write_parquet
from chiasma.schema.tables import EXAMPLES, LEAKS, TILES
from chiasma.tiles.arrays import ArraysMeta, write_arrays

META = ArraysMeta(1000, 500, 10, 30, ("atac",), ("a",), {"chr1": 100_000}, {"a": 1.0})


@pytest.fixture
def tiles(tmp_path):
    """A tileset whose index and examples keep to the splits."""
    folder = tmp_path / "tiles"
    content = {"contacts": np.ones((100, 40)), "valid": np.ones(100, bool), "tracks": np.ones((200, 1))}
    write_arrays(folder / "windows" / "arrays", META, {("a", "chr1"): content})
    (folder / "splits.tsv").write_text(
        "chrom\tstart\tend\tsplit\nchr1\t0\t40000\ttrain\nchr1\t40000\t50000\tgap\nchr1\t50000\t100000\ttest\n"
    )
    write_index(folder, [10, 30], [55, 90])
    write_examples(folder, [(20, 35, "train"), (60, 80, "test")])
    return folder


def write_index(folder, train, test):
    bins = np.array([*train, *test])
    frame = pd.DataFrame(
        {
            "sample": "a",
            "chrom": "chr1",
            "chrom2": "chr1",
            "bin1": bins,
            "bin2": bins,
            "source": "tiling",
            "kept": True,
            "reason": "",
        }
    )
    for side in "12":
        frame[f"start{side}"], frame[f"end{side}"] = (bins - 5) * 1000, (bins + 5) * 1000
    frame["split"] = ["train"] * len(train) + ["test"] * len(test)
    write_parquet(frame, folder / "windows" / "index.parquet", TILES)


def write_examples(folder, rows):
    frame = pd.DataFrame(rows, columns=["bin1", "bin2", "split"])
    frame = frame.assign(sample="a", chrom="chr1", source="positive", label=1, kept=True, reason="")
    write_parquet(frame, folder / "windows" / "loops.parquet", EXAMPLES)


def run(tiles, *more):
    tables = [f"{name}={tiles / 'windows' / file}.parquet" for name, file in (("windows", "index"), ("loops", "loops"))]
    words = ["audit", "--splits", tiles / "splits.tsv", "--tiles", tiles, "--output", tiles / "leaks.tsv"]
    with pytest.raises(SystemExit) as stop:
        main([*map(str, words), *(word for table in tables for word in ("--table", table)), *more])
    return stop.value.code


def leaks(tiles):
    rows = read_tsv(tiles / "leaks.tsv", LEAKS)
    return rows[rows["verdict"] == "leak"][["table", "first", "second", "shared_bp", "examples"]].to_numpy().tolist()


def test_a_clean_study_passes_and_every_comparison_is_a_row(tiles):
    assert run(tiles) == 0
    rows = read_tsv(tiles / "leaks.tsv", LEAKS)
    assert set(rows["verdict"]) == {"clean"} and len(rows) == 3 * 3 + 3 * 6
    assert {"windows", "loops", "windows x loops", "windows x splits"} <= set(rows["table"])


def test_a_pretraining_tile_in_a_test_region_stops_the_run_after_the_table_is_written(tiles, capsys):
    write_index(tiles, [10, 62], [90])
    assert run(tiles) == 1
    assert ["windows x loops", "train", "test", 8000, 2] in leaks(tiles)
    assert ["windows x splits", "train", "test", 10_000, 2] in leaks(tiles)
    message = capsys.readouterr().err
    assert "windows x splits: train and test share 10000 bp" in message and "transductive" in message


def test_examples_that_leave_their_split_are_found_without_stated_windows(tiles):
    write_examples(tiles, [(20, 48, "train"), (60, 80, "test")])
    assert run(tiles) == 1
    assert leaks(tiles) == [["windows x loops", "test", "train", 3000, 2], ["loops x splits", "train", "test", 3000, 2]]


def test_transductive_training_is_told_but_does_not_stop(tiles):
    assert run(tiles, "--transductive") == 0
    assert leaks(tiles) == [
        ["windows x loops", "train", "test", 5000, 2],
        ["windows x splits", "train", "test", 20_000, 3],
    ]


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("loops", "expected name=path"),
        ("x=elsewhere.parquet", "not under"),
        ("x={tiles}/windows/none.parquet", "no such file"),
    ],
)
def test_a_table_that_cannot_be_read_is_named(tiles, capsys, table, message):
    assert run(tiles, "--table", table.format(tiles=tiles)) == 1
    assert message in capsys.readouterr().err
    assert not (tiles / "leaks.tsv").exists()


def test_the_splits_of_a_genome_are_named_after_their_file(tiles):
    (tiles / "maize.splits.tsv").write_text((tiles / "splits.tsv").read_text())
    assert run(tiles, "--splits", str(tiles / "maize.splits.tsv")) == 0
    assert {"maize.splits", "windows x maize.splits"} <= set(read_tsv(tiles / "leaks.tsv", LEAKS)["table"])
