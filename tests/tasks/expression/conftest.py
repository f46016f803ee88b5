"""The synthetic tileset of profiles and its windows, made once."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import planted_profiles

from chiasma.contracts import Inputs
from chiasma.tasks.expression.labels import build_examples


@pytest.fixture(scope="session")
def arrays(tmp_path_factory):
    return planted_profiles.write(tmp_path_factory.mktemp("profiles"), planted_profiles.chromosome_arrays())


@pytest.fixture(scope="session")
def splits():
    return planted_profiles.splits()


@pytest.fixture(scope="session")
def examples(arrays, splits):
    genes = dict.fromkeys(planted_profiles.SAMPLES, planted_profiles.genes())
    return build_examples(planted_profiles.CONFIG, arrays, splits, genes)


@pytest.fixture(scope="session")
def inputs(arrays, splits, examples):
    """Inputs of the sample whose signal was not measured."""
    return Inputs(arrays, splits, examples, planted_profiles.UNMEASURED)
