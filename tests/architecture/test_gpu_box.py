"""Training runs where only torch, tables and a command line are installed: no genomics reader, no pydantic, no workflow."""

import subprocess
import sys

import pytest
from checkers import PACKAGE

ABSENT = (
    "pydantic", "cooler", "hictkpy", "h5py", "pysam", "pyBigWig", "pybedtools", "bioframe", "cooltools", "snakemake",
    "jsonschema", "hicstraw", "pyjaspar", "deeptools", "chromosight", "anndata", "umap",
)  # fmt: skip
ROOMS = ("families", "tasks", "training", "nn", "tiles")
COMMANDS = ("pretrain", "finetune", "predict", "embed")
BLOCK = """
import sys
for name in {absent!r}:
    sys.modules[name] = None
"""


def modules():
    paths = [path for room in ROOMS for path in sorted((PACKAGE / room).rglob("*.py"))]
    dotted = [".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts) for path in paths]
    names = [name.removesuffix(".__init__") for name in dotted]
    return [*names, "chiasma.contracts", *(f"chiasma.cli.{command}" for command in COMMANDS)]


def python(code):
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=240)


def test_all_of_training_imports_without_the_readers():
    done = python(BLOCK.format(absent=ABSENT) + f"for name in {modules()!r}: __import__(name)")
    assert done.returncode == 0, done.stderr[-2000:]


@pytest.mark.parametrize("name", ["pydantic", "pyBigWig"])
def test_the_block_blocks(name):
    assert "ModuleNotFoundError" in python(BLOCK.format(absent=ABSENT) + f"import {name}").stderr
