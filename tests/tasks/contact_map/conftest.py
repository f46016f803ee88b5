"""The synthetic tileset of maps and its windows, made once."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import planted_maps

from chiasma.contracts import Inputs
from chiasma.tasks.contact_map.labels import build_examples


@pytest.fixture(scope="session")
def arrays(tmp_path_factory):
    return planted_maps.write(tmp_path_factory.mktemp("maps"), planted_maps.chromosome_arrays())


@pytest.fixture(scope="session")
def splits():
    return planted_maps.splits()


@pytest.fixture(scope="session")
def examples(arrays, splits):
    return build_examples(planted_maps.CONFIG, arrays, splits, {})


@pytest.fixture(scope="session")
def inputs(arrays, splits, examples):
    return Inputs(arrays, splits, examples, "a")
