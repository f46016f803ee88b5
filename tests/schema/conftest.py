"""A study on disk that a test may change."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from study_house import House


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)
