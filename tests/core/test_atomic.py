"""Outputs appear whole or not at all."""

import json
import os

import pytest

from chiasma.core.atomic import write_json, write_text, writing, writing_folder


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_file_appears_whole_under_its_name_only(tmp_path):
    path = tmp_path / "new" / "a.tsv.gz"
    with writing(path) as part:
        part.write_text("whole")
        assert part.name.endswith("a.tsv.gz")
        assert not path.exists()
    assert path.read_text() == "whole"
    assert names(path.parent) == ["a.tsv.gz"]


def test_a_failure_leaves_nothing_new_and_the_old_file(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old")
    with pytest.raises(KeyError), writing(path) as part:
        part.write_text("half")
        raise KeyError
    assert path.read_text() == "old"
    assert names(tmp_path) == ["a.txt"]


def test_a_folder_is_replaced_only_when_the_new_one_is_whole(tmp_path):
    path = tmp_path / "arrays"
    path.mkdir()
    (path / "old").touch()
    with pytest.raises(KeyError), writing_folder(path) as part:
        (part / "half").touch()
        raise KeyError
    assert names(path) == ["old"]
    with writing_folder(path) as part:
        (part / "new").touch()
    assert names(path) == ["new"]
    assert names(tmp_path) == ["arrays"]


def test_what_a_killed_process_of_the_same_id_left_is_no_obstacle(tmp_path):
    (tmp_path / f".part-{os.getpid()}-a").mkdir()
    (tmp_path / f".part-{os.getpid()}-a" / "stale").touch()
    with writing_folder(tmp_path / "a") as part:
        (part / "new").touch()
    assert names(tmp_path / "a") == ["new"]
    (tmp_path / f".part-{os.getpid()}-b").write_text("stale")
    with writing(tmp_path / "b") as part:
        assert not part.exists()
        part.write_text("new")


def test_json_is_sorted_and_refuses_what_json_cannot_hold(tmp_path):
    write_json(tmp_path / "a.json", {"b": 1, "a": [0.5]})
    assert list(json.loads((tmp_path / "a.json").read_text())) == ["a", "b"]
    with pytest.raises(ValueError, match="JSON"):
        write_json(tmp_path / "b.json", {"a": float("nan")})
    assert names(tmp_path) == ["a.json"]


def test_text_is_utf8(tmp_path):
    write_text(tmp_path / "a", "χ")
    assert (tmp_path / "a").read_bytes() == "χ".encode()
