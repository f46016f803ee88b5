"""Sequences: FASTA, plain or gzip."""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from pathlib import Path

from chiasma.core.atomic import writing
from chiasma.core.errors import InputError
from chiasma.io.text import open_text

LINE = 60  # letters a line


def read_fasta(path: str | Path) -> dict[str, str]:
    """Read all records, name (the first word of the header) -> sequence as it stands, letter case kept.

    Raises InputError when the file is not FASTA, holds nothing, or names a record twice.
    """
    records: dict[str, list[str]] = {}
    name = None
    with open_text(path) as handle:
        for number, line in enumerate(handle, 1):
            if line.startswith(">"):
                name = (line[1:].split() or [""])[0]
                if not name or name in records:
                    raise InputError(f"{path} line {number}: record name '{name}' is empty or stands there twice")
                records[name] = []
            elif line.strip():
                if name is None:
                    raise InputError(f"{path} line {number}: expected '>' and a name, found '{line.strip()[:30]}'")
                records[name].append(line.strip())
    if not records:
        raise InputError(f"{path}: no sequence in the file")
    return {name: "".join(lines) for name, lines in records.items()}


def write_fasta(sequences: Mapping[str, str], path: str | Path) -> None:
    """Write sequences by name, atomically; gzip (with no time stamp, so equal content is equal bytes) when the name ends in .gz."""
    lines = []
    for name, sequence in sequences.items():
        lines += [f">{name}", *(sequence[start : start + LINE] for start in range(0, len(sequence), LINE))]
    data = ("\n".join(lines) + "\n").encode("ascii")
    with writing(path) as part:
        part.write_bytes(gzip.compress(data, 6, mtime=0) if part.suffix == ".gz" else data)
