"""Tables of losses that others reported: TSV, with what is stated of the training in lines ``# key: value`` before it."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd

from chiasma.core.errors import InputError
from chiasma.io.tables import parse, read_text_table
from chiasma.schema.tables import REPORTED

FACT = re.compile(r"# (\w+): (.+)")


def read_reported(path: str | Path) -> tuple[pd.DataFrame, dict[str, str]]:
    """Return the REPORTED table of a file and what its comments state, key to text; other comments are passed over.

    InputError when the file is missing or no such table, or states a key twice.
    """
    try:
        lines = Path(path).read_text(encoding="utf-8").splitlines()
    except FileNotFoundError as error:
        raise InputError(f"{path}: no such file; expected a table of reported losses") from error
    facts: dict[str, str] = {}
    for line in lines:
        if found := FACT.fullmatch(line.strip()):
            if found[1] in facts:
                raise InputError(f"{path}: '{found[1]}' is stated twice; keep one of the lines")
            facts[found[1]] = found[2]
    table = parse(read_text_table(path, "#"), REPORTED, str(path))
    if table.empty:
        raise InputError(f"{path}: no loss is reported; give at least one row")
    return table, facts
