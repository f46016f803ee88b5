"""The numbers of the expression task and of its baselines; needs no torch, so that a study can be checked without it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

NEEDS = "strip"
HIDES = ()  # the target signal is never a track of its tileset, and contacts may be read
PREDICTS = "profiles"
LABELS = ()  # every kept window has its target
READS = "genes"  # key that names the assay which labelling reads
TRUTH = "truth"  # key that names the assays which say where predictions are compared with the target
HEAD = ("target", "channel", "hidden", "dropout")  # all that fine-tuning reads beside the examples
SHARED = ("target", "channel")  # those of them that labelling reads too
CALLING = ("truth",)  # what neither examples nor fine-tuning read


@dataclass(frozen=True)
class Config:
    """Windows and head of the expression task.

    Windows lie on the diagonal, around the bins where transcription starts, and on a coarse grid between them. What is
    predicted is log2 of one plus the mean signal of each bin of a window. (The paper takes windows around genes alone and
    splits them at random, so that nearly every test window overlaps a training window; here splits are the study's.)

    Attributes
    ----------
    genes : assay of the sample sheet whose starts of transcription windows are centred on
    truth : assays whose genes are scored by themselves, beside all bins
    target : name of the signal to predict, one of the tileset's targets
    channel : its place among them, counted from 0; the two must agree
    background_stride_bins : step between windows of the coarse grid, so that what is predicted between genes was learnt;
        the width of a tile covers the genome once; null for no such windows, as published
    min_nonzero_fraction : windows with fewer non-zero pixels of contacts are dropped, with the reason
    hidden : width of the head
    dropout : dropout of the head
    """

    genes: str = "genes"
    truth: tuple[str, ...] = ("genes",)
    target: str = "cage"
    channel: int = 0
    background_stride_bins: int | None = 50
    min_nonzero_fraction: float = 0.1
    hidden: int = 128
    dropout: float = 0.0

    def __post_init__(self) -> None:
        if self.channel < 0:
            raise ValueError(f"channel counts the tileset's targets from 0, found {self.channel}")
        if self.background_stride_bins is not None and self.background_stride_bins < 1:
            raise ValueError(
                f"background_stride_bins must be at least 1, or null for none, found {self.background_stride_bins}"
            )
        if self.hidden < 1:
            raise ValueError(f"hidden must be at least 1, found {self.hidden}")
        if not 0 <= self.min_nonzero_fraction <= 1 or not 0 <= self.dropout < 1:
            raise ValueError(
                f"min_nonzero_fraction {self.min_nonzero_fraction} and dropout {self.dropout} are fractions; dropout below 1"
            )


@dataclass(frozen=True)
class Mean:
    """The same in every bin: the mean of the training bins. What is not better has learnt nothing."""

    SEEDED: ClassVar[bool] = False  # whether another seed gives another result


@dataclass(frozen=True)
class Ridge:
    """Ridge regression on log2 of one plus the mean of each track, in a bin and the bins around it.

    Attributes
    ----------
    reach_bins : bins on either side that are read too
    alphas : penalties of standardised features, relative to the number of training bins; the best on validation bins is taken
    """

    SEEDED: ClassVar[bool] = False

    reach_bins: int = 5
    alphas: tuple[float, ...] = (1e-4, 1e-3, 1e-2, 1e-1, 1.0)

    def __post_init__(self) -> None:
        if self.reach_bins < 0:
            raise ValueError(f"reach_bins must not be negative, found {self.reach_bins}")
        if not self.alphas or min(self.alphas) <= 0:
            raise ValueError(f"alphas must be positive, and at least one, found {self.alphas}")


@dataclass(frozen=True)
class ActivityByContact:
    """Activity by contact (Fulco et al. 2019, Nature Genetics 51, 1664): what a bin and those it touches are worth, scaled.

    Nothing is learnt but the line from log2 of one plus the score to log2 of one plus the signal.

    Attributes
    ----------
    tracks : tracks whose geometric mean is a bin's activity; none named takes all of the tileset
    reach_bins : largest distance of a bin that counts
    """

    SEEDED: ClassVar[bool] = False

    tracks: tuple[str, ...] = ()
    reach_bins: int = 200

    def __post_init__(self) -> None:
        if self.reach_bins < 1:
            raise ValueError(f"reach_bins must be at least 1, found {self.reach_bins}")


BASELINES: dict[str, type] = {"mean": Mean, "ridge": Ridge, "activity_by_contact": ActivityByContact}
