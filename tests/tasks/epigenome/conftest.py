"""The synthetic tileset whose signals follow from contacts, and its windows, made once."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import planted_tracks

from chiasma.contracts import Inputs
from chiasma.tasks.epigenome.labels import build_examples


@pytest.fixture(scope="session")
def arrays(tmp_path_factory):
    return planted_tracks.write(tmp_path_factory.mktemp("tracks"), planted_tracks.chromosome_arrays())


@pytest.fixture(scope="session")
def splits():
    return planted_tracks.splits()


@pytest.fixture(scope="session")
def examples(arrays, splits):
    return build_examples(planted_tracks.CONFIG, arrays, splits, {})


@pytest.fixture(scope="session")
def inputs(arrays, splits, examples):
    """Inputs of the sample whose signals were not measured."""
    return Inputs(arrays, splits, examples, planted_tracks.UNMEASURED)
