"""Benchmarks are run by hand, so nothing but this notices that one names what is no longer there."""

import sys
import warnings
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

HERE = Path(__file__).parent
MODULES = sorted(path.stem for path in HERE.glob("*.py") if not path.stem.startswith("test_"))
SLOW = (
    "cooltools",
    "chromosight",
    "chromosight.utils",
    "chromosight.utils.detection",
)  # only loaded, to be timed against


@pytest.mark.parametrize("name", MODULES)
def test_a_benchmark_finds_all_that_it_imports(name, monkeypatch):
    monkeypatch.syspath_prepend(HERE.parent.parent)
    for program in SLOW:
        monkeypatch.setitem(sys.modules, program, ModuleType(program))
    with warnings.catch_warnings(action="ignore"):  # of programs that are only compared with
        module = import_module(f"tests.benchmarks.{name}")
    assert Path(module.__file__) == HERE / f"{name}.py"
    assert hasattr(module, "main") == name.startswith("bench_"), "a benchmark is started by its main"
