"""What the baselines of the loops task may read."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from chiasma.tiles.arrays import TileArrays


@dataclass(frozen=True)
class Inputs:
    """What a baseline may read.

    Attributes
    ----------
    arrays : the tileset
    splits : SPLITS table
    examples : EXAMPLES table; a baseline that learns does so from its kept training rows of all samples
    contacts : the sample's normalised cooler; for a caller that ran as a program of its own, the table of loops it left
    sample : biosample to score
    seed : of a baseline that draws random numbers
    """

    arrays: TileArrays
    splits: pd.DataFrame
    examples: pd.DataFrame
    contacts: Path
    sample: str
    seed: int
