"""A prediction's files: one per kind of content, each readable as what it is."""

import logging

import numpy as np
import pandas as pd
import pytest

from chiasma.io.bedpe import read_calls
from chiasma.io.predicted_profiles import read_predicted_profile
from chiasma.io.predictions import write_prediction
from chiasma.io.tables import read_parquet
from chiasma.schema.tables import CALLS, PIXELS

LAYOUT = ({"chr1": 50_000}, 1000)


def rows(table, count):
    """Rows of a table: ascending numbers, and one word for each text."""
    values = {
        column.name: ["chr1" if column.name.startswith("chrom") else "test"] * count
        if column.dtype == "str"
        else [float(at) if column.dtype == "float64" else at + column.name.startswith("end") for at in range(count)]
        for column in table.columns
    }
    return pd.DataFrame(values)


def test_each_content_becomes_a_file_named_after_the_sample(tmp_path, caplog):
    logging.getLogger("chiasma").propagate = True
    pixels, calls = rows(PIXELS, 3), rows(CALLS, 2)
    with caplog.at_level(logging.INFO, "chiasma"):
        write_prediction({"parquet": pixels, "bedpe": calls}, tmp_path / "out", "k562", LAYOUT)
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["k562.bedpe", "k562.parquet"]
    pd.testing.assert_frame_equal(read_parquet(tmp_path / "out/k562.parquet", PIXELS), pixels, check_dtype=False)
    found = read_calls(tmp_path / "out/k562.bedpe")
    assert found["start1"].tolist() == calls["start1"].tolist()
    assert "3 pixels scored" in caplog.text and "2 calls" in caplog.text


def test_tracks_become_a_folder_with_a_file_for_each(tmp_path):
    content = {name: {"chr1": np.full(50, level)} for name, level in (("ctcf", 1.0), ("h3k27ac", 2.0))}
    write_prediction({"tracks": content}, tmp_path, "k562", LAYOUT)
    assert sorted(path.name for path in (tmp_path / "k562.tracks").iterdir()) == ["ctcf.bw", "h3k27ac.bw"]
    found = read_predicted_profile(tmp_path / "k562.tracks/h3k27ac.bw", *LAYOUT)
    np.testing.assert_allclose(found["chr1"], 2.0, rtol=1e-6)


def test_only_what_was_predicted_is_written(tmp_path):
    write_prediction({"bedpe": rows(CALLS, 1)}, tmp_path, "a", LAYOUT)
    assert [path.name for path in tmp_path.iterdir()] == ["a.bedpe"]


def test_a_content_without_a_writer_is_an_error(tmp_path):
    with pytest.raises(KeyError, match="docx"):
        write_prediction({"docx": rows(CALLS, 1)}, tmp_path, "a", LAYOUT)
