"""What a training run takes and gives back: the record between the command line, which joins rooms, and the loop."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from torch import Tensor, nn

from chiasma.contracts import Batch, Reference, StepOutput
from chiasma.training.alarms import AtChance


def no_references(split: str, batch_size: int) -> Mapping[str, Reference]:
    """Return no reference, for losses whose chance level is not known."""
    return {}


@dataclass(frozen=True)
class Learner:
    """What is trained and how a batch becomes a loss; training knows no more about it.

    Attributes
    ----------
    module : holds all weights
    step : (batch, epoch) -> `StepOutput`
    references : (split, batch size) -> part or metric -> `Reference`
    encoder : the part of ``module`` with pre-trained weights, which may be frozen or learn more slowly; None for none
    judge : batch -> (`StepOutput`, scores (B, ...), truths (B, ...)), used instead of ``step`` in validation when there are
        metrics
    metrics : (scores (n, ...), truths (n, ...)) -> name -> value, over the whole validation split
    """

    module: nn.Module
    step: Callable[[Batch, int], StepOutput]
    references: Callable[[str, int], Mapping[str, Reference]] = no_references
    encoder: nn.Module | None = None
    judge: Callable[[Batch], tuple[StepOutput, Tensor, Tensor]] | None = None
    metrics: Callable[[np.ndarray, np.ndarray], Mapping[str, float]] | None = None


@dataclass(frozen=True)
class Outcome:
    """What a finished run hands back; the module then holds the weights of ``kept_epoch``, ``at_chance`` is what it did not learn."""

    steps: int
    epochs: int
    kept_epoch: int
    monitor: str
    best: float | None
    seconds: float
    resumed_at: int
    at_chance: tuple[AtChance, ...] = ()
