"""Where a result comes from: code revision, configuration, inputs, library versions, seed, device."""

from __future__ import annotations

import hashlib
import json
import platform
import subprocess
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

import chiasma

LIBRARIES = ("torch", "numpy", "scipy", "pandas", "pyarrow", "cooler", "hictkpy", "pyBigWig", "cooltools", "snakemake")


def file_sha256(path: str | Path) -> str:
    """Return the SHA-256 of a file's bytes as 64 hexadecimal digits, read in pieces."""
    with open(path, "rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def config_hash(config: Mapping) -> str:
    """Return the SHA-256 of a configuration, independent of key order."""
    return hashlib.sha256(json.dumps(config, sort_keys=True, default=str).encode()).hexdigest()


def source_hash() -> str:
    """Return the SHA-256 over the package's own Python files, names and bytes, in sorted order."""
    root = Path(chiasma.__file__).parent
    digest = hashlib.sha256()
    for path in sorted(root.rglob("*.py")):
        digest.update(str(path.relative_to(root)).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def code_revision() -> str:
    """Return the git commit of the package's checkout, with ``+edits`` if files differ, or ``unversioned``."""
    root = Path(chiasma.__file__).parent

    def git(*words: str) -> str:
        return subprocess.run(
            ["git", "-C", str(root), *words], capture_output=True, text=True, check=True
        ).stdout.strip()

    try:
        return git("rev-parse", "HEAD") + ("+edits" if git("status", "--porcelain", "--", ".") else "")
    except (OSError, subprocess.CalledProcessError):
        return "unversioned"


def versions() -> dict[str, str]:
    """Return the installed version of each library that can change a number."""
    found = {"chiasma": chiasma.__version__, "python": platform.python_version()}
    for name in LIBRARIES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def collect_provenance(
    config: Mapping, inputs: Iterable[str | Path], seed: int | None = None, device: str = "cpu"
) -> dict:
    """Return the record that is written beside a model and shown in the report.

    Parameters
    ----------
    config : mapping
        The configuration as it was used; its hash and itself are kept.
    inputs : iterable of paths
        Files whose SHA-256 is recorded.
    seed : int, optional
    device : str
        The torch device that did the work.
    """
    return {
        "written": datetime.now(UTC).isoformat(timespec="seconds"),
        "code_revision": code_revision(),
        "source_sha256": source_hash(),
        "config": dict(config),
        "config_sha256": config_hash(config),
        "inputs": {str(path): file_sha256(path) for path in inputs},
        "versions": versions(),
        "seed": seed,
        "device": device,
        "machine": platform.machine(),
    }
