"""Audit that no base is shared between train, valid and test: within each table, across tables, and with the splits."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import pandas as pd
import typer
from pyarrow import parquet

from chiasma.core.errors import ConfigError, InputError
from chiasma.core.log import log
from chiasma.evaluation import leak_audit
from chiasma.io.tables import read_parquet, read_tsv, write_tsv
from chiasma.schema.tables import EXAMPLES, LEAKS, SPLITS, TILES
from chiasma.tiles.arrays import TileArrays


def _columns(frame: pd.DataFrame) -> dict:
    return {name: frame[name].to_numpy() for name in frame.columns}


def _named_paths(texts: list[str]) -> dict[str, Path]:
    pairs = [text.partition("=") for text in texts]
    wrong = [text for text, (name, sign, path) in zip(texts, pairs, strict=True) if not (name and sign and path)]
    names = [name for name, _, _ in pairs]
    if wrong or len(set(names)) < len(names):
        raise ConfigError(f"--table: found {wrong or names}; expected name=path, each name once")
    return {name: Path(path) for name, _, path in pairs}


def _read_windows(path: Path, tiles: Path, transductive: bool) -> leak_audit.Windows:
    """Return the windows of a tileset's index or of a task's examples, beside the arrays they are cut from."""
    if not path.resolve().is_relative_to(tiles.resolve()):
        raise ConfigError(f"{path}: not under {tiles}; give an index.parquet or a task's table of one of its tilesets")
    if not path.is_file():
        raise InputError(f"{path}: no such file")
    is_index = "start1" in parquet.read_schema(path).names
    meta = TileArrays.open(path.parent / "arrays").meta
    frame = read_parquet(path, TILES if is_index else EXAMPLES)
    windows = leak_audit.windows_of(_columns(frame), meta.resolution_bp, meta.tile_bins)
    return leak_audit.as_train(windows) if is_index and transductive else windows


def audit(
    splits: Annotated[Path, typer.Option(help="splits.tsv of a genome; the tables are all of this genome")],
    tiles: Annotated[Path, typer.Option(help="folder of the tilesets")],
    table: Annotated[list[str], typer.Option(help="name=path of an index.parquet or a task's table; repeat for each")],
    output: Annotated[Path, typer.Option(help="TSV to write")],
    transductive: Annotated[
        bool, typer.Option(help="pre-training sees all splits: its tiles count as train, and leaks are no error")
    ] = False,
) -> None:
    """Audit that no base is shared between train, valid and test; exit code 1 after writing the table if one is."""
    tables = {name: _read_windows(path, tiles, transductive) for name, path in _named_paths(table).items()}
    tables[splits.stem] = leak_audit.regions_of(_columns(read_tsv(splits, SPLITS)))
    rows = pd.DataFrame(leak_audit.audit(tables), columns=LEAKS.names)
    write_tsv(rows, output, LEAKS)
    leaks = rows[rows.verdict == "leak"]
    log.info("leak audit: %d comparisons, %d leaks", len(rows), len(leaks))
    if len(leaks) and not transductive:
        worst = leaks.iloc[leaks.shared_bp.argmax()]
        raise InputError(
            f"{output}: {len(leaks)} of {len(rows)} comparisons share bases, most of all {worst.table}: "
            f"{worst['first']} and {worst.second} share {worst.shared_bp} bp; "
            "make the tables again from one splits.tsv, or set transductive: true and see it reported"
        )
