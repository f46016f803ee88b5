"""Position frequency matrices from the JASPAR releases that pyjaspar carries; no network."""

from __future__ import annotations

import warnings

import numpy as np
from numpy.typing import NDArray

from chiasma.core.errors import InputError

RELEASE = "JASPAR2024"
COLLECTION = "CORE"
BASES = "ACGT"


def read_motif(name: str, release: str = RELEASE) -> NDArray[np.float64]:
    """Return a motif's base frequencies, (length, 4) in the order A C G T; each row sums to 1.

    Parameters
    ----------
    name : matrix identifier (``MA0139.1``, or ``MA0139`` for its latest version), or the factor's name; a name shared by
        several matrices means the one with the lowest identifier among human ones, or among all when none is human
    release : JASPAR release, e.g. ``JASPAR2024``

    Raises
    ------
    InputError
        When the release or the motif does not exist.
    """
    motif = _fetch(name, release)
    counts = np.array([motif.counts[base] for base in BASES], float).T
    return counts / counts.sum(axis=1, keepdims=True)


def _fetch(name: str, release: str):
    from pyjaspar import JASPAR_LATEST_RELEASE, jaspar_releases, jaspardb

    if release not in jaspar_releases:
        known = ", ".join(sorted(jaspar_releases))
        raise InputError(
            f"JASPAR release '{release}' is not installed (known: {known}; latest {JASPAR_LATEST_RELEASE})"
        )
    database = jaspardb(release=release)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # "no such matrix" is told below
        found = database.fetch_motif_by_id(name)
        if found is not None:
            return found
        named = [motif for motif in database.fetch_motifs_by_name(name) if motif.collection == COLLECTION]
    human = [motif for motif in named if "9606" in (motif.species or ())]
    if not named:
        raise InputError(f"{release}: no motif with identifier or factor name '{name}'")
    return min(human or named, key=lambda motif: motif.matrix_id)
