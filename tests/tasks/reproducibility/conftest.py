"""The synthetic tileset of replicates and its triplets, made once."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import planted_replicates

from chiasma.contracts import Inputs
from chiasma.tasks.reproducibility.labels import build_examples


@pytest.fixture(scope="session")
def arrays(tmp_path_factory):
    return planted_replicates.write(tmp_path_factory.mktemp("replicates"))


@pytest.fixture(scope="session")
def splits():
    return planted_replicates.splits()


@pytest.fixture(scope="session")
def examples(arrays, splits):
    return build_examples(planted_replicates.CONFIG, arrays, splits, {})


@pytest.fixture(scope="session")
def inputs(arrays, splits, examples):
    return Inputs(arrays, splits, examples, "a1")
