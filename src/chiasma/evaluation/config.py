"""The numbers of an evaluation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class IntervalConfig:
    """How sure a score is, whatever is scored.

    Attributes
    ----------
    interval : what a 95 % interval over several seeds speaks of: seeds (Student's t over seeds), or blocks (bootstrap of
        genomic blocks of the test regions, averaged over seeds). A single seed always has the bootstrap.
    compare : pairs (model, reference) whose difference is reported
    block_bp : length of a genomic block
    draws : bootstrap draws
    seed : of the bootstrap and of permuted labels
    permutations : draws of the permuted-label control; 0 for none
    """

    interval: Literal["seeds", "blocks"] = "blocks"
    compare: tuple = ()
    block_bp: int = 1_000_000
    draws: int = 400
    seed: int = 1
    permutations: int = 200

    def __post_init__(self) -> None:
        if self.interval not in ("seeds", "blocks"):
            raise ValueError(f"interval must be seeds or blocks, found '{self.interval}'")
        if any(len(pair) != 2 for pair in self.compare):
            raise ValueError(f"compare must hold pairs (model, reference), found {list(self.compare)}")
        if min(self.block_bp, self.draws) < 1 or self.permutations < 0:
            raise ValueError("block_bp and draws must be positive, permutations not negative")


@dataclass(frozen=True)
class EvaluationConfig(IntervalConfig):
    """How predicted loops are compared with true ones; beside `IntervalConfig`'s numbers:

    Attributes
    ----------
    min_distance_bins, max_distance_bins : distances that were scanned, both included; truth beyond them is not counted in
        recall. A maximum of 0 is the tileset's own.
    prevalences : fractions of positives that precision and F1 are re-weighted to
    tolerances_bins : a call matches a true loop when each anchor is within so many bins
    precisions : precisions at which the recall of all ranked peaks, called or not, is told
    pile_bins : half-width of a pile-up
    corner_bins : width of a pile-up's corners
    """

    min_distance_bins: int = 1
    max_distance_bins: int = 0
    prevalences: tuple[float, ...] = (0.5, 0.1, 0.01)
    tolerances_bins: tuple[int, ...] = (0, 1, 2)
    precisions: tuple[float, ...] = (0.7, 0.9)
    pile_bins: int = 10
    corner_bins: int = 6

    def __post_init__(self) -> None:
        super().__post_init__()
        if not all(0 < value < 1 for value in self.prevalences):
            raise ValueError(f"prevalences must lie between 0 and 1, found {list(self.prevalences)}")
        if not all(0 < value <= 1 for value in self.precisions):
            raise ValueError(f"precisions must lie between 0 and 1, found {list(self.precisions)}")
        if self.corner_bins < 1 or min(self.tolerances_bins, default=0) < 0:
            raise ValueError("corner_bins must be positive, tolerances_bins not negative")
        if self.corner_bins > self.pile_bins:
            raise ValueError(
                f"corner_bins {self.corner_bins} must not exceed pile_bins {self.pile_bins}: a corner may not reach the centre"
            )


@dataclass(frozen=True)
class ProfileConfig(IntervalConfig):
    """How predicted profiles are compared with measured ones; beside `IntervalConfig`'s numbers:

    Attributes
    ----------
    expressed_above : measured signal of a bin above which the genes that start in it count as expressed
    """

    expressed_above: float = 1.0

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.expressed_above >= 0:
            raise ValueError(f"expressed_above must not be negative, found {self.expressed_above}")
