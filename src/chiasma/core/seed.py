"""Random numbers that depend on named keys, not on the order of calls."""

from __future__ import annotations

import hashlib

import numpy as np


def derive_seed(*keys: object) -> int:
    """Return a 63-bit seed that is a fixed function of ``keys`` (their text), on every machine and Python."""
    digest = hashlib.sha256("\x1f".join(str(key) for key in keys).encode()).digest()
    return int.from_bytes(digest[:8], "big") >> 1


def generator(*keys: object) -> np.random.Generator:
    """Return a NumPy generator seeded by ``keys``, e.g. ``generator(seed, "negatives", chrom)``."""
    return np.random.default_rng(derive_seed(*keys))
