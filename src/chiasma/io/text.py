"""Lines of plain or gzip-compressed text."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from chiasma.core.errors import InputError

SKIPPED = ("#", "track", "browser")  # lines of a BED-like file that hold no interval
GZIP_MAGIC = b"\x1f\x8b"


def is_gzip(path: str | Path) -> bool:
    """Whether the file's first bytes are gzip's, whatever its name; InputError when there is no such file."""
    try:
        with open(path, "rb") as handle:
            return handle.read(2) == GZIP_MAGIC
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from error


def open_text(path: str | Path) -> IO[str]:
    """Open a text file for reading, through gzip when its first bytes say so."""
    return gzip.open(path, "rt", encoding="utf-8") if is_gzip(path) else open(path, encoding="utf-8")


def read_lines(path: str | Path) -> Iterator[tuple[int, str]]:
    """Yield line number (from 1) and text of each line that is not empty, a comment, ``track`` or ``browser``.

    Raises InputError when the file is missing, cut short, or not text.
    """
    try:
        with open_text(path) as handle:
            for number, line in enumerate(handle, 1):
                if line.strip() and not line.startswith(SKIPPED):
                    yield number, line.rstrip("\r\n")
    except (EOFError, OSError, zlib.error, UnicodeDecodeError) as error:
        raise InputError(f"{path}: not a whole text or gzip file: {error}") from error
