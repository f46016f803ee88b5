"""Gene annotations: where transcription starts, from BED, GTF or GFF3, plain or gzip."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import unquote

import numpy as np
import pandas as pd

from chiasma.core.errors import InputError
from chiasma.core.log import log
from chiasma.genome.chromosomes import listed
from chiasma.io.text import read_lines

GENE_COLUMNS = ("chrom", "start", "end", "name", "score", "strand")
TRANSCRIPTS = ("transcript", "mRNA")
GENE = "gene"
NAMED_BY = ("gene_name", "gene")  # attributes that name the gene in any feature of it
OWN_NAMES = ("Name", "gene_id", "ID")  # those of a gene itself; a transcript's own come after its parent's name
FEATURE_COLUMNS = 9
GTF_ATTRIBUTE = re.compile(r'(\w+) "([^"]*)"')


def read_genes(path: str | Path) -> pd.DataFrame:
    """Read the starts of transcription of a gene annotation, in the file's order and with its chromosome names.

    The start is the first base of a feature on +, the last one on -; a feature of one base is the start itself. A BED file
    has a feature in each line. In GTF and GFF3 the features are ``transcript`` and ``mRNA``, and ``gene`` where a gene has
    neither; the gene's name is its ``gene_name``, ``gene``, ``Name``, ``gene_id`` or ``ID``, the first that is there.

    Parameters
    ----------
    path : ``.bed`` with six columns, ``.gtf``, or else GFF3; also .gz

    Returns
    -------
    frame with columns chrom, start and end (the one base, 0-based half-open bp), name of the gene, score (BED's; 0 where
        there is none) and strand; each start of a gene stands there once

    Raises
    ------
    InputError
        For a malformed line, with its number, a gene without a name, or a file without genes that have a strand.
    """
    name = str(path).lower().removesuffix(".gz")
    frame = pd.DataFrame(_bed_rows(path) if name.endswith(".bed") else _feature_rows(path, name), columns=GENE_COLUMNS)
    if frame.empty:
        raise InputError(f"{path}: no genes in the file")
    stranded = frame["strand"].isin(["+", "-"]) | (frame["end"] - frame["start"] == 1)
    if not stranded.any():
        raise InputError(f"{path}: no genes with a strand in the file: where transcription starts is unknown")
    if not stranded.all():
        log.warning("%s: %d features without a strand are left out", path, int((~stranded).sum()))
    return _starts(frame[stranded]).drop_duplicates(["chrom", "start", "name", "strand"], ignore_index=True)


def _starts(frame: pd.DataFrame) -> pd.DataFrame:
    """Return features cut to the base where transcription starts."""
    start = np.where(frame["strand"] == "-", frame["end"] - 1, frame["start"])
    score = pd.to_numeric(frame["score"], errors="coerce").fillna(0)
    return frame.assign(start=start, end=start + 1, score=score)


def _bed_rows(path: str | Path) -> Iterator[tuple[str, int, int, str, str, str]]:
    first = True
    for number, line in read_lines(path):
        fields, where = line.split("\t"), f"{path} line {number}"
        header = first and len(fields) > 2 and not fields[1].isdigit()
        first = False
        if header:
            continue
        if len(fields) < len(GENE_COLUMNS):
            raise InputError(
                f"{where}: expected six columns chrom start end name score strand separated by tabs, found '{line[:60]}'"
            )
        chrom, name = fields[0], _checked_name(fields[3], where)
        yield chrom, *_interval(fields[1], fields[2], 0, where), name, fields[4], fields[5]


def _feature_rows(path: str | Path, name: str) -> Iterator[tuple[str, int, int, str, str, str]]:
    """Yield the transcripts of GTF or GFF3, then the genes that have none."""
    parse = _gtf_attributes if name.endswith(".gtf") else _gff_attributes
    genes, transcripts, parents = [], [], {}
    for feature, place, text, where in _features(path):
        attributes = parse(text)
        if feature == GENE:
            genes.append((*place, _gene_name(attributes, {}, where)))
            parents[attributes.get("ID")] = genes[-1][-1]
        else:
            transcripts.append((place, attributes, where))
    named = [(*place, _gene_name(attributes, parents, where)) for place, attributes, where in transcripts]
    with_transcript = {(chrom, gene) for chrom, _, _, _, gene in named}
    for chrom, start, end, strand, gene in [
        *named,
        *(row for row in genes if (row[0], row[-1]) not in with_transcript),
    ]:
        yield chrom, start, end, gene, "0", strand


def _features(path: str | Path) -> Iterator[tuple[str, tuple[str, int, int, str], str, str]]:
    """Yield type, place (chrom, start, end, strand), attributes, and file and line of each transcript and gene."""
    types: dict[str, bool] = {}
    for number, line in read_lines(path):
        if line.startswith(">"):
            break  # a GFF3 file may end with the sequence
        fields, where = line.split("\t"), f"{path} line {number}"
        if len(fields) != FEATURE_COLUMNS:
            raise InputError(f"{where}: expected the nine tab-separated columns of GTF or GFF3, found '{line[:60]}'")
        types[fields[2]] = fields[2] in (*TRANSCRIPTS, GENE)
        if types[fields[2]]:
            yield fields[2], (fields[0], *_interval(fields[3], fields[4], 1, where), fields[6]), fields[8], where
    if not any(types.values()):
        raise InputError(f"{path}: no {', '.join(TRANSCRIPTS)} or {GENE} among its features: found {listed(types)}")


def _interval(start: str, end: str, first_base: int, where: str) -> tuple[int, int]:
    """Return 0-based half-open bp; ``first_base`` is what the format calls the first base, and its end is counted in when 1."""
    try:
        found = int(start) - first_base, int(end)
    except ValueError as error:
        raise InputError(f"{where}: expected whole numbers for start and end, found '{start}' and '{end}'") from error
    if not 0 <= found[0] < found[1]:
        raise InputError(f"{where}: expected a start that is not behind the end, found '{start}' and '{end}'")
    return found


def _gene_name(attributes: Mapping[str, str], parents: Mapping[str | None, str], where: str) -> str:
    """Return the name of the gene a feature belongs to; ``parents`` are the names of genes by their ID."""
    own = [attributes.get(key, "") for key in NAMED_BY]
    parent = [parents.get(attributes.get("Parent", ""), "")]
    found = [*own, *parent, *(attributes.get(key, "") for key in OWN_NAMES)]
    return _checked_name(next((name for name in found if name), ""), where)


def _checked_name(name: str, where: str) -> str:
    if name in ("", "."):
        raise InputError(
            f"{where}: a gene without a name; expected column 4 of BED, or {', '.join(NAMED_BY + OWN_NAMES)}"
        )
    return name


def _gtf_attributes(text: str) -> dict[str, str]:
    return dict(reversed(GTF_ATTRIBUTE.findall(text)))  # of a key that stands there twice the first one counts


def _gff_attributes(text: str) -> dict[str, str]:
    pairs = (part.strip().partition("=") for part in text.split(";"))
    return {key: unquote(value) for key, _, value in pairs if value}
