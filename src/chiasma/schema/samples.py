"""The sample sheet (biosample x assay -> dataset) and the dataset table, and what a file name says about its content."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from chiasma.core.errors import ConfigError, check_keys, unknown

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
RAW = Path("resources/raw")
SHEET_COLUMNS = ("sample", "assay", "dataset", "assembly")
ASSEMBLY_COLUMNS = ("chrom", "length_bp", "aliases")
DATASET_COLUMNS = ("name", "version", "file", "url", "bytes", "sha256", "licence", "citation", "processing")
UNKNOWN = "unknown"  # bytes or sha256 of a file that nobody here has downloaded yet

# What kind of measurement a file holds, by its suffix; ``.gz`` is looked through. A BED file of an assay in NAMED_BED is of that kind.
KINDS = {
    "contacts": (".hic", ".cool", ".mcool", ".rawobserved"),
    "genes": (".gtf", ".gff3", ".gff"),
    "signal": (".bw", ".bigwig", ".bam", ".bedgraph"),
    "peaks": (".narrowpeak", ".broadpeak", ".bed"),
    "loops": (".bedpe",),
    "sequence": (".fa", ".fasta"),
}
NAMED_BED = ("genes", "states")  # a BED file of any other assay holds peaks
OWN_ASSAY = {
    "contacts": "Hi-C files",
    "genes": "gene annotations",
    "states": "BED files of chromatin states",
}  # kinds whose assay has the kind's name, and no other


@dataclass(frozen=True)
class Dataset:
    """One row of ``resources/datasets.tsv``: a file of the outside world.

    ``processing`` is ``verbatim`` when ``url`` serves these very bytes; otherwise it says how the file was derived from
    what ``url`` serves, and the file can only come from a mirror. ``bytes`` and ``sha256`` are None where nobody here has
    seen the file yet (``unknown`` in the table): the first download then tells them, unverified, or the file that the mirror
    holds under its name.
    """

    name: str
    version: str
    file: str
    url: str
    bytes: int | None
    sha256: str | None
    licence: str
    citation: str
    processing: str

    @property
    def path(self) -> Path:
        """Where the verified file lies."""
        return RAW / self.name / self.file


@dataclass(frozen=True)
class Sample:
    """One row of the sample sheet, with the path of its raw file and the kind of its measurement."""

    sample: str
    assay: str
    dataset: str
    assembly: str
    path: Path
    kind: str


def kind_of(path: str | Path, where: str, assay: str = "") -> str:
    """Return contacts, genes, states, signal, peaks, loops or sequence from a file name and, for BED, the assay; ConfigError lists suffixes."""
    name = Path(path).name.lower().removesuffix(".gz")
    if assay in NAMED_BED and name.endswith(".bed"):
        return assay
    for kind, suffixes in KINDS.items():
        if name.endswith(suffixes):
            return kind
    known = "; ".join(f"{kind}: {' '.join(suffixes)}" for kind, suffixes in KINDS.items())
    raise ConfigError(f"{where}: cannot tell what '{path}' holds from its suffix (known, also with .gz: {known})")


def _rows(path: Path, columns: tuple[str, ...]) -> list[tuple[str, dict[str, str]]]:
    if not path.is_file():
        raise ConfigError(f"{path}: no such file; expected a tab-separated table with columns {', '.join(columns)}")
    with open(path, newline="", encoding="utf-8-sig") as handle:
        lines = [(number, line) for number, line in enumerate(handle, 1) if line.strip() and not line.startswith("#")]
    reader = csv.DictReader((line for _, line in lines), delimiter="\t")
    check_keys(reader.fieldnames or (), columns, f"{path} header")
    missing = set(columns) - set(reader.fieldnames or ())
    if missing:
        raise ConfigError(f"{path}: column {', '.join(sorted(missing))} is missing (is the file tab-separated?)")
    rows = []
    for (number, _), row in zip(lines[1:], reader, strict=True):
        where = f"{path} line {number}"
        if None in row or None in row.values():
            raise ConfigError(f"{where}: expected {len(columns)} tab-separated fields")
        rows.append((where, {key: value.strip() for key, value in row.items()}))
    return rows


def read_chromosomes(path: str | Path) -> dict[str, list[str]]:
    """Return the chromosomes of an assembly table, in order, with their aliases; ConfigError when it is no such table."""
    return {row["chrom"]: row["aliases"].split(",") for _, row in _rows(Path(path), ASSEMBLY_COLUMNS)}


def read_datasets(path: str | Path) -> dict[str, Dataset]:
    """Read ``resources/datasets.tsv`` into datasets by name; ConfigError on a double name or a malformed field."""
    found: dict[str, Dataset] = {}
    for where, row in _rows(Path(path), DATASET_COLUMNS):
        if row["name"] in found:
            raise ConfigError(f"{where}: dataset '{row['name']}' stands there twice")
        if not NAME.fullmatch(row["name"]):
            raise ConfigError(f"{where}: name '{row['name']}' may hold letters, digits, '_' and '-' only")
        found[row["name"]] = Dataset(**{**row, **_seen(row, where)})  # type: ignore[arg-type]
    return found


def _seen(row: Mapping[str, str], where: str) -> dict[str, int | str | None]:
    """Return what is known of a file's bytes: its size and sum, each None where the table says that it is unknown."""
    size, sha256 = row["bytes"], row["sha256"]
    if not re.fullmatch(rf"[0-9a-f]{{64}}|{UNKNOWN}", sha256) or not (size.isdigit() or size == UNKNOWN):
        raise ConfigError(
            f"{where}: bytes must be a whole number and sha256 64 hexadecimal digits, or '{UNKNOWN}' before a first download"
        )
    if size == UNKNOWN and sha256 != UNKNOWN:
        raise ConfigError(f"{where}: sha256 is known, so bytes are as well; give them")
    return {"bytes": None if size == UNKNOWN else int(size), "sha256": None if sha256 == UNKNOWN else sha256}


def _locate(dataset: str, datasets: Mapping[str, Dataset], made: set[Path], root: Path, where: str) -> Path:
    if dataset in datasets:
        return datasets[dataset].path
    path = Path(dataset)
    if path in made or (root / path).exists():
        return path
    if "/" in dataset or "." in dataset:
        raise ConfigError(f"{where}: file '{dataset}' does not exist (paths are relative to the working directory)")
    raise ConfigError(unknown("dataset", dataset, datasets, where) + "; a local file is given by its path")


def read_samples(
    path: str | Path, datasets: Mapping[str, Dataset], made: set[Path], root: Path = Path(".")
) -> list[Sample]:
    """Read a sample sheet.

    Parameters
    ----------
    path : path of the tab-separated sheet; lines that start with ``#`` are comments
    datasets : known datasets by name
    made : local paths that a rule will make (simulated files), which need not exist yet
    root : directory that local paths are relative to

    Raises
    ------
    ConfigError
        With file and line, for an unknown dataset, a missing file, a double row, or an unknown file type.
    """
    found: dict[tuple[str, str], Sample] = {}
    for where, row in _rows(root / Path(path), SHEET_COLUMNS):
        key = (row["sample"], row["assay"])
        for field in ("sample", "assay"):
            if not NAME.fullmatch(row[field]):
                raise ConfigError(f"{where}: {field} '{row[field]}' may hold letters, digits, '_' and '-' only")
        if key in found:
            raise ConfigError(f"{where}: sample '{key[0]}' has assay '{key[1]}' twice")
        raw = _locate(row["dataset"], datasets, made, root, where)
        kind = kind_of(raw, where, row["assay"])
        for own, files in OWN_ASSAY.items():
            if (kind == own) != (row["assay"] == own):
                raise ConfigError(
                    f"{where}: assay '{row['assay']}' names {kind} file '{raw}'; {files}, and only they, are assay '{own}'"
                )
        found[key] = Sample(**row, path=raw, kind=kind)
    if not found:
        raise ConfigError(f"{path}: the sample sheet has no rows")
    return list(found.values())
