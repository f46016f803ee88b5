"""The numbers of an evaluation of contact maps."""

from __future__ import annotations

from dataclasses import dataclass

from chiasma.evaluation.config import IntervalConfig


@dataclass(frozen=True)
class MapConfig(IntervalConfig):
    """How predicted contact maps are compared with observed ones; beside `IntervalConfig`'s numbers:

    Attributes
    ----------
    min_distance_bins : pixels nearer to the diagonal do not count
    window_bins : width of the windows on the diagonal whose correlations are averaged
    stratum_pixels : a distance with fewer pixels has no correlation of its own
    pseudo_contacts : added to observed and to expected contacts in their ratio
    insulation_bins : width of the insulation score's diamond
    scc_smooth_bins : the maps are averaged over so many bins to each side before their stratum-adjusted correlation
    coarse_bp : bin size of compartments
    """

    min_distance_bins: int = 0
    window_bins: int = 50
    stratum_pixels: int = 100
    pseudo_contacts: float = 1.0
    insulation_bins: int = 10
    scc_smooth_bins: int = 3
    coarse_bp: int = 50_000

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in ("insulation_bins", "coarse_bp"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be positive, found {getattr(self, name)}")
        for name in ("min_distance_bins", "scc_smooth_bins"):
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
