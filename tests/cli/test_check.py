"""What ``chiasma check`` and ``chiasma document`` say."""

from pathlib import Path

import pytest

from chiasma.cli.check import check
from chiasma.cli.document import document
from chiasma.core.errors import ConfigError

TOP = Path(__file__).parents[2]


def test_a_study_is_described_part_by_part(monkeypatch, capsys):
    monkeypatch.chdir(TOP)
    check()
    text = capsys.readouterr().out
    for word in ("demo", "sample", "tileset", "model", "task", "seeds"):
        assert word in text


def test_the_mirror_counts_as_a_key_of_the_study(monkeypatch, tmp_path):
    monkeypatch.chdir(TOP)
    (tmp_path / "s.yaml").write_text("study: 1\n")
    with pytest.raises(ConfigError, match="study: Input should be a valid string"):
        check(tmp_path / "s.yaml", "anywhere")


def test_the_documentation_is_written_whole(tmp_path):
    document(tmp_path / "README.md")
    text = (tmp_path / "README.md").read_text()
    assert text.startswith("# Configuration")
    assert "`resolution_bp`" in text
