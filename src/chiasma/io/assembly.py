"""The table of an assembly's chromosomes: ``chrom length_bp aliases``."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from chiasma.core.errors import InputError
from chiasma.genome.chromosomes import Assembly, build_assembly
from chiasma.io.tables import read_tsv, write_tsv
from chiasma.schema.tables import ASSEMBLY


def read_assembly(path: str | Path) -> Assembly:
    """Read an assembly table; the assembly's name is the file's stem.

    Raises
    ------
    InputError
        When a chromosome stands there twice, a length is not positive, or one name is given to two chromosomes.
    """
    path = Path(path)
    table = read_tsv(path, ASSEMBLY)
    twice = table.chrom[table.chrom.duplicated()]
    if len(twice) or not len(table):
        raise InputError(
            f"{path}: " + (f"chromosome '{twice.iloc[0]}' stands there twice" if len(twice) else "no chromosomes")
        )
    aliases = {
        row.chrom: [name.strip() for name in row.aliases.split(",") if name.strip()] for row in table.itertuples()
    }
    return build_assembly(path.stem, dict(zip(table.chrom, table.length_bp.tolist(), strict=True)), aliases, str(path))


def write_assembly(assembly: Assembly, path: str | Path) -> None:
    """Write an assembly's table, atomically."""
    names = {chrom: [] for chrom in assembly.lengths}
    for alias, chrom in assembly.aliases.items():
        if alias != chrom:
            names[chrom].append(alias)
    columns = {
        "chrom": list(names),
        "length_bp": list(assembly.lengths.values()),
        "aliases": [",".join(row) for row in names.values()],
    }
    write_tsv(pd.DataFrame(columns), path, ASSEMBLY)
