"""Batches in an order that is a function of seed and epoch alone, so that any batch can be made again.

Axes: B examples of a batch.
"""

from __future__ import annotations

import math
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Protocol

import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset, Sampler

from chiasma.contracts import Batch, Examples, Family, Task
from chiasma.core.errors import ConfigError, InputError
from chiasma.core.seed import generator
from chiasma.tiles.dataset import TileDataset, TilesetsDataset
from chiasma.training.config import TrainingConfig
from chiasma.training.sampling import draw_rows, group_rows

if TYPE_CHECKING:
    import pandas as pd

    from chiasma.tiles.arrays import TileArrays

Encode = Callable[[Examples, "np.random.Generator | None"], Batch]
NAMED_AT_MOST = 5  # coordinates listed in an error message


@dataclass(frozen=True)
class Encoding:
    """How examples become a batch: a family's encoding, and a task's targets. It travels to loading processes.

    Attributes
    ----------
    family, config : the family, and its numbers
    task, task_config : the task whose targets go into the batch, and its numbers; None for none
    permute : control: in training, targets are dealt to the examples of a batch at random
    """

    family: Family
    config: Any
    task: Task | None = None
    task_config: Any = None
    permute: bool = False

    def __call__(self, examples: Examples, rng: np.random.Generator | None) -> Batch:
        """Return the batch; with ``rng`` examples are augmented. What the task predicts is not shown to the family."""
        if rng is not None:
            examples = self.family.augment(examples, self.config, rng)
        targets = {} if self.task is None else self.task.encode(examples, self.task_config)
        if self.permute and rng is not None:
            order = rng.permutation(len(next(iter(examples.values()))))
            targets = {name: array[order] for name, array in targets.items()}
        hidden = () if self.task is None else self.task.hides
        seen = {name: array for name, array in examples.items() if name not in hidden}
        named = {name: torch.from_numpy(np.ascontiguousarray(array)) for name, array in targets.items()}
        return {**self.family.encode(seen, self.config, rng), **named}


class ExampleSource(Protocol):
    """What examples are read from: `chiasma.tiles.dataset.TileDataset`, or a toy of the tests."""

    def __len__(self) -> int: ...

    def __getitems__(self, indices: Sequence[int]) -> Examples: ...


class Loaded(NamedTuple):
    """An encoded batch, and the rows it was made of."""

    batch: Batch
    rows: np.ndarray


@dataclass(frozen=True)
class Plan:
    """How examples become batches.

    Attributes
    ----------
    batch_size : largest number of examples in a batch
    seed : seed of order and augmentation
    order : drawn (shuffled anew and augmented at each epoch: training), fixed (shuffled once, the same for every seed and
        epoch, not augmented: validation), given (as the rows stand, not augmented: prediction)
    max_examples : examples drawn per epoch, of groups as many as they hold whole, at least one; 0 for all
    workers : loading processes beside the main one
    temperature : with which the examples of an epoch are drawn from the groups of `chiasma.training.sampling`, where they
        are drawn; 1 for all alike
    group : rows that stay together and in their order, whatever is shuffled or cut

    Raises
    ------
    ConfigError
        When a batch cannot hold a group, or grouped rows are to be drawn with a temperature.
    """

    batch_size: int
    seed: int = 0
    order: Literal["drawn", "fixed", "given"] = "given"
    max_examples: int = 0
    workers: int = 0
    temperature: float = 1.0
    group: int = 1

    def __post_init__(self) -> None:
        if self.batch_size < self.group:
            raise ConfigError(
                f"a batch of {self.batch_size} (batch_size over accumulate) cannot hold {self.group} rows that the task learns "
                "from together; raise batch_size"
            )
        if self.group > 1 and self.temperature != 1:
            raise ConfigError(
                f"sampling_temperature is {self.temperature:g}, and the task learns from {self.group} rows together, whose "
                "samples differ; leave it at 1"
            )

    @property
    def groups_per_batch(self) -> int:
        """Largest number of groups in a batch."""
        return self.batch_size // self.group


def cut(rows: np.ndarray, batch_size: int) -> list[np.ndarray]:
    """Cut ``rows`` into the fewest batches of at most ``batch_size``, whose sizes differ by at most one.

    No example is left out, and no batch is much smaller than the others: the chance level of a contrastive loss depends on
    the size of the batch.
    """
    return np.array_split(rows, math.ceil(len(rows) / batch_size))


class EncodedBatches(Dataset):
    """The batches of all epochs, by (epoch, batch); the object that loading processes hold."""

    def __init__(self, examples: ExampleSource, encode: Encode, plan: Plan, groups: Sequence[np.ndarray] = ()) -> None:
        self.examples, self.encode, self.plan, self.groups = examples, encode, plan, groups
        self._epoch: int | None = None
        self._batches: list[np.ndarray] = []

    def order(self, epoch: int) -> np.ndarray:
        """Return the rows used at ``epoch``, in order."""
        return self._rows(self._groups(epoch))

    def _groups(self, epoch: int) -> np.ndarray:
        """Return the groups of rows used at ``epoch``, in order; a row is a group unless the plan says otherwise."""
        groups, plan = np.arange(len(self.examples) // self.plan.group), self.plan
        if plan.order == "drawn" and plan.temperature != 1:
            rng = generator(plan.seed, "order", epoch)
            return draw_rows(self.groups, plan.temperature, plan.max_examples or len(groups), rng)
        if plan.order == "drawn":
            groups = generator(plan.seed, "order", epoch).permutation(groups)
        elif plan.order == "fixed":
            groups = generator("order", len(groups)).permutation(groups)
        return groups[: max(1, plan.max_examples // plan.group)] if plan.max_examples else groups

    def _rows(self, groups: np.ndarray) -> np.ndarray:
        return np.add.outer(groups * self.plan.group, np.arange(self.plan.group)).ravel()

    def batches(self, epoch: int) -> list[np.ndarray]:
        """Return the rows of each batch of ``epoch``."""
        if self._epoch != epoch:
            pieces = cut(self._groups(epoch), self.plan.groups_per_batch)
            self._epoch, self._batches = epoch, [self._rows(groups) for groups in pieces]
        return self._batches

    def __getitem__(self, key: tuple[int, int]) -> Loaded:
        epoch, number = key
        rows = self.batches(epoch)[number]
        examples = self.examples.__getitems__(rows)
        rng = generator(self.plan.seed, "augment", epoch, number) if self.plan.order == "drawn" else None
        return Loaded(self.encode(examples, rng), rows)


class Keys(Sampler):
    """The (epoch, batch) keys to load next; set before each pass."""

    def __init__(self) -> None:
        self.keys: list[tuple[int, int]] = []

    def __iter__(self) -> Iterator[tuple[int, int]]:
        return iter(self.keys)

    def __len__(self) -> int:
        return len(self.keys)


class Batches:
    """A stream of encoded batches over the rows of a table.

    Parameters
    ----------
    examples : one example per row of ``frame``
    frame : columns sample, chrom, bin1, bin2, which name an example in messages, and tileset where there are several
    encode : (examples, rng or None) -> batch
    plan : sizes, seed and order
    """

    def __init__(self, examples: ExampleSource, frame: pd.DataFrame, encode: Encode, plan: Plan) -> None:
        if not len(examples):
            raise InputError(
                "there are no examples to make batches of; is the split empty, or were all its rows dropped?"
            )
        if len(examples) % plan.group:
            raise InputError(
                f"{len(examples)} examples are no whole groups of {plan.group}, which the task learns from; label again"
            )
        self.frame, self.plan = frame, plan
        groups = [] if plan.temperature == 1 else list(group_rows(frame).values())
        self.dataset = EncodedBatches(examples, encode, plan, groups)
        self.examples = len(self.dataset.order(0))
        self._keys = Keys()
        self._loader: DataLoader | None = None

    def __len__(self) -> int:
        """Return the number of batches of an epoch; the same for each epoch."""
        return math.ceil(self.examples // self.plan.group / self.plan.groups_per_batch)

    def stream(self, epoch: int = 0, start: int = 0) -> Iterator[Loaded]:
        """Yield the batches of ``epoch`` from batch ``start`` on."""
        if self._loader is None:
            self._loader = _loader(self.dataset, self._keys, self.plan.workers)
        self._keys.keys = [(epoch, number) for number in range(start, len(self))]
        return iter(self._loader)

    def describe(self, rows: np.ndarray) -> str:
        """Return the coordinates of the first few ``rows``, for messages."""
        names = [
            f"{row.sample} {row.chrom} bins {row.bin1},{row.bin2}"
            for row in self.frame.iloc[rows[:NAMED_AT_MOST]].itertuples()
        ]
        rest = len(rows) - len(names)
        return "; ".join(names) + (f"; and {rest} more" if rest > 0 else "")


def _loader(dataset: EncodedBatches, keys: Keys, workers: int) -> DataLoader:
    return DataLoader(
        dataset,
        batch_size=None,
        sampler=keys,
        num_workers=workers,
        collate_fn=_unchanged,
        pin_memory=torch.cuda.is_available(),
        persistent_workers=workers > 0,
        worker_init_fn=_start_worker,
        generator=torch.Generator(),  # so that loading draws nothing from the generator that training uses
    )


def _unchanged(loaded: Loaded) -> Loaded:
    return loaded


def _start_worker(_: int) -> None:
    """Leave signals to the main process, which needs its workers until it has saved; one thread each."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    torch.set_num_threads(1)


def micro_batches(batch: Batch, pieces: int, group: int = 1) -> list[Batch]:
    """Cut a batch into at most ``pieces`` of nearly equal size, ``group`` rows at a time."""
    count = len(next(iter(batch.values()))) // group
    edges = group * np.linspace(0, count, min(pieces, count) + 1).round().astype(int)
    return [{name: tensor[start:end] for name, tensor in batch.items()} for start, end in pairwise(edges)]


def to_device(batch: Batch, device: torch.device) -> Batch:
    """Return the batch on ``device``."""
    return {name: tensor.to(device, non_blocking=True) for name, tensor in batch.items()}


def plan_batches(
    frames: Mapping[str, pd.DataFrame],
    arrays: TileArrays | Mapping[str, TileArrays],
    encode: Encode,
    config: TrainingConfig,
    seed: int,
    group: int = 1,
) -> dict[str, Batches | None]:
    """Return the batches of train and of valid, the latter None when it has no rows.

    ``arrays`` are those of the tileset, or of several by name; a frame then says in its column tileset whose a row is.
    Validation batches are of the size of training's micro-batches, so that their losses have the same chance level.
    """
    plans = {
        "train": Plan(
            config.batch_size, seed, "drawn", config.max_examples, config.workers, config.sampling_temperature, group
        ),
        "valid": Plan(config.batch_size // config.accumulate, seed, "fixed", 0, config.workers, group=group),
    }
    return {
        split: Batches(_dataset(frames[split], arrays), frames[split], encode, plan) if len(frames[split]) else None
        for split, plan in plans.items()
    }


def _dataset(frame: pd.DataFrame, arrays: TileArrays | Mapping[str, TileArrays]) -> ExampleSource:
    return TilesetsDataset(frame, arrays) if isinstance(arrays, Mapping) else TileDataset(frame, arrays)
