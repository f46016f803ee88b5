"""The synthetic tileset of two depths and its windows, made once."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import planted_depths

from chiasma.contracts import Inputs
from chiasma.tasks.enhancement.labels import build_examples


@pytest.fixture(scope="session")
def arrays(tmp_path_factory):
    return planted_depths.write(tmp_path_factory.mktemp("depths"), planted_depths.chromosome_arrays())


@pytest.fixture(scope="session")
def splits():
    return planted_depths.splits()


@pytest.fixture(scope="session")
def examples(arrays, splits):
    return build_examples(planted_depths.CONFIG, arrays, splits, {})


@pytest.fixture(scope="session")
def inputs(arrays, splits, examples):
    return Inputs(arrays, splits, examples, "shallow")
