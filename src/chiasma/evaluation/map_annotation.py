"""What is known of a genome beside its contact map, and what a map, predicted or observed, says of it.

A score here does not compare two maps: the observed map has one as well, which a prediction can hardly exceed.

Axes: D draws.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd


@dataclass(frozen=True)
class Annotation:
    """What is known of one sample.

    Attributes
    ----------
    states : columns chrom, start, end, name: chromatin states, one at a place; None where they are not known
    pairs : name -> columns chrom, bin1, bin2: pairs of bins known to touch, ``bin1 <= bin2``
    """

    states: pd.DataFrame | None = None
    pairs: Mapping[str, pd.DataFrame] = field(default_factory=dict)


NOTHING = Annotation()
