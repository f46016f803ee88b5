"""The toy tables as fixtures, and how the numbers in a picture are read back."""

import importlib.util
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # for reported_tables


@pytest.fixture(scope="session")
def toy():
    """The module of toy tables."""
    spec = importlib.util.spec_from_file_location("toy_tables", Path(__file__).with_name("toy_tables.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
