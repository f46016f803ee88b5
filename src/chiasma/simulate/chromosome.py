"""A simulated chromosome as all cell types share it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray


@dataclass(frozen=True)
class Chromosome:
    """What the cell types share.

    Attributes
    ----------
    bases : (length_bp,) codes 0 to 4 for A C G T N
    sites, motifs, regions : tables of the modules of these names; a vertebrate has no regions
    compartments : sample -> (n_bins,) in [-1, 1]; ``shared`` among the samples
    visibility : (n_bins,) how well each bin is seen, 0 where no read maps
    """

    bases: NDArray[np.uint8]
    sites: pd.DataFrame
    motifs: pd.DataFrame
    compartments: dict[str, NDArray[np.float64]]
    visibility: NDArray[np.float64]
    regions: pd.DataFrame
