from __future__ import annotations

import json

import pytest

from chiasma.cli.main import main
from chiasma.simulate.config import Config, file_names

VALUES = {"chromosomes": {"chr1": 1_300_000}, "contacts": 20_000, "samples": ["one"], "genome_satellite_bp": 100_000}


def run(*words):
    with pytest.raises(SystemExit) as stop:
        main(["simulate", *words])
    return stop.value.code


def test_writes_the_promised_files_from_inline_numbers(tmp_path):
    assert run("--config", json.dumps(VALUES), "--output", str(tmp_path / "study")) in (0, None)
    for name in file_names(Config(**{**VALUES, "samples": ("one",)})):
        assert (tmp_path / "study" / name).stat().st_size > 0


def test_an_unknown_number_is_refused_before_anything_is_written(tmp_path, capsys):
    assert run("--config", json.dumps({**VALUES, "contcts": 3}), "--output", str(tmp_path / "study")) == 1
    assert "did you mean 'contacts'" in capsys.readouterr().err
    assert not (tmp_path / "study").exists()
