"""The loops that the Mustache program writes."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from chiasma.core.errors import InputError
from chiasma.io.tables import read_text_table

COLUMNS = {
    "BIN1_CHR": ("chrom1", "str"),
    "BIN1_START": ("start1", "int64"),
    "BIN1_END": ("end1", "int64"),
    "BIN2_CHROMOSOME": ("chrom2", "str"),
    "BIN2_START": ("start2", "int64"),
    "BIN2_END": ("end2", "int64"),
    "FDR": ("fdr", "float64"),
    "DETECTION_SCALE": ("scale_bins", "float64"),
}


def read_mustache(path: str | Path) -> pd.DataFrame:
    """Read Mustache's table of loops (mustache-hic 1.3.3), one row a loop, in the file's order.

    Returns
    -------
    frame with columns chrom1 start1 end1 chrom2 start2 end2 (0-based half-open bp; an end may lie beyond the chromosome's),
        fdr in [0, 1] and scale_bins, the width of the Gaussian at which the loop stands out

    Raises
    ------
    InputError
        For other columns, a cell that is no number, an anchor without a start below its end, an FDR outside [0, 1].
    """
    frame = read_text_table(path)
    if list(frame.columns) != list(COLUMNS):
        raise InputError(
            f"{path}: not a table of Mustache: found columns {', '.join(map(str, frame.columns))}; expected {', '.join(COLUMNS)}"
        )
    try:
        frame = frame.astype({name: dtype for name, (_, dtype) in COLUMNS.items()})
    except (TypeError, ValueError) as error:
        raise InputError(f"{path}: a cell is no number: {error}") from error
    frame = frame.rename(columns={name: own for name, (own, _) in COLUMNS.items()})
    anchors = all(((frame[f"start{side}"] >= 0) & (frame[f"start{side}"] < frame[f"end{side}"])).all() for side in "12")
    if not (anchors and frame["fdr"].between(0, 1).all()):
        raise InputError(f"{path}: expected 0 <= start < end for both anchors and an FDR from 0 to 1 in every line")
    return frame
