"""The numbers of the epigenome task and of its baselines; needs no torch, so that a study can be checked without it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

NEEDS = "grid"
HIDES = ("tracks", "targets")  # only contacts may be read
PREDICTS = "tracks"
LABELS = (1,)  # labels that training needs: every kept window has a target, so all have this one
READS = None  # the arrays hold the targets
TRUTH = None
HEAD = ("targets", "channels", "hidden", "dropout")  # all that fine-tuning reads beside the examples
SHARED = ("targets", "channels")  # those of them that labelling reads too
CALLING = ()  # what neither examples nor fine-tuning read


@dataclass(frozen=True)
class Config:
    """Windows and head of the epigenome task.

    Windows lie on the diagonal, every ``stride_bins``. What is predicted is log2 of one plus the mean of each signal in each
    bin of a window that the map does not mask. (The paper predicts CTCF, H3K4me3, H3K27ac, H3K27me3, ATAC and DNase at 1 kb,
    from windows of 128 rows and 4000 columns every 32 bins; here windows are as wide as the tileset's tiles.)

    Attributes
    ----------
    targets : names of the signals to predict, any of the tileset's targets; a sample may lack some
    channels : their places among them, counted from 0, in the same order; none named takes the first ones. The two must agree
    stride_bins : step between training windows
    min_nonzero_fraction : training windows with fewer non-zero pixels of contacts are dropped, with the reason
    hidden : width of the head
    dropout : dropout of the head
    """

    targets: tuple[str, ...] = ("h3k27ac",)
    channels: tuple[int, ...] = ()
    stride_bins: int = 12
    min_nonzero_fraction: float = 0.1
    hidden: int = 64
    dropout: float = 0.0

    def __post_init__(self) -> None:
        if not self.targets or len({*self.targets}) < len(self.targets):
            raise ValueError(f"targets must be at least one, and each named once, found {list(self.targets)}")
        if self.channels and len(self.channels) != len(self.targets):
            raise ValueError(
                f"channels must be one for each target, or none, found {len(self.channels)} for {len(self.targets)} targets"
            )
        if min(self.channels, default=0) < 0:
            raise ValueError(f"channels count the tileset's targets from 0, found {list(self.channels)}")
        if min(self.stride_bins, self.hidden) < 1:
            raise ValueError(f"stride_bins {self.stride_bins} and hidden {self.hidden} must be at least 1")
        if not 0 <= self.min_nonzero_fraction <= 1 or not 0 <= self.dropout < 1:
            raise ValueError(
                f"min_nonzero_fraction {self.min_nonzero_fraction} and dropout {self.dropout} are fractions; dropout below 1"
            )

    @property
    def places(self) -> list[int]:
        """The places of the targets among the tileset's."""
        return [*self.channels] or [*range(len(self.targets))]


@dataclass(frozen=True)
class Mean:
    """The same in every bin: each signal's mean over the training bins. What is not better has learnt nothing."""

    SEEDED: ClassVar[bool] = False  # whether another seed gives another result


@dataclass(frozen=True)
class Ridge:
    """Ridge regression of each signal on what is known of a bin's contacts, in the bin and the bins around it.

    That is: log2 of observed over expected contacts with the bins before and behind, at distances that double; insulation and
    directionality; contacts of the bin with itself; and the share of bins around that are not masked.

    Attributes
    ----------
    reach_bins : bins on either side whose features are read too
    far_bins : largest distance of a contact that counts
    widths_bins : widths of the squares of insulation and of the directionality index
    pseudo_contacts : contacts added to observed and expected before their ratio
    alphas : penalties of standardised features, relative to the number of training bins; for each signal the best on
        validation bins is taken
    """

    SEEDED: ClassVar[bool] = False

    reach_bins: int = 2
    far_bins: int = 100
    widths_bins: tuple[int, ...] = (5, 10, 25)
    pseudo_contacts: float = 1.0
    alphas: tuple[float, ...] = (1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1.0)

    def __post_init__(self) -> None:
        if self.reach_bins < 0:
            raise ValueError(f"reach_bins must not be negative, found {self.reach_bins}")
        if self.far_bins < 1 or min(self.widths_bins, default=1) < 1:
            raise ValueError(f"far_bins {self.far_bins} and widths_bins {list(self.widths_bins)} must be at least 1")
        if self.pseudo_contacts <= 0:
            raise ValueError(f"pseudo_contacts must be positive, found {self.pseudo_contacts}")
        if not self.alphas or min(self.alphas) <= 0:
            raise ValueError(f"alphas must be positive, and at least one, found {self.alphas}")


BASELINES: dict[str, type] = {"mean": Mean, "ridge": Ridge}
