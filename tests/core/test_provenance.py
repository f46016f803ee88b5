"""The record of where a result comes from."""

import hashlib
import json
import subprocess

import chiasma
from chiasma.core import provenance


def test_a_files_sum_is_that_of_its_bytes(tmp_path):
    (tmp_path / "a").write_bytes(b"x" * 300_000)
    assert provenance.file_sha256(tmp_path / "a") == hashlib.sha256(b"x" * 300_000).hexdigest()


def test_a_configurations_hash_hangs_on_values_and_not_on_order():
    assert provenance.config_hash({"a": 1, "b": {"c": 2, "d": 3}}) == provenance.config_hash(
        {"b": {"d": 3, "c": 2}, "a": 1}
    )
    assert provenance.config_hash({"a": 1}) != provenance.config_hash({"a": 2})


def test_the_source_hash_hangs_on_names_and_bytes(tmp_path, monkeypatch):
    (tmp_path / "a.py").write_text("1")
    monkeypatch.setattr(chiasma, "__file__", str(tmp_path / "__init__.py"))
    first = provenance.source_hash()
    (tmp_path / "a.py").rename(tmp_path / "b.py")
    renamed = provenance.source_hash()
    (tmp_path / "b.py").write_text("2")
    assert len({first, renamed, provenance.source_hash()}) == 3


def test_the_revision_is_the_commit_and_edits_show(tmp_path, monkeypatch):
    monkeypatch.setattr(chiasma, "__file__", str(tmp_path / "__init__.py"))
    assert provenance.code_revision() == "unversioned"

    def git(*words):
        subprocess.run(
            ["git", "-C", tmp_path, "-c", "user.name=a", "-c", "user.email=a@example.org", *words],
            check=True,
            capture_output=True,
        )

    git("init")
    (tmp_path / "a.py").write_text("1")
    git("add", ".")
    git("commit", "-m", "first")
    commit = provenance.code_revision()
    assert len(commit) == 40
    (tmp_path / "a.py").write_text("2")
    assert provenance.code_revision() == commit + "+edits"


def test_a_record_holds_what_a_reader_asks_for_and_is_json(tmp_path):
    (tmp_path / "in").write_text("data")
    record = provenance.collect_provenance({"lr": 0.1}, [tmp_path / "in"], seed=3, device="cpu")
    assert record["inputs"] == {str(tmp_path / "in"): hashlib.sha256(b"data").hexdigest()}
    assert (record["seed"], record["device"], record["config"]) == (3, "cpu", {"lr": 0.1})
    assert record["versions"]["chiasma"] == chiasma.__version__
    assert {"code_revision", "source_sha256", "config_sha256", "written"} <= set(json.loads(json.dumps(record)))
