"""Fine-tune a model on the labelled examples of a task."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import torch
import typer

from chiasma.contracts import Batch, StepOutput
from chiasma.core.errors import ConfigError, InputError
from chiasma.core.log import log
from chiasma.core.seed import derive_seed
from chiasma.io.tables import read_parquet
from chiasma.schema.rooms import read_model_values, read_values, room_module
from chiasma.schema.tables import EXAMPLES
from chiasma.tiles.arrays import TileArrays
from chiasma.training.batches import Encoding, plan_batches
from chiasma.training.checkpoint import WEIGHTS, TaskModel, build_task_module, load_weights, read_config
from chiasma.training.config import TrainingConfig
from chiasma.training.learner import Learner
from chiasma.training.loop import fit
from chiasma.training.optimisation import choose_device
from chiasma.training.outputs import build_settings, check_same_data, run_identity, write_outputs

if TYPE_CHECKING:
    import pandas as pd


def finetune(
    task: Annotated[str, typer.Argument(help="room under tasks/")],
    config: Annotated[str, typer.Option(help="JSON or file: the model's keys (family, parameters, finetune, ...)")],
    task_config: Annotated[str, typer.Option(help="JSON or file: the task's own numbers")],
    examples: Annotated[Path, typer.Option(help="{task}.parquet: the labelled examples")],
    tiles: Annotated[Path, typer.Option(help="folder of the tileset")],
    seed: Annotated[int, typer.Option(help="seed of weights, order and augmentation")],
    output: Annotated[Path, typer.Option(help="folder of the model; checkpoint/ and tensorboard/ go there too")],
    encoder: Annotated[Path | None, typer.Option(help="folder of a pre-trained model; random weights without")] = None,
) -> None:
    """Fine-tune a model on the labelled examples of a task; started again after a kill, it goes on where it was."""
    arrays = TileArrays.open(tiles / "arrays")
    settings = build_settings("finetune", read_model_values(config), arrays.meta, seed)
    settings |= {
        "task": task,
        "task_parameters": read_values(task_config),
        "encoder": None if encoder is None else encoder.as_posix(),
    }
    frames = read_examples(examples, task)
    model, numbers, batches = _prepare(settings, frames, arrays, encoder)
    inputs = [examples, tiles / "arrays/meta.json"] + ([encoder / WEIGHTS] if encoder else [])
    identity = run_identity(settings, inputs, tiles / "arrays")
    learner = _learner(model, frames, encoder is not None)
    outcome = fit(learner, batches["train"], batches["valid"], numbers, output, identity, seed, choose_device())
    write_outputs(
        output, model.module, settings, outcome, inputs, {"examples": count_labels(frames)} | _encoder_facts(encoder)
    )


def read_examples(examples: Path, task: str) -> dict[str, pd.DataFrame]:
    """Return the labelled examples to learn from and those to choose weights by."""
    table = read_parquet(examples, EXAMPLES)
    frames = {
        split: table[table["kept"] & (table["split"] == split)].reset_index(drop=True) for split in ("train", "valid")
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


def _prepare(
    settings: dict[str, Any], frames: dict[str, pd.DataFrame], arrays: Any, encoder: Path | None
) -> tuple[TaskModel, Any, dict[str, Any]]:
    """Return the model with its first weights, the training numbers, and the batches of each split."""
    torch.manual_seed(derive_seed(settings["seed"], "weights"))
    model, numbers = build_task_module(settings), TrainingConfig(**settings["training"])
    if encoder is not None:
        _check_encoder(encoder, settings)
        load_weights(encoder / WEIGHTS, model.module.representation.encoder)
    if numbers.permute_labels:
        log.warning("control: the training targets are shuffled")
    encoding = Encoding(model.family, model.family_config, model.task, model.task_config, numbers.permute_labels)
    return model, numbers, plan_batches(frames, arrays, encoding, numbers, settings["seed"])


def _check_encoder(encoder: Path, settings: Mapping[str, Any]) -> None:
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


def _encoder_facts(encoder: Path | None) -> dict[str, Any]:
    """Return what provenance says of the encoder: whether its pre-training saw valid and test tiles."""
    return {"transductive": encoder is not None and bool(read_config(encoder, "pretrain")["transductive"])}


def _learner(model: TaskModel, frames: Mapping[str, pd.DataFrame], is_pretrained: bool) -> Any:
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
