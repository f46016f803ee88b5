"""What a family room and a task room must offer; training, prediction and the tests see nothing else.

A family room holds ``config`` (a frozen dataclass ``Config``, ``YIELDS``, ``yields``, ``reads``, ``shares``, ``PRETRAINS``:
whether there is an objective to pre-train by, ``BASELINE``: whether it is there to be compared with, ``WINDOWS`` where it reads more
than squares inside a chromosome: of trans, rectangular, padded, ``check_tile``, (config, `TileShape`) -> a ConfigError or nothing, where
some tiles cannot be cut up, and ``LANDMARKS`` where it has modules ``landmarks`` and ``landmark_words``), ``model``, ``objective``, ``batch`` and a README.
A task room holds ``config`` (``Config``, ``NEEDS``, ``HIDES``, ``PREDICTS``, ``LABELS``, ``HEAD``, ``CALLING``, ``BASELINES``, and
``SHARED`` where labelling reads some of ``HEAD`` too, ``GROUP`` where several rows are one example, ``AGAINST`` where a predicted map is
compared with a deeper one), ``labels``, ``head``, ``decode``, ``baselines``.

A family may offer more: ``ANY_SHAPE = True`` in ``config`` where weights fit tiles of any shape; a module ``released`` with
``load_released`` where weights of others can be started from; and, as a method of the model to pre-train,
``parameter_depths() -> name -> (depth, depths)``, by which pre-trained weights are adapted: 0 before the first block of a stack,
k + 1 in its block k from 0, ``depths`` beyond its last.

What a task may need, and a family yield, of a pair of bins with windows of N bins:

pair    tokens (B, T, D) of the pair as a whole
strip   one token (B, 2N, D) for each bin of both windows, the first bin's window first
grid    features (B, N, N, D) of each pixel of the contact window, rows of the first bin's window
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from chiasma.schema.rooms import group_rows, has_module, room_module
from chiasma.schema.windows import TileShape

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    import pandas as pd
    from torch import Tensor, nn

    from chiasma.tiles.arrays import TileArrays

Examples = Mapping[str, "np.ndarray"]  # as `chiasma.tiles.dataset` cuts them: arrays that share their first axis
Batch = Mapping[str, "Tensor"]  # as a family encodes them: tensors that share their first axis
LISTED_AT_MOST = 5  # names in a message
LOCI = "loci"  # of a batch: both strips of each pair as `Representation` makes them of single strips


@dataclass(frozen=True)
class StepOutput:
    """What one step hands to training: the number to descend, its named parts, and how many examples it averages."""

    total: Tensor
    parts: Mapping[str, Tensor]
    count: int


@dataclass(frozen=True)
class Reference:
    """The loss of a model that knows nothing, and the best possible loss; nan where it cannot be computed."""

    chance: float
    floor: float


@dataclass(frozen=True)
class LoadReport:
    """What became of each tensor of a file of weights.

    Attributes
    ----------
    kind : what the weights are, e.g. pre-trained or fine-tuned
    matched : our names that took a tensor of the file
    missing : our names that kept their own weights
    unexpected : the file's names that were not taken
    notes : what was checked and passed over
    """

    kind: str
    matched: tuple[str, ...]
    missing: tuple[str, ...] = ()
    unexpected: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def __str__(self) -> str:
        counts = ", ".join(
            f"{len(getattr(self, name))} {name}" + (f" ({listed(getattr(self, name))})" if name != "matched" else "")
            for name in ("matched", "missing", "unexpected")
        )
        return "; ".join([f"{self.kind} weights: {counts}", *self.notes])


def listed(names: Sequence[str]) -> str:
    """Return the first few names, or none."""
    return ", ".join(names[:LISTED_AT_MOST]) + (", ..." if len(names) > LISTED_AT_MOST else "") if names else "none"


@dataclass(frozen=True)
class Landmark:
    """What a part of the pre-training loss is for a prediction of which it is known what it knows, window by window.

    ``role`` is chance or floor for the two that what is left of the part is measured between, else empty.
    """

    part: str
    name: str
    role: str
    values: tuple[float, ...]


class Objective(Protocol):
    """A pre-training objective."""

    def __call__(self, model: nn.Module, batch: Batch, epoch: int) -> StepOutput:
        """Return the loss of ``batch`` at ``epoch``, counted from 0."""

    def references(self, batch_size: int) -> Mapping[str, Reference]:
        """Return the reference of each part at this batch size."""


class Representation(Protocol):
    """A family's network as a task uses it: an ``encoder`` with the pre-trained weights, and what is new at fine-tuning.

    Where the family shares loci there is also ``encode_loci``: a batch of single strips, ``tracks`` (U, L, C), to a tensor
    (U, ...); of these, two a pair, a batch of pairs may hold `LOCI` (B, 2, ...) in the place of its tracks.
    """

    encoder: nn.Module
    width: int

    def __call__(self, batch: Batch) -> Tensor:
        """Return what the task needs, of ``width`` channels D. A modality that the batch lacks is inferred, or an error."""


@dataclass(frozen=True)
class Family:
    """The bundle of one family room.

    Attributes
    ----------
    config : the ``Config`` dataclass
    yields : config -> what tasks may need of it: pair, strip, grid
    reads : config -> the arrays of an example that fine-tuning reads: contacts, tracks
    shares : config -> whether a locus is encoded without regard to its partner, so that its pairs can share the work
    build_model : (config, shape) -> module to pre-train
    build_representation : (config, shape, need) -> `Representation`
    build_objective : config -> `Objective`; ConfigError, as from ``build_model``, where the family is not pre-trained
    augment : (examples, config, rng) -> examples a training run may see instead, before a task takes its targets from them
    encode : (examples, config, rng) -> batch of the arrays that the examples have; ``rng`` is a NumPy generator in training,
        None in evaluation, which is deterministic
    embed : (model, batch) -> name -> tensor (B, D), the vectors of each example, deterministic
    embed_tokens : (model, batch) -> name -> tensor (B, T, D), the vectors of its tokens under the same names, deterministic;
        a name is ``{modality}_{part}``, ``part`` without an underscore: a modality's parts share T, a part's modalities share D
    any_shape : whether weights fit tiles of any shape
    load_released : (name -> tensor, model, where) -> `LoadReport`; puts released weights into the model, all that belong to it
        or, with a ConfigError, none; None where the family reads none
    landmarks : (config, examples) -> `Landmark` of each part of the loss, deterministic; None where a family has none
    """

    name: str
    config: type
    yields: Callable[[Any], tuple[str, ...]]
    reads: Callable[[Any], frozenset[str]]
    shares: Callable[[Any], bool]
    build_model: Callable[[Any, TileShape], nn.Module]
    build_representation: Callable[[Any, TileShape, str], nn.Module]
    build_objective: Callable[[Any], Objective]
    augment: Callable[[Examples, Any, np.random.Generator], Examples]
    encode: Callable[[Examples, Any, np.random.Generator | None], Batch]
    embed: Callable[[nn.Module, Batch], Mapping[str, Tensor]]
    embed_tokens: Callable[[nn.Module, Batch], Mapping[str, Tensor]]
    any_shape: bool = False
    load_released: Callable[[Mapping[str, Tensor], nn.Module, str], LoadReport] | None = None
    landmarks: Callable[[Any, Examples], list[Landmark]] | None = None


@dataclass(frozen=True)
class Task:
    """The bundle of one task room.

    Attributes
    ----------
    config : the ``Config`` dataclass
    needs : what a family must yield: pair, strip or grid
    hides : arrays of an example that no input may show, for the task predicts them
    predicts : calls, maps, profiles, similarities, or tracks: profiles of several signals, which ``targets`` of the configuration names
    build_head : (config, width) -> module, (what the family yields, batch) -> outputs (B, ...)
    encode : (examples, config) -> name -> array (B, ...): targets, and all that head and loss read beside the family's batch
    step : (outputs, batch, config) -> `StepOutput`
    references : labelled examples -> part or metric -> `Reference`
    score : outputs -> predicted values (B, ...)
    truth : batch -> what the scores should be (B, ...), nan where there is no truth
    metrics : (scores (n, ...), truths (n, ...)) -> name -> value over a whole split
    group : rows of the examples that are learnt from together; training leaves each such group whole and in its order
    """

    name: str
    config: type
    needs: str
    hides: tuple[str, ...]
    predicts: str
    build_head: Callable[[Any, int], nn.Module]
    encode: Callable[[Examples, Any], Mapping[str, np.ndarray]]
    step: Callable[[Tensor, Batch, Any], StepOutput]
    references: Callable[[pd.DataFrame], Mapping[str, Reference]]
    score: Callable[[Tensor], Tensor]
    truth: Callable[[Batch], Tensor]
    metrics: Callable[[np.ndarray, np.ndarray], Mapping[str, float]]
    group: int = 1


@dataclass(frozen=True)
class Inputs:
    """What a prediction for one sample may read.

    Attributes
    ----------
    arrays : the tileset
    splits : SPLITS table
    examples : EXAMPLES table of all samples; a baseline that learns does so from its kept training rows
    sample : biosample to predict
    contacts : the sample's normalised cooler; only baselines read it
    seed : of a baseline that draws random numbers
    """

    arrays: TileArrays
    splits: pd.DataFrame
    examples: pd.DataFrame
    sample: str
    contacts: Path | None = None
    seed: int = 1


def load_family(name: str) -> Family:
    """Import the room of a family; ConfigError names the rooms found when there is none."""
    config, model, objective, batch = (
        room_module("families", name, part) for part in ("config", "model", "objective", "batch")
    )
    is_released = has_module("families", name, "released")
    return Family(
        name, config.Config, config.yields, config.reads, config.shares, model.build_model, model.build_representation,
        objective.build_objective, batch.augment, batch.encode, model.embed, model.embed_tokens,
        getattr(config, "ANY_SHAPE", False),
        room_module("families", name, "released").load_released if is_released else None,
        room_module("families", name, "landmarks").landmarks if getattr(config, "LANDMARKS", False) else None,
    )  # fmt: skip


def load_task(name: str) -> Task:
    """Import the room of a task; ConfigError names the rooms found when there is none."""
    config, head = (room_module("tasks", name, part) for part in ("config", "head"))
    return Task(
        name, config.Config, config.NEEDS, config.HIDES, config.PREDICTS, head.build_head, head.encode, head.step,
        head.references, head.score, head.truth, head.metrics, group_rows(name),
    )  # fmt: skip
