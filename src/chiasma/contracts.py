"""What a family room and a task room must offer; training, prediction and the tests see nothing else.

A family room holds ``config`` (a frozen dataclass ``Config`` and ``YIELDS``), ``model``, ``objective``, ``batch`` and a
README. A task room holds ``config`` (``Config``, ``NEEDS``, ``HEAD``, ``CALLING``,
``BASELINES``), ``labels``, ``head``, ``decode``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from chiasma.schema.rooms import room_module

if TYPE_CHECKING:
    import numpy as np
    from torch import Tensor, nn

Examples = Mapping[str, "np.ndarray"]  # as `chiasma.tiles.dataset` cuts them: arrays that share their first axis
Batch = Mapping[str, "Tensor"]  # as a family encodes them: tensors that share their first axis


@dataclass(frozen=True)
class TileShape:
    """The shape of a pair tile: ``tile_bins`` x ``tile_bins`` contacts, two strips of ``strip_bins`` x ``tracks``."""

    tile_bins: int
    strip_bins: int
    tracks: int


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


class Objective(Protocol):
    """A pre-training objective."""

    def __call__(self, model: nn.Module, batch: Batch, epoch: int) -> StepOutput:
        """Return the loss of ``batch`` at ``epoch``, counted from 0."""

    def references(self, batch_size: int) -> Mapping[str, Reference]:
        """Return the reference of each part at this batch size."""


class Representation(Protocol):
    """A family's network as a task uses it: an ``encoder`` with the pre-trained weights, and what is new at fine-tuning."""

    encoder: nn.Module
    width: int

    def __call__(self, batch: Batch) -> Tensor:
        """Return tokens (B, T, width)."""


@dataclass(frozen=True)
class Family:
    """The bundle of one family room.

    Attributes
    ----------
    config : the ``Config`` dataclass
    build_model : (config, shape) -> module to pre-train
    build_representation : (config, shape) -> `Representation`
    build_objective : config -> `Objective`
    encode : (examples, config, rng) -> batch; ``rng`` is a NumPy generator in training, None in evaluation, which is
        deterministic
    embed : (model, batch) -> name -> tensor (B, D), the vectors of each example, deterministic
    embed_tokens : (model, batch) -> name -> tensor (B, T, D), the vectors of its tokens under the same names, deterministic;
        a name is ``{modality}_{part}``, ``part`` without an underscore: a modality's parts share T, a part's modalities share D
    """

    name: str
    config: type
    yields: tuple[str, ...]
    build_model: Callable[[Any, TileShape], nn.Module]
    build_representation: Callable[[Any, TileShape], nn.Module]
    build_objective: Callable[[Any], Objective]
    encode: Callable[[Examples, Any, np.random.Generator | None], Batch]
    embed: Callable[[nn.Module, Batch], Mapping[str, Tensor]]
    embed_tokens: Callable[[nn.Module, Batch], Mapping[str, Tensor]]


@dataclass(frozen=True)
class Task:
    """The bundle of one task room.

    Attributes
    ----------
    config : the ``Config`` dataclass
    needs : what a family must yield
    build_head : (config, width) -> module, tokens (B, T, width) -> outputs (B,)
    step : (outputs, labels) -> `StepOutput`
    references : positive fraction of the labels -> part -> `Reference`
    score : outputs -> scores in [0, 1]
    """

    name: str
    config: type
    needs: str
    build_head: Callable[[Any, int], nn.Module]
    step: Callable[[Tensor, Tensor], StepOutput]
    references: Callable[[float], Mapping[str, Reference]]
    score: Callable[[Tensor], Tensor]


def load_family(name: str) -> Family:
    """Import the room of a family; ConfigError names the rooms found when there is none."""
    config, model, objective, batch = (
        room_module("families", name, part) for part in ("config", "model", "objective", "batch")
    )
    return Family(
        name, config.Config, config.YIELDS, model.build_model, model.build_representation,
        objective.build_objective, batch.encode, model.embed, model.embed_tokens,
    )  # fmt: skip


def load_task(name: str) -> Task:
    """Import the room of a task; ConfigError names the rooms found when there is none."""
    config, head = (room_module("tasks", name, part) for part in ("config", "head"))
    return Task(name, config.Config, config.NEEDS, head.build_head, head.step, head.references, head.score)
