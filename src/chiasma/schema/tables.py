"""The columns of every table chiasma writes: name, dtype, meaning and unit.

Coordinates are 0-based and half-open. ``bin1`` and ``bin2`` count bins of the study's resolution from the start of the
chromosome; ``bin1 <= bin2`` where both are of one chromosome.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from chiasma.core.errors import InputError

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Column:
    """One column: its name, its dtype as pandas spells it, and what a value means with its unit."""

    name: str
    dtype: str
    meaning: str


@dataclass(frozen=True)
class Table:
    """A table's name and its columns in order."""

    name: str
    columns: tuple[Column, ...]

    @property
    def names(self) -> list[str]:
        """The column names in order."""
        return [column.name for column in self.columns]


def _table(name: str, *columns: tuple[str, str, str]) -> Table:
    return Table(name, tuple(Column(*column) for column in columns))


_SAMPLE = ("sample", "str", "biosample, as in the sample sheet")
_CHROM = ("chrom", "str", "chromosome, the assembly table's name")
_BIN1 = ("bin1", "int64", "bin of the first anchor")
_BIN2 = ("bin2", "int64", "bin of the second anchor")
_SPLIT = ("split", "str", "train, valid, test, or none when the example lies in no single split")
_MODEL = (("task", "str", "task"), ("model", "str", "model or baseline"), ("seed", "str", "seed, or all"))

ASSEMBLY = _table(
    "assembly",
    _CHROM,
    ("length_bp", "int64", "length in bp"),
    ("aliases", "str", "other names of the chromosome, separated by commas"),
)
SPLITS = _table(
    "splits",
    _CHROM,
    ("start", "int64", "first base"),
    ("end", "int64", "one past the last base"),
    ("split", "str", "train, valid, test or gap"),
)
TILES = _table(
    "tiles",
    _SAMPLE,
    _CHROM,
    ("chrom2", "str", "chromosome of the second anchor; that of the first but for windows between chromosomes"),
    _BIN1,
    _BIN2,
    ("start1", "int64", "first base of the tile's rows"),
    ("end1", "int64", "one past the last base of the rows"),
    ("start2", "int64", "first base of the tile's columns"),
    ("end2", "int64", "one past the last base of the columns"),
    ("source", "str", "tiling (on the diagonal), pairs (off it) or trans (between chromosomes)"),
    _SPLIT,
    ("kept", "bool", "whether the tile is used"),
    ("reason", "str", "why it is not; empty when kept"),
)
EXAMPLES = _table(
    "examples",
    _SAMPLE,
    _CHROM,
    _BIN1,
    _BIN2,
    ("source", "str", "how the example was drawn"),
    _SPLIT,
    ("label", "int64", "1 positive, 0 negative"),
    ("kept", "bool", "whether the example is used"),
    ("reason", "str", "why it is not; empty when kept"),
)
PIXELS = _table(
    "pixels",
    _SAMPLE,
    _CHROM,
    _BIN1,
    _BIN2,
    _SPLIT,
    ("label", "int64", "1 or 0 for a labelled pair, -1 for a pixel of the scan"),
    ("score", "float64", "probability of a loop, or a baseline's own score; higher is more loop-like"),
)
CALLS = _table(
    "calls",
    ("chrom1", "str", "chromosome of the first anchor"),
    ("start1", "int64", "first base of the first anchor"),
    ("end1", "int64", "one past its last base"),
    ("chrom2", "str", "chromosome of the second anchor"),
    ("start2", "int64", "first base of the second anchor"),
    ("end2", "int64", "one past its last base"),
    ("name", "str", "call identifier"),
    ("score", "float64", "score of the cluster's best pixel"),
    ("strand1", "str", "."),
    ("strand2", "str", "."),
    ("split", "str", "split the call lies in"),
    ("pixels", "int64", "pixels in the cluster"),
    (
        "fdr",
        "float64",
        "empirical false discovery rate at this score, from the validation split; nan when it has no labels",
    ),
)
SCORES = _table(
    "scores",
    *_MODEL,
    ("sample", "str", "biosample, or all"),
    ("metric", "str", "metric"),
    ("value", "float64", "its value"),
    ("low", "float64", "lower end of the 95 % interval"),
    ("high", "float64", "upper end of the 95 % interval"),
    ("n", "int64", "examples, calls or seeds behind the value"),
)
FEW_SHOT = _table(
    "few_shot",
    *_MODEL,
    ("fraction", "float64", "share of the task's training examples"),
    ("examples", "int64", "training examples"),
    ("metric", "str", "metric of the task, on its test examples"),
    ("value", "float64", "its value, or its mean over seeds"),
    ("low", "float64", "lower end of the 95 % interval over seeds"),
    ("high", "float64", "upper end of the 95 % interval over seeds"),
)
PERTURBATIONS = _table(
    "perturbations",
    *_MODEL,
    _SAMPLE,
    (
        "perturbation",
        "str",
        "none, attenuated (tracks at both bins), attenuated_beside (a control), without_contacts or without_tracks",
    ),
    ("level", "float64", "share of the signal taken away; 1 for a missing modality"),
    ("metric", "str", "metric of the task; recall and log_odds of the positives"),
    ("value", "float64", "its value"),
    ("n", "int64", "test examples"),
)
PROBE = _table(
    "probe",
    *_MODEL,
    (
        "features",
        "str",
        "pre-trained or untrained (the encoder's tokens), inputs (what it reads), or a difference of two",
    ),
    ("modality", "str", "modality of the features, or both"),
    ("metric", "str", "metric of the task, on its test examples"),
    ("value", "float64", "its value, or its mean over seeds"),
    ("chance", "float64", "value of a model that knows nothing; 0 of a difference"),
    ("low", "float64", "lower end of the 95 % interval over seeds"),
    ("high", "float64", "upper end of the 95 % interval over seeds"),
)
CURVES = _table(
    "curves",
    *_MODEL,
    ("sample", "str", "biosample"),
    ("curve", "str", "roc or pr"),
    ("x", "float64", "false positive rate, or recall"),
    ("y", "float64", "true positive rate, or precision"),
)
PILEUPS = _table(
    "pileups",
    *_MODEL,
    ("sample", "str", "biosample"),
    ("row", "int64", "offset of the first anchor in bins"),
    ("col", "int64", "offset of the second anchor in bins"),
    ("value", "float64", "mean observed over expected"),
)
STRATA = _table(
    "strata",
    *_MODEL,
    ("sample", "str", "biosample, or all"),
    ("distance_bp", "int64", "distance between the bins' starts"),
    ("metric", "str", "pearson (of log contacts), mean_predicted or mean_observed (count-like contacts)"),
    ("value", "float64", "its value over the pixels of this distance"),
)
SIMILARITIES = _table(
    "similarities",
    _SAMPLE,
    ("other", "str", "biosample it is compared with"),
    _CHROM,
    ("start", "int64", "first base of the window"),
    ("end", "int64", "one past its last base"),
    _SPLIT,
    ("similarity", "float64", "similarity of the two maps there, -1 to 1; nan where it cannot be told"),
)
PAIRS = _table(
    "pairs",
    *_MODEL,
    _SAMPLE,
    ("other", "str", "biosample it is compared with"),
    ("replicates", "bool", "whether the two are replicates"),
    ("chrom", "str", "chromosome, or all"),
    ("value", "float64", "mean similarity over test windows of the chromosome; of all, mean over chromosomes"),
    ("n", "int64", "windows behind it"),
)
GENE_LEVELS = _table(
    "gene_levels",
    *_MODEL,
    _SAMPLE,
    _CHROM,
    ("bin", "int64", "bin in which the gene's transcription starts"),
    ("name", "str", "gene"),
    ("predicted", "float64", "predicted log2(1 + signal) of the bin; of seed all the mean over seeds"),
    ("observed", "float64", "measured log2(1 + signal) of the bin"),
)
HISTORY = _table(
    "history",
    ("step", "int64", "optimiser steps done"),
    ("epoch", "int64", "epochs begun, from 0"),
    ("split", "str", "train or valid"),
    ("part", "str", "part of the loss, total, or a metric"),
    ("value", "float64", "mean since the last row of this part"),
    ("chance", "float64", "value of a model that knows nothing; nan when unknown"),
    ("floor", "float64", "best possible value; nan when unknown"),
)
QC = _table(
    "qc",
    _SAMPLE,
    ("assay", "str", "assay"),
    ("metric", "str", "quality metric, unit in its name"),
    ("value", "float64", "its value"),
)
DECAY = _table(
    "decay",
    _SAMPLE,
    _CHROM,
    ("distance_bp", "int64", "distance between the bins' starts"),
    ("contacts", "float64", "mean contacts per valid bin pair at this distance"),
    ("pairs", "int64", "valid bin pairs"),
)
LEAKS = _table(
    "leaks",
    ("table", "str", "tileset or task whose examples were compared"),
    ("first", "str", "split"),
    ("second", "str", "split"),
    ("shared_bp", "int64", "bases covered by examples of both splits"),
    ("examples", "int64", "examples that share a base with the other split"),
    ("verdict", "str", "clean or leak"),
)
CHANCE, FLOOR = "chance", "floor"  # roles of a landmark
REPORTED = _table(
    "reported",
    ("source", "str", "who reported it"),
    ("stage", "str", "pretrain or finetune"),
    ("epoch", "int64", "epoch, from 0"),
    ("split", "str", "train or valid"),
    ("part", "str", "part of the loss, or total"),
    ("value", "float64", "its value as printed"),
)
LANDMARKS = _table(
    "landmarks",
    ("model", "str", "model whose objective is measured"),
    ("part", "str", "part of the loss"),
    ("landmark", "str", "prediction of which it is known what it knows"),
    ("role", "str", "chance (knows nothing), floor (knows everything), or empty"),
    ("value", "float64", "mean of the part over windows"),
    ("low", "float64", "smallest of a window"),
    ("high", "float64", "largest of a window"),
    ("n", "int64", "windows"),
    ("window_bins", "int64", "width of a window in bins"),
    ("patches", "int64", "patches of a window"),
)

TABLES = {
    table.name: table
    for table in (
        ASSEMBLY, SPLITS, TILES, EXAMPLES, PIXELS, CALLS, SCORES, FEW_SHOT, PERTURBATIONS, PROBE, CURVES, PILEUPS,
        STRATA, SIMILARITIES, PAIRS, GENE_LEVELS, HISTORY, QC, DECAY, LEAKS, REPORTED, LANDMARKS,
    )
}  # fmt: skip


def conform(frame: pd.DataFrame, table: Table, where: str) -> pd.DataFrame:
    """Return ``frame`` with exactly the columns of ``table``, in order, cast to their dtypes.

    Raises InputError when a column is missing, unknown, or does not cast.
    """
    missing = [name for name in table.names if name not in frame.columns]
    extra = [name for name in frame.columns if name not in table.names]
    if missing or extra:
        raise InputError(
            f"{where}: not a {table.name} table: missing columns {missing or 'none'}, unknown columns {extra or 'none'}; "
            f"expected {', '.join(table.names)}"
        )
    try:
        typed = frame[table.names].astype({column.name: column.dtype for column in table.columns})
    except (TypeError, ValueError) as error:
        raise InputError(f"{where}: a column of the {table.name} table has the wrong type: {error}") from error
    for column in table.columns:
        if (
            column.dtype == "int64"
            and frame[column.name].dtype.kind == "f"
            and (frame[column.name] != typed[column.name]).any()
        ):
            raise InputError(
                f"{where}: a column of the {table.name} table has the wrong type: {column.name} holds fractions"
            )
    return typed.reset_index(drop=True)
