"""Fine-tuning, whatever the task: a task's model with its first weights, its batches, and how it learns."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import torch

from chiasma.contracts import Batch, StepOutput
from chiasma.core.errors import ConfigError, InputError
from chiasma.core.log import log
from chiasma.core.seed import derive_seed
from chiasma.io.tables import read_parquet
from chiasma.schema.rooms import room_module
from chiasma.schema.tables import EXAMPLES
from chiasma.training.adapters import adapt
from chiasma.training.batches import Batches, Encoding, plan_batches
from chiasma.training.checkpoint import WEIGHTS, TaskModel, build_task_module, load_weights, read_config
from chiasma.training.config import TrainingConfig
from chiasma.training.learner import Learner
from chiasma.training.outputs import check_same_data
from chiasma.training.start import Start, start

if TYPE_CHECKING:
    import pandas as pd

    from chiasma.tiles.arrays import TileArrays


class FineTuning(NamedTuple):
    """A fine-tuning that is about to begin; ``start`` is what it starts from where that is ``init``, ``adapters`` as of `adapt`."""

    model: TaskModel
    numbers: TrainingConfig
    batches: dict[str, Batches | None]
    start: Start | None
    adapters: dict[str, int]


def read_examples(examples: Path, task: str) -> dict[str, pd.DataFrame]:
    """Return the kept examples of train, to learn from, of valid, to choose weights by, and of test.

    InputError when the training examples lack a label that the task needs.
    """
    table = read_parquet(examples, EXAMPLES)
    frames = {
        split: table[table["kept"] & (table["split"] == split)].reset_index(drop=True)
        for split in ("train", "valid", "test")
    }
    wanted = set(room_module("tasks", task, "config").LABELS)
    if not wanted <= set(frames["train"]["label"]):
        raise InputError(
            f"{examples}: the kept examples of split train are {count_labels(frames)['train']}; labels "
            f"{', '.join(str(label) for label in sorted(wanted))} are needed"
        )
    log.info("examples: %s", count_labels(frames))
    return frames


def count_labels(frames: Mapping[str, pd.DataFrame]) -> dict[str, dict[str, int]]:
    """Return the number of examples of each label, by split."""
    return {
        split: {str(label): int(count) for label, count in frame["label"].value_counts().sort_index().items()}
        for split, frame in frames.items()
    }


def build_finetuning(
    settings: Mapping[str, Any], frames: Mapping[str, pd.DataFrame], arrays: TileArrays, encoder: Path | None
) -> FineTuning:
    """Return the model with its first weights, the training numbers, and the batches of train and valid.

    Parameters
    ----------
    settings : content of config.json; its ``init`` may name weights to start from, where there is no encoder
    encoder : folder of a pre-trained model of this study; None for none
    """
    torch.manual_seed(derive_seed(settings["seed"], "weights"))
    model, numbers = build_task_module(settings), TrainingConfig(**settings["training"])
    network = model.module.representation.encoder
    if encoder is not None:
        if settings["init"]:
            raise ConfigError(
                f"--encoder {encoder} and init {settings['init']}: a model starts from one of them; leave one out"
            )
        check_encoder(encoder, settings)
        load_weights(encoder / WEIGHTS, network)
    begun = start(settings, model.family, network)
    adapters = {}
    if encoder is not None or begun is not None:
        adapters = adapt(network, numbers, settings["seed"], begun.report.missing if begun else ())
    if numbers.permute_labels:
        log.warning("control: the training targets are shuffled")
    encoding = task_encoding(model, numbers.permute_labels)
    batches = plan_batches(frames, arrays, encoding, numbers, settings["seed"], model.task.group)
    return FineTuning(model, numbers, batches, begun, adapters)


def task_encoding(model: TaskModel, permute: bool = False) -> Encoding:
    """Return how examples become batches of a task's model."""
    return Encoding(model.family, model.family_config, model.task, model.task_config, permute)


def check_encoder(encoder: Path, settings: Mapping[str, Any]) -> None:
    """Raise ConfigError when the encoder was trained on other data than it will read; say which parameters differ."""
    found = read_config(encoder, "pretrain")
    if found["family"] != settings["family"]:
        raise ConfigError(f"--encoder {encoder}: is of family {found['family']}, the model of {settings['family']}")
    check_same_data(found, settings, f"--encoder {encoder}")
    names = sorted({*found["parameters"], *settings["parameters"]})
    for name in names:
        theirs, ours = found["parameters"].get(name, "its default"), settings["parameters"].get(name, "its default")
        if theirs != ours:
            log.warning("the encoder was pre-trained with %s %s, this model has %s", name, theirs, ours)


def task_learner(model: TaskModel, frames: Mapping[str, pd.DataFrame], is_pretrained: bool) -> Learner:
    """Return the learner: representation, head and the task's loss; only a pre-trained encoder may learn more slowly."""
    task, numbers = model.task, model.task_config

    def judge(batch: Batch) -> tuple[StepOutput, torch.Tensor, torch.Tensor]:
        outputs = model.module(batch)
        return task.step(outputs, batch, numbers), task.score(outputs), task.truth(batch)

    known = {split: task.references(frame) for split, frame in frames.items() if len(frame)}
    return Learner(
        model.module,
        step=lambda batch, epoch: judge(batch)[0],
        references=lambda split, batch_size: known[split],
        encoder=model.module.representation.encoder if is_pretrained else None,
        judge=judge,
        metrics=task.metrics,
    )
