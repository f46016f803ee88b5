"""The numbers of an evaluation of contact maps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from chiasma.evaluation.config import check_comparison


@dataclass(frozen=True)
class MapConfig:
    """How predicted contact maps are compared with observed ones.

    Attributes
    ----------
    interval : what a 95 % interval over several seeds speaks of: seeds (Student's t over seeds), or blocks (bootstrap of
        genomic blocks of the test regions, averaged over seeds). A single seed always has the bootstrap.
    compare : pairs (model, reference) whose difference is reported
    min_distance_bins : pixels nearer to the diagonal do not count
    block_bp : length of a genomic block
    draws : bootstrap draws
    seed : of the bootstrap and of the shifted truth
    window_bins : width of the windows on the diagonal whose correlations are averaged
    stratum_pixels : a distance with fewer pixels has no correlation of its own
    pseudo_contacts : added to observed and to expected contacts in their ratio
    insulation_bins : width of the insulation score's diamond
    scc_smooth_bins : the maps are averaged over so many bins to each side before their stratum-adjusted correlation
    coarse_bp : bin size of compartments
    permutations : circular shifts of the truth that tell chance; 0 for none
    """

    interval: Literal["seeds", "blocks"] = "blocks"
    compare: tuple = ()
    min_distance_bins: int = 0
    block_bp: int = 1_000_000
    draws: int = 400
    seed: int = 1
    window_bins: int = 50
    stratum_pixels: int = 100
    pseudo_contacts: float = 1.0
    insulation_bins: int = 10
    scc_smooth_bins: int = 3
    coarse_bp: int = 50_000
    permutations: int = 100

    def __post_init__(self) -> None:
        check_comparison(self.interval, self.compare)
        for name in ("block_bp", "draws", "insulation_bins", "coarse_bp"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be positive, found {getattr(self, name)}")
        for name in ("min_distance_bins", "scc_smooth_bins", "permutations"):
            if getattr(self, name) < 0:
                raise ValueError(f"{name} must not be negative, found {getattr(self, name)}")
        for name in ("window_bins", "stratum_pixels"):
            if getattr(self, name) < 3:
                raise ValueError(
                    f"{name} must be at least 3, or nothing can be correlated; found {getattr(self, name)}"
                )
        if self.pseudo_contacts <= 0:
            raise ValueError(
                f"pseudo_contacts must be positive, or a pixel without contacts has no logarithm; found {self.pseudo_contacts}"
            )
