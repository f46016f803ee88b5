"""A shared file is a link that still leads to its source when both have been moved; none is made to nowhere."""

import pytest

from chiasma.cli.main import main


def run(*words):
    with pytest.raises(SystemExit) as caught:
        main(["share", *map(str, words)])
    return caught.value.code


def test_the_link_has_the_sources_bytes_also_after_a_move_and_after_they_change(tmp_path):
    source, link = tmp_path / "study/deep/atac.bw", tmp_path / "study/thinned/atac.bw"
    source.parent.mkdir(parents=True)
    source.write_text("first")
    assert run(source, "--output", link) == 0
    assert link.is_symlink() and link.read_text() == "first"
    assert run(source, "--output", link) == 0, "a second time too, over the first link"
    assert sorted(each.name for each in link.parent.iterdir()) == ["atac.bw"]
    (tmp_path / "study").rename(tmp_path / "moved")
    (tmp_path / "moved/deep/atac.bw").write_text("second")
    assert (tmp_path / "moved/thinned/atac.bw").read_text() == "second"


def test_a_missing_source_is_an_error_and_leaves_no_link(tmp_path, capsys):
    assert run(tmp_path / "none.bw", "--output", tmp_path / "thinned/none.bw") == 1
    assert "none.bw: no such file" in capsys.readouterr().err
    assert not (tmp_path / "thinned").exists()
