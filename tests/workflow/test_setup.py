"""The set-up script without the right to install, and the clearing of the way after a killed run."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from checkout import TOP

NEEDED = ("bash", "env", "dirname", "cat", "tr", "sed", "readlink", "grep", "rm", "mkdir", "cp", "sleep", "kill")


@pytest.fixture
def checkout(tmp_path):
    """A folder with the scripts, and a PATH that holds a few tools and no system packages."""
    shutil.copytree(TOP / ".ci", tmp_path / ".ci")
    (tmp_path / "bin").mkdir()
    for name in NEEDED:
        if found := shutil.which(name):
            (tmp_path / "bin" / name).symlink_to(found)
    return tmp_path


def tool(checkout, name, text):
    path = checkout / "bin" / name
    path.write_text(f"#!{shutil.which('bash')}\n{text}\n")
    path.chmod(0o755)


def script(checkout, name, **environment):
    clean = {"PATH": str(checkout / "bin"), "HOME": str(checkout)} | environment
    return subprocess.run(
        [checkout / ".ci" / name], env=clean, capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL
    )


def test_without_root_the_missing_packages_are_named_and_nothing_waits(checkout):
    tool(checkout, "id", "echo 1000")
    tool(checkout, "sudo", '[ "$1" = -n ] || exec sleep 1000; exit 1')
    tool(checkout, "apt-get", "exit 0")
    done = script(checkout, "setup")
    assert done.returncode == 1
    for word in ("bedtools", "libcurl4-openssl-dev", "g++", "sudo apt-get install", "conda"):
        assert word in done.stderr
    assert not (checkout / ".venv").exists()


def test_root_installs_what_is_missing_and_only_that(checkout):
    tool(checkout, "id", "echo 0")
    tool(checkout, "apt-get", f'echo "$@" >> {checkout}/asked')
    tool(checkout, "bedtools", "exit 0")
    tool(checkout, "python3", "exit 1")
    done = script(checkout, "setup")
    assert "libcurl4-openssl-dev" in (checkout / "asked").read_text()
    assert "bedtools" not in (checkout / "asked").read_text()
    assert "needs Python 3.11" in done.stderr


def orphan(folder, log):
    """Start a process that looks like a job of Snakemake whose driver is gone."""
    (folder / "chiasma").write_text("import signal; print('up', flush=True); signal.pause()")
    with open(log, "w") as stderr:
        words = [sys.executable, str(folder / "chiasma"), "pretrain"]
        process = subprocess.Popen(words, cwd=folder, stderr=stderr, stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "up\n"
    process.stdout.close()
    return process


@pytest.mark.skipif(not Path("/proc/self/cwd").exists(), reason="processes are looked up in /proc")
def test_a_stale_lock_and_jobs_left_behind_are_cleared_but_typed_commands_live(checkout):
    (checkout / "results/demo/logs").mkdir(parents=True)
    (checkout / ".snakemake/locks").mkdir(parents=True)
    (checkout / ".snakemake/locks/0.input.lock").write_text("x")
    left = orphan(checkout, checkout / "results/demo/logs/pretrain.log")
    typed = orphan(checkout, checkout / "own.log")
    try:
        done = script(checkout, "unlock", PATH=os.environ["PATH"])
        assert done.returncode == 0, done.stderr
        assert str(left.pid) in done.stderr
        assert left.wait(timeout=20) != 0
        assert typed.poll() is None
        assert not list((checkout / ".snakemake/locks").iterdir())
    finally:
        typed.kill()
        typed.wait()
        left.kill()
        left.wait()


def test_unlocking_a_folder_where_nothing_ran_does_nothing(checkout):
    assert script(checkout, "unlock", PATH=os.environ["PATH"]).returncode == 0


VENV = """
[ "$1" = -c ] && exit "${OLD:-0}"
if [ "$2" = venv ]; then mkdir -p "$3/bin"; cp "$0" "$3/bin/python"; cp "$0" "$3/bin/mustache"; exit 0; fi
[ "$1" = --version ] && echo "Python 3.14.0"
[ "$2" = pip ] && { echo "$@" > asked; exit "${BROKEN:-0}"; }
exit 0
"""


@pytest.fixture
def program(checkout):
    """The folder with the pins of the program's environment, and a Python that only notes what it should install."""
    shutil.copytree(TOP / "envs", checkout / "envs")
    tool(checkout, "python3", VENV)
    return checkout


def test_the_program_is_installed_with_the_pins_of_its_conda_environment(program):
    done = script(program, "mustache")
    assert done.returncode == 0, done.stderr
    listed = yaml.safe_load((TOP / "envs/mustache.yaml").read_text())["dependencies"][-1]["pip"]
    assert (program / "asked").read_text().split() == ["-m", "pip", "install", "-q", *listed]
    assert (program / ".venvs/mustache/bin/mustache").is_file()


def test_half_an_installation_of_the_program_is_none(program):
    assert script(program, "mustache", BROKEN="1").returncode == 1
    assert not (program / ".venvs/mustache").exists()


def test_a_python_that_is_too_new_for_the_program_is_named(program):
    done = script(program, "mustache", OLD="1")
    assert done.returncode == 1
    assert "Mustache needs Python 3.11 or 3.12, python3 is Python 3.14.0; name another" in done.stderr
