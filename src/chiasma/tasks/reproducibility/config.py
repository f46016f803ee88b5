"""The numbers of the reproducibility task and of its baselines; needs no torch, so that a study can be checked without it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import combinations
from typing import ClassVar

from chiasma.core.errors import ConfigError, unknown

NEEDS = "pair"
HIDES = ("tracks",)  # two maps are compared as maps; replicates may share the very same tracks
PREDICTS = "similarities"
LABELS = (0, 1, 2)  # places in a triplet: anchor, its replicate, another biosample
GROUP = 3  # rows of a triplet, one after the other
READS = None  # the arrays hold the contacts, `Config.replicates` says whose they are
TRUTH = None
HEAD = ("width", "dropout", "margin")  # all that fine-tuning reads beside the examples
CALLING = ()


@dataclass(frozen=True)
class Config:
    """Triplets of windows, and the embedding that is learnt from them.

    A window of one replicate is the anchor, the same place of another replicate is to lie nearer to it than the same place of
    another biosample, by ``margin`` in cosine distance. Both replicates of a pair are anchors in turn, and the other biosample
    is drawn among all there are, at each place anew.

    Attributes
    ----------
    replicates : biosample -> its samples, which are replicates of each other; one sample is enough for a biosample that is only
        compared with others. Samples that are not named are left out
    stride_bins : step between windows along the diagonal
    min_nonzero_fraction : windows with fewer non-zero pixels are dropped, with the reason, and with them their triplets
    negatives : samples of other biosamples drawn for each place and pair of replicates; all where there are fewer
    seed : of this draw
    width : channels of the embedding
    dropout : dropout of the head
    margin : cosine distance by which another biosample is to lie farther away than the replicate (as published: 1)
    """

    replicates: dict[str, tuple[str, ...]] = field(default_factory=dict)
    stride_bins: int = 12
    min_nonzero_fraction: float = 0.1
    negatives: int = 1
    seed: int = 1
    width: int = 64
    dropout: float = 0.1
    margin: float = 1.0

    def __post_init__(self) -> None:
        for biosample, own in self.replicates.items():
            if isinstance(own, str) or not all(isinstance(name, str) for name in own) or not own:
                raise ValueError(f"replicates: {biosample}: expected a list of samples, found {own!r}")
        object.__setattr__(self, "replicates", {name: tuple(own) for name, own in self.replicates.items()})
        if len({*self.samples}) < len(self.samples):
            raise ValueError(f"replicates: a sample is named twice: {', '.join(self.samples)}")
        if min(self.stride_bins, self.negatives) < 1 or self.width < 2:
            raise ValueError(
                f"stride_bins {self.stride_bins} and negatives {self.negatives} must be at least 1, width {self.width} at least 2"
            )
        if not 0 <= self.min_nonzero_fraction <= 1 or not 0 <= self.dropout < 1:
            raise ValueError(
                f"min_nonzero_fraction {self.min_nonzero_fraction} and dropout {self.dropout} are fractions; dropout below 1"
            )
        if not 0 < self.margin <= 2:
            raise ValueError(
                f"margin must lie above 0 and be at most 2, the largest cosine distance; found {self.margin}"
            )

    @property
    def samples(self) -> tuple[str, ...]:
        """All samples that are compared, biosample by biosample."""
        return tuple(name for own in self.replicates.values() for name in own)

    def biosample(self, sample: str) -> str:
        """Return the biosample that a sample is of; KeyError when it is not named."""
        return {name: biosample for biosample, own in self.replicates.items() for name in own}[sample]

    def anchors(self) -> Iterator[tuple[str, str]]:
        """Yield the pairs (anchor, positive): every two replicates, each as anchor."""
        for own in self.replicates.values():
            for first, second in combinations(own, 2):
                yield first, second
                yield second, first

    def others(self, sample: str) -> tuple[str, ...]:
        """Return the samples of all other biosamples."""
        return tuple(name for name in self.samples if self.biosample(name) != self.biosample(sample))


def check_replicates(config: Config, known: tuple[str, ...], where: str) -> None:
    """Raise ConfigError when no triplet can be made: no two replicates, no other biosample, or a sample that is not there."""
    for name in config.samples:
        if name not in known:
            raise ConfigError(unknown("sample", name, known, f"{where}: replicates"))
    if not any(config.anchors()) or len(config.replicates) < 2:
        raise ConfigError(
            f"{where}: replicates is {dict(config.replicates)}; expected a biosample with two samples or more, and another biosample"
        )


@dataclass(frozen=True)
class Scc:
    """Stratum-adjusted correlation (HiCRep): smoothed contacts correlated at each distance, weighted by the pixels there.

    Attributes
    ----------
    smooth_bins : the maps are averaged over so many bins to each side; HiCRep takes 20 at 10 kb, 11 at 25 kb, 5 at 40 kb
    max_distance_bins : largest distance compared; 0 for all that a window holds
    """

    SEEDED: ClassVar[bool] = False  # whether another seed gives another result

    smooth_bins: int = 3
    max_distance_bins: int = 0

    def __post_init__(self) -> None:
        if min(self.smooth_bins, self.max_distance_bins) < 0:
            raise ValueError(
                f"smooth_bins {self.smooth_bins} and max_distance_bins {self.max_distance_bins} must not be negative"
            )


@dataclass(frozen=True)
class GenomeDisco:
    """GenomeDISCO: the difference between random walks on the two maps, within a window.

    Attributes
    ----------
    steps : steps of a walk
    """

    SEEDED: ClassVar[bool] = False

    steps: int = 3

    def __post_init__(self) -> None:
        if self.steps < 1:
            raise ValueError(f"steps must be at least 1, found {self.steps}")


@dataclass(frozen=True)
class Pearson:
    """Pearson's correlation of the log of observed over expected, each map by its own decay: the simplest there is.

    Attributes
    ----------
    smooth_bins : contacts, observed and expected, are averaged over so many bins to each side first
    pseudo_contacts : contacts added to observed and expected before their ratio
    """

    SEEDED: ClassVar[bool] = False

    smooth_bins: int = 0
    pseudo_contacts: float = 1.0

    def __post_init__(self) -> None:
        if self.smooth_bins < 0 or not self.pseudo_contacts > 0:
            raise ValueError(
                f"smooth_bins {self.smooth_bins} must not be negative, pseudo_contacts {self.pseudo_contacts} positive"
            )


BASELINES: dict[str, type] = {"scc": Scc, "genome_disco": GenomeDisco, "pearson": Pearson}
