"""Pairs of anchors: chiasma's calls, and BEDPE of any origin."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from chiasma.core.atomic import writing
from chiasma.core.errors import InputError
from chiasma.io.tables import parse, read_text_table
from chiasma.io.text import read_lines
from chiasma.schema.tables import CALLS, conform

ANCHORS = ("chrom1", "start1", "end1", "chrom2", "start2", "end2")


def read_calls(path: str | Path) -> pd.DataFrame:
    """Read calls as `write_calls` writes them: the columns of ``tables.CALLS``."""
    frame = read_text_table(path)
    return parse(frame.rename(columns={frame.columns[0]: frame.columns[0].lstrip("#")}), CALLS, str(path))


def write_calls(frame: pd.DataFrame, path: str | Path) -> None:
    """Write calls as BEDPE, atomically: ten BEDPE columns, then chiasma's own, under a header line ``#chrom1 …``."""
    frame = conform(frame, CALLS, str(path)).rename(columns={"chrom1": "#chrom1"})
    with writing(path) as part:
        frame.to_csv(part, sep="\t", index=False, na_rep="nan", lineterminator="\n")


def read_bedpe(path: str | Path) -> pd.DataFrame:
    """Read the anchors and scores of a BEDPE file, plain or gzip, in the file's order and with its chromosome names.

    Comment, ``track`` and ``browser`` lines are skipped, and so is one header line.

    Returns
    -------
    frame with columns chrom1 start1 end1 chrom2 start2 end2 (0-based half-open bp) and score, the number in the eighth
        column (paired-end tags in ChIA-PET files); nan where there is none

    Raises
    ------
    InputError
        For a line with fewer than six fields, or an anchor without a start below its end, with the line's number.
    """
    frame = pd.DataFrame(_anchors(path), columns=[*ANCHORS, "score"])
    return frame.astype(
        {name: "str" if name.startswith("chrom") else "int64" for name in ANCHORS} | {"score": "float64"}
    )


def write_bedpe(frame: pd.DataFrame, path: str | Path) -> None:
    """Write anchors and scores as eight-column BEDPE with a header line, atomically; names and missing scores are dots."""
    columns = frame[[*ANCHORS, "score"]].rename(columns={"chrom1": "#chrom1"})
    columns.insert(len(ANCHORS), "name", ".")
    with writing(path) as part:
        columns.to_csv(part, sep="\t", index=False, na_rep=".", lineterminator="\n")


def _anchors(path: str | Path) -> Iterator[tuple[str, int, int, str, int, int, float]]:
    """Yield the six fields of each line with the coordinates as numbers, and the score."""
    first = True
    for number, line in read_lines(path):
        fields = line.split("\t") if line.count("\t") >= 5 else line.split()
        header = first and not any(field.isdigit() for field in fields[1:3])
        first = False
        if not header:
            yield (*_anchor(fields, f"{path} line {number}"), _score(fields))


def _anchor(fields: list[str], where: str) -> tuple[str, int, int, str, int, int]:
    try:
        start1, end1, start2, end2 = (int(fields[place]) for place in (1, 2, 4, 5))
    except (IndexError, ValueError) as error:
        raise InputError(
            f"{where}: expected chrom1 start1 end1 chrom2 start2 end2, found '{' '.join(fields[:6])}'"
        ) from error
    if not (0 <= start1 < end1 and 0 <= start2 < end2):
        raise InputError(f"{where}: expected 0 <= start < end for both anchors, found '{' '.join(fields[:6])}'")
    return fields[0], start1, end1, fields[3], start2, end2


def _score(fields: list[str]) -> float:
    try:
        return float(fields[7])
    except (IndexError, ValueError):
        return math.nan
