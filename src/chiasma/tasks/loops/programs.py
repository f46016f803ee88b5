"""Loop callers that run as programs, for they live with other versions of numpy than chiasma does."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from chiasma.core.atomic import writing
from chiasma.core.errors import InputError
from chiasma.core.log import log
from chiasma.tasks.loops.config import Mustache

OWN = Path(".venvs/mustache/bin/mustache")  # where `make mustache` puts it, from the checkout


def find_mustache() -> str:
    """Return the path of the mustache program: that of ``make mustache`` in this folder, else the one on PATH.

    InputError names the two ways to get it.
    """
    found = str(OWN.absolute()) if OWN.is_file() else shutil.which("mustache")
    if found is None:
        raise InputError(
            f"mustache: no such program, neither as {OWN} in {Path.cwd()} nor on PATH; `make mustache` installs it there, "
            "or let Snakemake make its environment with --sdm conda (envs/mustache.yaml)"
        )
    return found


def call_mustache(numbers: Mustache, resolution_bp: int, contacts: Path, output: Path) -> None:
    """Run Mustache on a balanced .cool and write the table of loops it finds, atomically.

    InputError when the program is not found or fails; it is known to end with code 0 when it could not read its input, and
    when one of the processes it starts has died and the loops of a stretch are missing.
    """
    program = find_mustache()
    if not contacts.is_file():
        raise InputError(f"{contacts}: no such file")
    with writing(output) as part:
        words = [program, "-f", contacts, "-r", resolution_bp, "-o", part, "-pt", numbers.fdr, "-st", numbers.min_filled,
                 "-sz", numbers.sigma_bins, "-oc", numbers.octaves, "-p", numbers.processes]  # fmt: skip
        done = subprocess.run(
            [str(word) for word in words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
        )
        said = done.stdout.strip().splitlines() or ["nothing"]
        if done.returncode or "Traceback" in done.stdout or not part.is_file():
            raise InputError(
                f"{contacts}: {program} failed with code {done.returncode}; its last words: {' / '.join(said[-3:])}. "
                "It needs balancing weights (normalise.balance) and is known to fail on chromosomes with hardly any contacts"
            )
    for line in said:
        if " loops found " in line:
            log.info("mustache: %s", line)
