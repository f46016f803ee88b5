"""The numbers of the enhancement task and of its baselines; needs no torch, so that a study can be checked without it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

NEEDS = "grid"
HIDES = ("deeper_contacts", "deeper_valid")  # all that was measured of the deep map, masked bins included
PREDICTS = "maps"
AGAINST = "deeper"  # a predicted map is compared with the deeper map of its sample, as the tileset pairs them
LABELS = (1,)  # labels that training needs: every window has its target, so all have this one
READS = None  # the arrays hold the contacts
TRUTH = None
HEAD = ("hidden", "sigmas", "dispersion")  # all that fine-tuning reads beside the examples
CALLING = ("predict_stride_bins", "regions", "depth")  # what neither examples nor fine-tuning read


@dataclass(frozen=True)
class Config:
    """Windows, head and stitching of the enhancement task.

    A window's target is r = log((deep + 1) / (expected + 1)), where expected is the shallow map's own decay with distance brought
    to the deep map's depth. The head starts from the shallow map at that depth and learns, for each pixel, how much of smoother
    versions of it to take instead, and what to add. The loss is the mean square error of r over the pixels that are valid in the
    deep map, each weighed by how well the deep map tells it: a pixel of many contacts tells more than one of few.

    Attributes
    ----------
    stride_bins : step between training windows along the diagonal
    distance_step_bins : step between the distances of training windows, from 0 on
    max_distance_bins : largest distance of a training window's bins, and of a predicted pixel
    min_nonzero_fraction : training windows of the shallow map with fewer non-zero pixels are dropped, with the reason
    hidden : width of the head
    sigmas : widths in bins of the Gaussians that the smoother versions are made with
    dispersion : variance of the deep map's contacts beyond that of counting, over their square; it bounds a pixel's weight
    predict_stride_bins : step between predicted windows; at most half a window, so that every pixel lies in one
    regions : what is predicted: valid_test, or all, the whole of each chromosome (for a map to look at; training regions
        are then predicted by a model that has seen them)
    depth : how many times deeper a map is made for which the tileset names no deeper one
    """

    stride_bins: int = 16
    distance_step_bins: int = 25
    max_distance_bins: int = 100
    min_nonzero_fraction: float = 0.01
    hidden: int = 32
    sigmas: tuple[float, ...] = (0.75, 1.5, 3.0, 6.0, 12.0)
    dispersion: float = 0.001
    predict_stride_bins: int = 25
    regions: Literal["valid_test", "all"] = "valid_test"
    depth: float = 16.0

    def __post_init__(self) -> None:
        for name in ("stride_bins", "distance_step_bins", "predict_stride_bins", "hidden"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1, found {getattr(self, name)}")
        if self.max_distance_bins < 0:
            raise ValueError(f"max_distance_bins must not be negative, found {self.max_distance_bins}")
        if not 0 <= self.min_nonzero_fraction <= 1:
            raise ValueError(f"min_nonzero_fraction {self.min_nonzero_fraction} is a fraction")
        if min(self.depth, self.dispersion, *self.sigmas) <= 0:
            raise ValueError(
                f"depth, dispersion and sigmas must be positive, found {self.depth:g}, {self.dispersion:g} and {list(self.sigmas)}"
            )


@dataclass(frozen=True)
class Raw:
    """The shallow map itself, its contacts multiplied up to the deep map's depth."""

    SEEDED: ClassVar[bool] = False  # whether another seed gives another result


@dataclass(frozen=True)
class Gaussian:
    """The shallow map smoothed: contacts over expected contacts, both summed under a Gaussian, masked pixels left out.

    Attributes
    ----------
    sigmas : widths in bins; for each sample the one with the least error in validation windows is taken
    max_examples : validation windows used of a sample, evenly spread; 0 for all
    """

    SEEDED: ClassVar[bool] = False

    sigmas: tuple[float, ...] = (0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0)
    max_examples: int = 500

    def __post_init__(self) -> None:
        if not self.sigmas or min(self.sigmas) <= 0 or self.max_examples < 0:
            raise ValueError(f"sigmas {self.sigmas} must be positive, max_examples {self.max_examples} not negative")


BASELINES: dict[str, type] = {"raw": Raw, "gaussian": Gaussian}
