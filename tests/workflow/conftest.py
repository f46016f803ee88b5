"""A toy study in a copy of the workflow: untouched, or run to its end."""

import shutil

import pytest
from checkout import Checkout, add_kinds, lay_out


@pytest.fixture
def toy(tmp_path):
    """A checkout in which nothing has run."""
    return lay_out(tmp_path)


@pytest.fixture(scope="session")
def finished(tmp_path_factory):
    """A checkout in which the whole study has run, to its report; copy it before you edit it."""
    toy = lay_out(tmp_path_factory.mktemp("finished"))
    toy.snakemake("--cores", "2")
    return toy


@pytest.fixture
def rerun(finished, tmp_path):
    """A copy of the finished checkout, records and times included, to be edited."""
    root = tmp_path / "copy"
    shutil.copytree(finished.root, root, symlinks=True)
    return Checkout(root)


@pytest.fixture
def kinds(toy):
    """A checkout of a study with a task of each kind, in which nothing has run."""
    return add_kinds(toy)


@pytest.fixture(scope="session")
def finished_kinds(tmp_path_factory):
    """A checkout in which the study with a task of each kind has run, to its report; copy it before you edit it."""
    toy = add_kinds(lay_out(tmp_path_factory.mktemp("kinds")))
    toy.snakemake("--cores", "2")
    return toy
