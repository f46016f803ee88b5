"""Put a dataset's verified file in its place: from a mirror directory, or by download."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from chiasma.core.errors import ConfigError, unknown
from chiasma.io.download import obtain
from chiasma.schema.samples import read_datasets


def fetch(
    name: Annotated[str, typer.Argument(help="Dataset, a name of the dataset table.")],
    output: Annotated[Path, typer.Option(help="Where to put the file.")],
    mirror: Annotated[
        str, typer.Option(help="Directory that holds the file already, matched by SHA-256; empty for none.")
    ] = "",
    datasets: Annotated[Path, typer.Option(help="Dataset table.")] = Path("resources/datasets.tsv"),
) -> None:
    """Put a dataset's verified file in its place: from a mirror directory, or by download."""
    table = read_datasets(datasets)
    if name not in table:
        raise ConfigError(unknown("dataset", name, table, str(datasets)))
    obtain(table[name], output, Path(mirror) if mirror else None)
