"""BED, narrowPeak, broadPeak and bedGraph: intervals, plain or gzip."""

from __future__ import annotations

import zlib
from pathlib import Path

import numpy as np
import pandas as pd

from chiasma.core.atomic import writing
from chiasma.core.errors import InputError
from chiasma.io.text import read_lines

PEAK_COLUMNS = ("chrom", "start", "end", "name", "score", "strand")
STATE_COLUMNS = PEAK_COLUMNS[:4]
VALUE_COLUMN = 6  # signalValue of narrowPeak and broadPeak
SCORE_COLUMN = 4  # score of BED


def _header_lines(path: str | Path) -> int:
    """Return the number of lines before the first interval; InputError when the file holds none."""
    for number, line in read_lines(path):
        fields = line.split("\t")
        if len(fields) >= 3 and fields[1].isdigit():
            return number - 1
        if number > 1:
            raise InputError(f"{path} line {number}: expected chrom, start, end separated by tabs, found '{line[:60]}'")
    raise InputError(f"{path}: no intervals in the file")


def _read(path: str | Path) -> pd.DataFrame:
    """Read an interval file with bioframe, columns by number; InputError when malformed."""
    import bioframe  # brings matplotlib along: seconds that writers of intervals need not wait

    try:
        frame = bioframe.read_table(
            str(path),
            header=None,
            skiprows=_header_lines(path),
            comment="#",
            dtype={0: str},
            compression="infer",
            low_memory=False,
        )
        frame[[1, 2]] = frame[[1, 2]].astype(np.int64)
    except InputError:
        raise
    except (ValueError, KeyError, EOFError, OSError, zlib.error) as error:
        raise InputError(f"{path}: not a whole interval file: {error}") from error
    bad = frame[(frame[1] < 0) | (frame[2] <= frame[1])]
    if len(bad):
        raise InputError(f"{path}: expected 0 <= start < end, found {bad.iloc[0, 0]}:{bad.iloc[0, 1]}-{bad.iloc[0, 2]}")
    return frame


def read_peaks(path: str | Path) -> pd.DataFrame:
    """Read BED, narrowPeak or broadPeak in the file's order and with its chromosome names.

    Returns
    -------
    frame with columns chrom start end score; score is the signal value (column 7) where there is one, else the BED score
    (column 5), else 0.
    """
    frame = _read(path)
    peak = str(path).lower().removesuffix(".gz").endswith("peak")
    column = VALUE_COLUMN if peak else SCORE_COLUMN
    score = pd.to_numeric(frame[column], errors="coerce").fillna(0.0) if column in frame else 0.0
    return pd.DataFrame({"chrom": frame[0], "start": frame[1], "end": frame[2], "score": score})


def read_states(path: str | Path) -> pd.DataFrame:
    """Read a BED file of named stretches in the file's order and with its chromosome names: columns chrom start end name.

    Raises InputError when a row has no name.
    """
    frame = _read(path)
    if 3 not in frame or frame[3].isna().any():
        raise InputError(
            f"{path}: expected four columns chrom start end name, the state of each stretch; found rows without"
        )
    return pd.DataFrame({"chrom": frame[0], "start": frame[1], "end": frame[2], "name": frame[3].astype(str)})


def read_loci(path: str | Path) -> pd.DataFrame:
    """Read chrom start end of any BED-like file line by line, in its order; it needs no genomics package.

    One header line is skipped. Raises InputError, with the line's number, unless 0 <= start < end.
    """
    rows = []
    for number, line in read_lines(path):
        fields = line.split("\t") if "\t" in line else line.split()
        header = not rows and not any(field.isdigit() for field in fields[1:3])
        if not header:
            rows.append(_locus(fields, f"{path} line {number}"))
    if not rows:
        raise InputError(f"{path}: no intervals in the file")
    return pd.DataFrame(rows, columns=list(PEAK_COLUMNS[:3]))


def _locus(fields: list[str], where: str) -> tuple[str, int, int]:
    numeric = len(fields) >= 3 and fields[1].isdigit() and fields[2].isdigit()
    if not numeric or int(fields[1]) >= int(fields[2]):
        raise InputError(f"{where}: expected chrom, start, end with 0 <= start < end, found '{' '.join(fields[:3])}'")
    return fields[0], int(fields[1]), int(fields[2])


def write_peaks(frame: pd.DataFrame, path: str | Path) -> None:
    """Write columns chrom start end name score strand as BED, atomically."""
    with writing(path) as part:
        frame[list(PEAK_COLUMNS)].to_csv(part, sep="\t", header=False, index=False, lineterminator="\n")


def read_bedgraph(path: str | Path) -> pd.DataFrame:
    """Read a bedGraph: frame with columns chrom start end value, a row that stands there twice kept once.

    Raises InputError when a value is not a finite number.
    """
    frame = _read(path)
    if 3 not in frame:
        raise InputError(f"{path}: expected four columns chrom start end value, found {frame.shape[1]}")
    value = pd.to_numeric(frame[3], errors="coerce")
    if not np.isfinite(value).all():
        raise InputError(f"{path}: value '{frame[3][~np.isfinite(value)].iloc[0]}' is not a finite number")
    columns = {"chrom": frame[0], "start": frame[1], "end": frame[2], "value": value.astype(float)}
    return pd.DataFrame(columns).drop_duplicates(ignore_index=True)


def write_intervals(frame: pd.DataFrame, path: str | Path, header: bool = False) -> None:
    """Write all columns of ``frame`` tab-separated, atomically: BED, narrowPeak, bedGraph or BEDPE rows.

    Parameters
    ----------
    frame : columns in the format's order; the first is a chromosome
    header : begin with a comment line that names the columns
    """
    with writing(path) as part, open(part, "w", encoding="utf-8", newline="") as file:
        file.write("#" + "\t".join(frame.columns) + "\n" if header else "")
        frame.to_csv(file, sep="\t", header=False, index=False, lineterminator="\n")
