"""The numbers of an evaluation of contact maps."""

from __future__ import annotations

from dataclasses import dataclass

from chiasma.evaluation.config import IntervalConfig

SSIM_BINS = 11  # width of the Gaussian neighbourhood of structural similarity (Wang et al. 2004)

LOOP_BINS = (
    "loop_peak_bins", "loop_square_bins", "loop_radius_bins", "loop_min_distance_bins", "loop_max_distance_bins",
    "loop_tolerance_bins",
)  # fmt: skip


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
    image_bins : width of the windows on the diagonal whose similarity as images is averaged
    walk_bins : width of the windows on the diagonal whose random walks are compared
    walk_steps : steps of a random walk
    boundary_prominence : an insulation minimum that lies so far (log2) below the maxima on both sides is a boundary
    boundary_tolerance_bins : a predicted boundary is true when it is so near to an observed one
    loop_peak_bins, loop_width_bins : half-widths of a loop's peak, left out of the backgrounds around it, and of these
    loop_square_bins : the contacts of the square so many bins to each side of a pixel are its own
    loop_enrichment : contacts of a loop over the largest of its local expectations, at least
    loop_fdr : largest false discovery rate of the pixels of loops, of a Poisson test
    loop_radius_bins : a loop is the best pixel within so many bins in both directions
    loop_pixels : significant pixels within that reach, at least
    loop_min_distance_bins, loop_max_distance_bins : distances at which loops are called, both included; 0 for no largest
    loop_tolerance_bins : a predicted map's loop is true when the observed map's lies within so many bins in both anchors
    loop_further_tolerances_bins : the F1 of loops is also given within each of these
    """

    min_distance_bins: int = 0
    window_bins: int = 50
    stratum_pixels: int = 100
    pseudo_contacts: float = 1.0
    insulation_bins: int = 10
    scc_smooth_bins: int = 3
    coarse_bp: int = 50_000
    image_bins: int = 64
    walk_bins: int = 128
    walk_steps: int = 3
    boundary_prominence: float = 0.2
    boundary_tolerance_bins: int = 2
    loop_peak_bins: int = 2
    loop_width_bins: int = 5
    loop_square_bins: int = 1
    loop_enrichment: float = 1.5
    loop_fdr: float = 0.1
    loop_radius_bins: int = 3
    loop_pixels: int = 3
    loop_min_distance_bins: int = 5
    loop_max_distance_bins: int = 0
    loop_tolerance_bins: int = 1
    loop_further_tolerances_bins: tuple[int, ...] = (0, 2)

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in (
            "insulation_bins",
            "coarse_bp",
            "walk_bins",
            "walk_steps",
            "boundary_prominence",
            "loop_enrichment",
        ):
            if getattr(self, name) <= 0:
                raise ValueError(f"{name} must be positive, found {getattr(self, name)}")
        for name in ("min_distance_bins", "scc_smooth_bins", "boundary_tolerance_bins", *LOOP_BINS):
            if getattr(self, name) < 0:
                raise ValueError(f"{name} must not be negative, found {getattr(self, name)}")
        if min(self.loop_further_tolerances_bins, default=0) < 0:
            raise ValueError(
                f"loop_further_tolerances_bins must not be negative, found {list(self.loop_further_tolerances_bins)}"
            )
        if self.loop_width_bins <= self.loop_peak_bins:
            raise ValueError(
                f"loop_width_bins {self.loop_width_bins} must exceed loop_peak_bins {self.loop_peak_bins}, or nothing is around a loop"
            )
        if not 0 < self.loop_fdr < 1:
            raise ValueError(f"loop_fdr must lie between 0 and 1, found {self.loop_fdr}")
        for name in ("window_bins", "stratum_pixels"):
            if getattr(self, name) < 3:
                raise ValueError(
                    f"{name} must be at least 3, or nothing can be correlated; found {getattr(self, name)}"
                )
        if self.image_bins < SSIM_BINS:
            raise ValueError(
                f"image_bins must be at least {SSIM_BINS}, the width of the neighbourhood that structural similarity compares; "
                f"found {self.image_bins}"
            )
        if self.pseudo_contacts <= 0:
            raise ValueError(
                f"pseudo_contacts must be positive, or a pixel without contacts has no logarithm; found {self.pseudo_contacts}"
            )
