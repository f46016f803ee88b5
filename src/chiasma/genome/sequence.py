"""DNA as text and as codes: A 0, C 1, G 2, T 3, anything else 4."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

LETTERS = "ACGTN"
UNKNOWN = 4
COMPLEMENT_CODES = np.array([3, 2, 1, 0, 4], np.uint8)
_COMPLEMENT = str.maketrans("ACGTNacgtn", "TGCANtgcan")
_CODES = np.full(256, UNKNOWN, np.uint8)
for _code, _letter in enumerate("ACGT"):
    _CODES[ord(_letter)] = _CODES[ord(_letter.lower())] = _code


def reverse_complement(sequence: str) -> str:
    """Return the other strand's sequence, letter case kept."""
    return sequence.translate(_COMPLEMENT)[::-1]


def to_codes(sequence: str) -> NDArray[np.uint8]:
    """Return a sequence as codes, (length,) uint8; lower case reads as upper case."""
    return _CODES[np.frombuffer(sequence.encode("latin-1"), np.uint8)]


def from_codes(codes: NDArray[np.uint8]) -> str:
    """Return codes as upper-case text."""
    return np.frombuffer(LETTERS.encode(), np.uint8)[codes].tobytes().decode("ascii")


def reverse_complement_codes(codes: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the other strand's codes, (length,)."""
    return COMPLEMENT_CODES[codes[::-1]]
