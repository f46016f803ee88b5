"""Who may import whom: the contracts of pyproject.toml, and torch staying out of the rooms below the tiles' dataset."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from checkers import PACKAGE, TOP

TORCHLESS = ("core", "schema", "genome", "io", "assays", "evaluation", "plots", "simulate")
LIGHT_TILES = ("splits", "index", "arrays")
BLOCK = """
import sys
class NoTorch:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] == "torch":
            raise ImportError("torch is out of bounds here")
sys.meta_path.insert(0, NoTorch())
"""


def modules(*rooms):
    paths = [path for room in rooms for path in sorted((PACKAGE / room).rglob("*.py"))]
    return [
        ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__") for path in paths
    ]


def python(code):
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)


def imports_without_torch(names):
    """Import modules in a fresh interpreter where torch is blocked."""
    return python(BLOCK + f"for name in {names!r}: __import__(name)")


def contracts(folder):
    """Run import-linter on the package in a folder, by the project's contracts."""
    environment = os.environ | {"PYTHONPATH": str(folder / "src")}
    words = [str(Path(sys.executable).parent / "lint-imports"), "--config", str(TOP / "pyproject.toml"), "--no-cache"]
    return subprocess.run(words, cwd=folder, env=environment, capture_output=True, text=True, timeout=120)


def test_the_contracts_hold():
    done = contracts(TOP)
    assert done.returncode == 0, done.stdout


def test_rooms_below_the_dataset_import_without_torch():
    done = imports_without_torch(modules(*TORCHLESS) + [f"chiasma.tiles.{name}" for name in LIGHT_TILES])
    assert done.returncode == 0, done.stderr


def test_a_blocked_torch_stops_what_needs_it():
    assert "torch" in imports_without_torch(["chiasma.tiles.dataset"]).stderr


def test_a_study_is_checked_without_torch():
    code = BLOCK + "from chiasma.schema import rooms\n"
    code += (
        "for kind in rooms.SINGULAR:\n for name in rooms.room_names(kind): rooms.room_module(kind, name, 'config')\n"
    )
    done = python(code + "import chiasma.training.config, chiasma.simulate.config")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("place", "line", "contract"),
    [
        ("training/loop.py", "import chiasma.families.one", "Dependencies point down"),
        ("io/bed.py", "import chiasma.assays", "Dependencies point down"),
        ("families/one/model.py", "import chiasma.families.two", "A family never imports a family"),
        ("tasks/one/head.py", "import chiasma.tasks.two", "A task never imports a task"),
        ("evaluation/metrics.py", "import torch", "Torch enters at the tiles' dataset"),
        ("tiles/arrays.py", "import torch", "Of the tiles only the dataset knows torch"),
        ("genome/regions.py", "import chiasma.schema", "Dependencies point down"),
    ],
)
def test_a_planted_violation_breaks_its_contract(tmp_path, place, line, contract):
    house = bare_house(tmp_path)
    path = house / "src/chiasma" / place
    path.write_text(line + "\n")
    done = contracts(house)
    assert done.returncode != 0
    assert f"{contract} BROKEN" in done.stdout


def test_a_house_without_violations_keeps_its_contracts(tmp_path):
    done = contracts(bare_house(tmp_path))
    assert done.returncode == 0, done.stdout


def bare_house(folder):
    """A package of empty rooms, two families and two tasks."""
    package = folder / "src/chiasma"
    rooms = [path.parent.relative_to(PACKAGE) for path in PACKAGE.glob("*/__init__.py")]
    for room in [*rooms, *(Path(kind, name) for kind in ("families", "tasks") for name in ("one", "two"))]:
        (package / room).mkdir(parents=True, exist_ok=True)
        (package / room / "__init__.py").touch()
    (package / "__init__.py").touch()
    (package / "contracts.py").touch()
    for place in ("tiles/dataset.py", "tiles/arrays.py"):
        (package / place).touch()
    shutil.copy(PACKAGE / "__init__.py", package / "__init__.py")
    return folder
