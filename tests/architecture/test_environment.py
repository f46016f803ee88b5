"""The lock, the package's own bounds and the conda environment say the same."""

import re
import tomllib
from importlib import metadata

import pytest
import yaml
from checkers import TOP
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PROJECT = tomllib.loads((TOP / "pyproject.toml").read_text())["project"]
ENVIRONMENTS = sorted((TOP / "envs").glob("*.yaml"))
# where a program's own environment cannot follow the lock: it ends on numpy 2
OWN_PINS = {"mustache": {"mustache-hic==1.3.3", "numpy==1.26.4", "statsmodels==0.15.0"}}
OWN_NEEDS = {"mustache": ["mustache-hic", "numpy", "pandas", "scipy", "typer", "rich", "pyyaml"]}


def pins(text):
    """Read ``name==version`` lines."""
    return {canonicalize_name(name): version for name, version in re.findall(r"^([\w.-]+)==(\S+)", text, re.MULTILINE)}


def required(*extras):
    lines = PROJECT["dependencies"] + [line for extra in extras for line in PROJECT["optional-dependencies"][extra]]
    return [Requirement(line) for line in lines]


def wrong_pins(conda, lock, needed):
    """Differences between a conda environment's pip part and the lock, and requirements it lacks."""
    listed = next((part["pip"] for part in conda["dependencies"] if isinstance(part, dict)), [])
    own = pins("\n".join(listed))
    wrong = [
        f"{name}=={version}, the lock has {lock.get(name)}"
        for name, version in own.items()
        if lock.get(name) != version
    ]
    unpinned = [line for line in listed if "==" not in line]
    return wrong + unpinned + [name for name in needed if name not in own]


LOCK = pins((TOP / "requirements.lock").read_text())


def test_the_lock_satisfies_the_package_with_all_extras():
    for requirement in required(*PROJECT["optional-dependencies"]):
        assert requirement.specifier.contains(LOCK[canonicalize_name(requirement.name)]), requirement


def test_the_lock_names_no_local_version():
    assert [f"{name}=={version}" for name, version in LOCK.items() if "+" in version] == []


@pytest.mark.parametrize("path", ENVIRONMENTS, ids=lambda path: path.stem)
def test_a_conda_environment_pins_what_the_lock_pins(path):
    needed = [canonicalize_name(item.name) for item in required("data", "eval", "workflow")]
    conda = yaml.safe_load(path.read_text())
    assert conda["channels"] == ["conda-forge", "bioconda", "nodefaults"]
    wrong = wrong_pins(conda, LOCK, OWN_NEEDS.get(path.stem, needed))
    assert {line.split(",")[0] for line in wrong} == OWN_PINS.get(path.stem, set())
    assert ("bedtools=2.31" in conda["dependencies"]) == (path.stem == "main")


@pytest.mark.parametrize("path", ENVIRONMENTS, ids=lambda path: path.stem)
def test_a_conda_environment_gets_the_command_from_the_checkout(path):
    assert "install --no-deps -e ." in path.with_name(f"{path.stem}.post-deploy.sh").read_text()


def test_what_runs_here_is_what_the_lock_says():
    for requirement in required("data", "eval", "workflow"):
        name = canonicalize_name(requirement.name)
        assert metadata.version(name).split("+")[0] == LOCK[name]


def test_a_differing_missing_or_loose_pin_is_found():
    conda = {"dependencies": ["pip", {"pip": ["numpy==1.0", "scipy", "torch==2.0"]}]}
    found = wrong_pins(conda, {"numpy": "2.0", "torch": "2.0", "scipy": "1.0"}, ["torch", "pandas"])
    assert found == ["numpy==1.0, the lock has 2.0", "scipy", "pandas"]
