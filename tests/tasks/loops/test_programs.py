"""A program is found or its absence explained, gets the numbers it should, and none of its silent failures stays silent."""

from __future__ import annotations

import sys

import pytest

from chiasma.core.errors import InputError
from chiasma.tasks.loops.config import Mustache
from chiasma.tasks.loops.programs import OWN, call_mustache, find_mustache

WRITES = 'open(words[words.index("-o") + 1], "w").write("\\n".join(words))\nprint("3 loops found for chrmosome=c")'


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A working directory, and a PATH, without any program."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    (tmp_path / "contacts.cool").write_bytes(b"a map")
    return tmp_path


def install(path, text):
    """A program at ``path`` that sees its arguments as ``words``."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!{sys.executable} -S\nimport sys\nwords = sys.argv[1:]\n{text}\n")
    path.chmod(0o755)


def call(folder, **numbers):
    call_mustache(Mustache(**numbers), 5000, folder / "contacts.cool", folder / "out/loops.tsv")


def test_a_missing_program_is_an_error_that_names_both_ways_to_get_it(folder):
    with pytest.raises(InputError, match=r"no such program.*`make mustache`.*--sdm conda \(envs/mustache.yaml\)"):
        call(folder)


def test_the_program_of_the_checkout_comes_before_that_of_the_path(folder):
    install(folder / "bin/mustache", "")
    assert find_mustache() == str(folder / "bin/mustache")
    install(folder / OWN, "")
    assert find_mustache() == str(folder / OWN)


def test_the_program_gets_the_map_its_bin_size_and_the_numbers(folder):
    install(folder / OWN, WRITES)
    call(folder, fdr=0.05, octaves=3)
    words = (folder / "out/loops.tsv").read_text().split("\n")
    options = dict(zip(words[::2], words[1::2], strict=True))
    assert options["-f"] == str(folder / "contacts.cool")
    assert [options[name] for name in ("-r", "-pt", "-st", "-sz", "-oc", "-p")] == [
        "5000",
        "0.05",
        "0.88",
        "1.6",
        "3",
        "1",
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('print("Error: Couldn\'t find the specified contact files")', "failed with code 0; .*Couldn't find"),
        (WRITES + '\nprint("Traceback (most recent call last):\\nIndexError: a block died")', "a block died"),
        (WRITES + "\nsys.exit(3)", "failed with code 3"),
    ],
)
def test_a_failure_is_told_and_leaves_no_table(folder, text, message):
    install(folder / OWN, text)
    with pytest.raises(InputError, match=message):
        call(folder)
    assert list((folder / "out").iterdir()) == []


def test_a_missing_map_is_an_error(folder):
    install(folder / OWN, WRITES)
    (folder / "contacts.cool").unlink()
    with pytest.raises(InputError, match=r"contacts\.cool: no such file"):
        call(folder)
