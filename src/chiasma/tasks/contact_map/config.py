"""The numbers of the contact map task and of its baselines; needs no torch, so that a study can be checked without it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

NEEDS = "grid"
HIDES = ("contacts", "expected", "valid")  # all that was measured of the map, masked bins included
PREDICTS = "maps"
LABELS = (1,)  # labels that training needs: every window has its target, so all have this one
READS = None  # the arrays hold the contacts
TRUTH = None
HEAD = ("hidden", "dropout")  # all that fine-tuning reads beside the examples
CALLING = ("predict_stride_bins", "regions")  # what neither examples nor fine-tuning read


@dataclass(frozen=True)
class Config:
    """Windows, head and stitching of the contact map task.

    Windows are tiled: every ``stride_bins`` along the diagonal, at every ``distance_step_bins`` off it. (The paper takes
    windows around promoters, on the diagonal: the first 250 kb, where distance decay is most of what there is to see.) The
    loss is the mean square of the log of observed over expected, each pixel of two valid bins counting the same. What is
    expected is the decay of the whole chromosome, as tiles hold it: with a split by block one number a distance is known of the
    test blocks, with a split by chromosome nothing.

    Attributes
    ----------
    stride_bins : step between training windows along the diagonal
    distance_step_bins : step between the distances of training windows, from 0 on
    max_distance_bins : largest distance of a training window's bins, and of a predicted pixel
    min_nonzero_fraction : training windows with fewer non-zero pixels are dropped, with the reason
    hidden : width of the head
    dropout : dropout of the head; the published 0.5 is made for classes, and blurs a regression by the noise it adds
    predict_stride_bins : step between predicted windows; at most half a window, so that every pixel lies in one
    regions : what is predicted: valid_test, or all, the whole of each chromosome (for a map to look at; training regions
        are then predicted by a model that has seen them)
    """

    stride_bins: int = 12
    distance_step_bins: int = 25
    max_distance_bins: int = 100
    min_nonzero_fraction: float = 0.1
    hidden: int = 32
    dropout: float = 0.1
    predict_stride_bins: int = 25
    regions: Literal["valid_test", "all"] = "valid_test"

    def __post_init__(self) -> None:
        if min(self.stride_bins, self.distance_step_bins, self.predict_stride_bins, self.hidden) < 1:
            raise ValueError(
                f"stride_bins {self.stride_bins}, distance_step_bins {self.distance_step_bins}, predict_stride_bins "
                f"{self.predict_stride_bins} and hidden {self.hidden} must be at least 1"
            )
        if self.max_distance_bins < 0:
            raise ValueError(f"max_distance_bins must not be negative, found {self.max_distance_bins}")
        if not 0 <= self.min_nonzero_fraction <= 1 or not 0 <= self.dropout < 1:
            raise ValueError(
                f"min_nonzero_fraction {self.min_nonzero_fraction} and dropout {self.dropout} are fractions; dropout below 1"
            )


@dataclass(frozen=True)
class Decay:
    """The mean map: at every distance what training regions have there, so observed over expected is 1 everywhere."""

    SEEDED: ClassVar[bool] = False  # whether another seed gives another result


@dataclass(frozen=True)
class Ridge:
    """Ridge regression of the log of observed over expected on the tracks at both bins of a pixel.

    Attributes
    ----------
    reach : bins on either side of a pixel's two bins whose signal is read too
    alphas : penalties, relative to the number of pixels; the best on validation windows is taken
    max_examples : windows used of a split, evenly spread over the examples; 0 for all
    """

    SEEDED: ClassVar[bool] = False

    reach: int = 2
    alphas: tuple[float, ...] = (1e-4, 1e-3, 1e-2, 1e-1, 1.0)
    max_examples: int = 2000

    def __post_init__(self) -> None:
        if self.reach < 0 or self.max_examples < 0:
            raise ValueError(f"reach {self.reach} and max_examples {self.max_examples} must not be negative")
        if not self.alphas or min(self.alphas) <= 0:
            raise ValueError(f"alphas must be positive, and at least one, found {self.alphas}")


BASELINES: dict[str, type] = {"decay": Decay, "ridge": Ridge}
