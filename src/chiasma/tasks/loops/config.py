"""The numbers of the loops task and of its baselines; needs no torch, so that a study can be checked without it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

NEEDS = "pair"
HIDES = ()  # both modalities may be read: a loop list is made of neither
PREDICTS = "calls"
LABELS = (0, 1)  # labels that training needs
READS = "labels"  # key that names the assay which labelling reads; None when it reads the arrays alone
TRUTH = "truth"  # key that names the assays which predictions are compared with; None when the arrays hold the truth
HEAD = ("pooling", "hidden", "dropout")  # all that fine-tuning reads beside the labelled examples
# what neither labels nor fine-tuning read
CALLING = (
    "truth",
    "smooth_bins",
    "radius_bins",
    "min_pixels",
    "threshold",
    "max_fdr",
    "tolerance_bins",
    "default_threshold",
)
SHARES = ("share_distance", "share_long", "share_near", "share_swapped", "share_stripe", "share_enriched", "share_scan")


@dataclass(frozen=True)
class Config:
    """Labels, head, scan and decoding of the loops task.

    Attributes
    ----------
    labels : assay of the sample sheet whose pairs are the positives of training, thresholds and FDR
    min_score : pairs with a smaller score (paired-end tags in ChIA-PET files) are no labels; 0 takes all, scored or not
    truth : assays that evaluation compares called loops with
    anchor : the base of an anchor that picks its bin: its middle, or its start (the paper's choice)
    min_distance_bins, max_distance_bins : smallest and largest distance of a pair, both included
    negatives_per_positive : negatives drawn for each positive, in each sample, chromosome and split
    exclusion_bins : no negative lies within this many bins of a labelled pair, in both anchors
    near_bins : reach of near misses, in bins off a positive; beyond ``exclusion_bins``
    long_quantile : quantile of the positives' distances beyond which the long-range pool lies
    enriched_fraction : share of the scan's pixels of a distance, by excess of contacts, that count as enriched
    share_distance : negatives at distances distributed as those of the positives
    share_long : negatives from the long-range pool
    share_near : near misses
    share_swapped : pixels of the scan between two anchors that are not paired with each other
    share_stripe : pixels of the scan with one anchor of a positive
    share_enriched : enriched pixels that no label covers
    share_scan : pixels as the scan meets them
    scan_smooth_bins : width of the square around a pixel whose contacts the scan looks at, odd
    scan_min_contacts : the scan leaves out pixels with fewer count-like contacts in the square's mean
    scan_min_excess : the scan leaves out pixels with a smaller excess of contacts in the square, in standard deviations
    scan_peak_bins : the scan scores a pixel only when its excess is the largest within so many bins; 0 scores them all
    pooling : how the head turns tokens into one vector
    hidden : width of the head
    dropout : dropout of the head
    smooth_bins : reach of the score map's smoothing before peaks are sought; 0 for none
    radius_bins : a call is the best pixel within so many bins in both directions
    min_pixels : smallest number of pixels in a call's cluster
    threshold : how the validation split sets the calling threshold: best F1 of the calls, or an FDR of at most ``max_fdr``
    max_fdr : largest empirical FDR of a call, when ``threshold`` is fdr
    tolerance_bins : a call is right when a label lies within so many bins in both anchors
    default_threshold : calling threshold when a sample has no validation labels
    seed : seed of the drawn negatives
    """

    labels: str = "loops"
    min_score: float = 0.0
    truth: tuple[str, ...] = ("loops",)
    anchor: Literal["middle", "start"] = "middle"
    min_distance_bins: int = 4
    max_distance_bins: int = 400
    negatives_per_positive: float = 6.0
    exclusion_bins: int = 2
    near_bins: int = 6
    long_quantile: float = 0.8
    enriched_fraction: float = 0.05
    share_distance: float = 0.15
    share_long: float = 0.05
    share_near: float = 0.15
    share_swapped: float = 0.15
    share_stripe: float = 0.2
    share_enriched: float = 0.1
    share_scan: float = 0.2
    scan_smooth_bins: int = 3
    scan_min_contacts: float = 0.5
    scan_min_excess: float = 2.5
    scan_peak_bins: int = 1
    pooling: Literal["mean", "attention"] = "mean"
    hidden: int = 32
    dropout: float = 0.5
    smooth_bins: int = 0
    radius_bins: int = 3
    min_pixels: int = 1
    threshold: Literal["f1", "fdr"] = "f1"
    max_fdr: float = 0.1
    tolerance_bins: int = 2
    default_threshold: float = 0.5
    seed: int = 1

    def __post_init__(self) -> None:
        if not 0 < self.min_distance_bins <= self.max_distance_bins:
            raise ValueError(
                f"min_distance_bins {self.min_distance_bins} and max_distance_bins {self.max_distance_bins} must be positive and in order"
            )
        if self.near_bins <= self.exclusion_bins or self.exclusion_bins < 0:
            raise ValueError(
                f"near_bins {self.near_bins} must be beyond exclusion_bins {self.exclusion_bins}, and that not negative"
            )
        shares = [getattr(self, name) for name in SHARES]
        if self.negatives_per_positive <= 0 or min(shares) < 0 or sum(shares) <= 0:
            raise ValueError("negatives_per_positive must be positive, no share negative, and one of them positive")
        if self.scan_smooth_bins < 1 or self.scan_smooth_bins % 2 == 0:
            raise ValueError(f"scan_smooth_bins must be odd, found {self.scan_smooth_bins}")
        if (
            min(self.radius_bins, self.min_pixels) < 1
            or min(self.smooth_bins, self.tolerance_bins, self.scan_peak_bins) < 0
        ):
            raise ValueError(
                "radius_bins and min_pixels must be at least 1, smooth_bins, tolerance_bins, scan_peak_bins not negative"
            )


@dataclass(frozen=True)
class Donut:
    """Local enrichment at the centre against four backgrounds around it (HiCCUPS, Rao et al. 2014).

    Attributes
    ----------
    peak_bins : half-width of the peak, left out of the backgrounds
    width_bins : half-width of the backgrounds
    statistic : ratio of observed to the largest local expectation, or -log10 of the Poisson tail beyond it
    pseudocount : contacts added above and below the ratio, so that few contacts make no strong loop
    min_diagonal_bins : pixels nearer to the diagonal belong to no background
    default_threshold : calling threshold when a sample has no validation labels
    """

    SEEDED: ClassVar[bool] = False  # whether another seed gives another result

    peak_bins: int = 2
    width_bins: int = 5
    statistic: Literal["ratio", "poisson"] = "ratio"
    pseudocount: float = 5.0
    min_diagonal_bins: int = 2
    default_threshold: float = 1.5

    def __post_init__(self) -> None:
        if not 0 <= self.peak_bins < self.width_bins:
            raise ValueError(
                f"width_bins {self.width_bins} must exceed peak_bins {self.peak_bins}, and that not be negative"
            )


@dataclass(frozen=True)
class Dots:
    """cooltools ``dots`` on the balanced cooler, with the tool's own threshold and clustering.

    Attributes
    ----------
    fdr : false discovery rate per lambda bin, the tool's default
    clustering_bins : clustering radius in bins
    lambda_bins : number of chunks of expected counts
    max_missing : masked pixels tolerated in a background
    processes : worker processes
    """

    SEEDED: ClassVar[bool] = False

    fdr: float = 0.1
    clustering_bins: int = 4
    lambda_bins: int = 40
    max_missing: int = 1
    processes: int = 1


@dataclass(frozen=True)
class Forest:
    """A random forest on the window around a pixel (Peakachu, Salameh et al. 2020), trained on the same examples as a model.

    Attributes
    ----------
    half_bins : half-width of the window of observed over expected; 5 for 11 x 11
    smooth_sigma : Gaussian smoothing of the window, in bins; 0 for none
    trees, max_depth, min_leaf : of the forest
    tracks : also the mean track signal at both anchors
    max_examples : training examples used; 0 for all
    default_threshold : calling threshold when a sample has no validation labels
    jobs : threads
    """

    SEEDED: ClassVar[bool] = True

    half_bins: int = 5
    smooth_sigma: float = 1.0
    trees: int = 100
    max_depth: int = 20
    min_leaf: int = 2
    tracks: bool = False
    max_examples: int = 0
    default_threshold: float = 0.5
    jobs: int = 1


@dataclass(frozen=True)
class Chromosight:
    """Chromosight's detection on the balanced cooler, with the tool's own kernel, threshold and filters.

    Attributes
    ----------
    kernel : the pattern to look for, 17 or 7 bins wide; the tool's default is the wide one at any resolution
    correlation : smallest Pearson correlation of a loop with the kernel
    max_zero_percent : empty pixels tolerated in a loop's window
    max_masked_percent : pixels of masked bins tolerated in a loop's window
    min_separation_bp : of two loops nearer than this in both anchors the better stays
    """

    SEEDED: ClassVar[bool] = False

    kernel: Literal["loops", "loops_small"] = "loops"
    correlation: float = 0.3
    max_zero_percent: float = 10.0
    max_masked_percent: float = 50.0
    min_separation_bp: int = 5000


@dataclass(frozen=True)
class Mustache:
    """The program Mustache on the balanced cooler, with its own threshold and filters; it looks as far as 2 Mb.

    Attributes
    ----------
    fdr : largest false discovery rate of a loop, the program's default
    min_filled : share of pixels with contacts around a loop, at least
    sigma_bins : narrowest Gaussian, the program's choice for 5 kb
    octaves : times that the Gaussians' width doubles
    processes : worker processes
    """

    SEEDED: ClassVar[bool] = False

    fdr: float = 0.2
    min_filled: float = 0.88
    sigma_bins: float = 1.6
    octaves: int = 2
    processes: int = 1


BASELINES: dict[str, type] = {
    "donut": Donut,
    "dots": Dots,
    "forest": Forest,
    "chromosight": Chromosight,
    "mustache": Mustache,
}
