"""``chiasma call_mustache``: the program's table is written; an unknown number or a missing program is one message."""

from __future__ import annotations

import json
import sys

import pytest

from chiasma.cli.main import main


@pytest.fixture
def words(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", "")
    (tmp_path / "contacts.cool").write_bytes(b"a map")

    def written(**numbers):
        config = json.dumps({"task": "loops", "resolution_bp": 10000, "baseline": numbers})
        return ["call_mustache", "contacts.cool", "--task-config", config, "--output", "loops.tsv"]

    return written


def run(words, code):
    with pytest.raises(SystemExit) as stop:
        main(words)
    assert stop.value.code == code


def test_the_program_runs_at_the_studys_bin_size(words, tmp_path):
    program = tmp_path / ".venvs/mustache/bin/mustache"
    program.parent.mkdir(parents=True)
    program.write_text(
        f"#!{sys.executable} -S\nimport sys\nwords = sys.argv\n"
        "open(words[words.index('-o') + 1], 'w').write(words[words.index('-r') + 1])\n"
    )
    program.chmod(0o755)
    run(words(), 0)
    assert (tmp_path / "loops.tsv").read_text() == "10000"


def test_an_unknown_number_names_the_nearest(words, capsys):
    run(words(octave=2), 1)
    assert "did you mean 'octaves'" in capsys.readouterr().err


def test_without_the_program_the_ways_to_get_it_are_named(words, capsys):
    run(words(), 1)
    assert "make mustache" in capsys.readouterr().err
