"""chiasma's own tables as TSV and Parquet, with the columns and dtypes `schema.tables` promises."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from chiasma.core.atomic import writing
from chiasma.core.errors import InputError
from chiasma.schema.tables import Table, conform

BOOLS = {"True": True, "False": False, "true": True, "false": False, "1": True, "0": False}


def _parsed(column: pd.Series, dtype: str) -> pd.Series:
    """Return text as values: an empty float is nan; a bool is spelled True or False."""
    if dtype == "bool":
        values = column.map(BOOLS)
        if values.isna().any():
            raise ValueError(f"'{column[values.isna()].iloc[0]}' is not True or False")
        return values.astype(bool)
    return column.replace("", "nan") if dtype.startswith("float") else column


def parse(frame: pd.DataFrame, table: Table, where: str) -> pd.DataFrame:
    """Return a frame of text cells as ``table``; InputError when a column is missing, unknown or of the wrong type."""
    frame = frame.copy()
    for column in table.columns:
        if column.name in frame:
            try:
                frame[column.name] = _parsed(frame[column.name], column.dtype)
            except ValueError as error:
                raise InputError(f"{where}: column '{column.name}' of the {table.name} table: {error}") from error
    return conform(frame, table, where)


def read_text_table(path: str | Path, comment: str | None = None) -> pd.DataFrame:
    """Read a tab-separated table with a header, every cell as text; InputError when missing, empty or ragged.

    What stands behind ``comment``, a character, is passed over; nothing is when it is None.
    """
    try:
        return pd.read_csv(path, sep="\t", dtype=str, keep_default_na=False, comment=comment)
    except FileNotFoundError as error:
        raise InputError(f"{path}: no such file") from error
    except (pd.errors.EmptyDataError, pd.errors.ParserError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: not a tab-separated table with a header: {error}") from error


def read_tsv(path: str | Path, table: Table) -> pd.DataFrame:
    """Read a TSV with exactly the columns of ``table``; InputError says what is missing, unknown or malformed."""
    return parse(read_text_table(path), table, str(path))


def read_tsvs(paths: Iterable[str | Path], table: Table) -> pd.DataFrame:
    """Read TSVs of one ``table`` below each other; an empty table when there are none."""
    frames = [read_tsv(path, table) for path in paths]
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=table.names)


def write_tsv(frame: pd.DataFrame, path: str | Path, table: Table) -> None:
    """Write ``frame`` as the TSV of ``table``, atomically; floats keep all their digits, a missing one is ``nan``."""
    frame = conform(frame, table, str(path))
    with writing(path) as part:
        frame.to_csv(part, sep="\t", index=False, na_rep="nan", lineterminator="\n")


def read_parquet(path: str | Path, table: Table) -> pd.DataFrame:
    """Read a Parquet file with exactly the columns of ``table``."""
    try:
        frame = pd.read_parquet(path, engine="pyarrow")
    except FileNotFoundError as error:
        raise InputError(f"{path}: no such file") from error
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: not a Parquet file: {error}") from error
    return conform(frame, table, str(path))


def write_parquet(frame: pd.DataFrame, path: str | Path, table: Table) -> None:
    """Write ``frame`` as the Parquet file of ``table``, atomically, zstd-compressed."""
    frame = conform(frame, table, str(path))
    with writing(path) as part:
        frame.to_parquet(part, engine="pyarrow", compression="zstd", index=False)
