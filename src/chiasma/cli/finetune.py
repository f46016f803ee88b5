"""Fine-tune a model on the labelled examples of a task."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from chiasma.schema.rooms import read_model_values, read_values
from chiasma.tiles.arrays import TileArrays
from chiasma.training.checkpoint import WEIGHTS, read_config
from chiasma.training.finetuning import build_finetuning, count_labels, read_examples, task_learner
from chiasma.training.loop import fit
from chiasma.training.optimisation import choose_device
from chiasma.training.outputs import build_settings, run_identity, write_outputs


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
    model, numbers, batches = build_finetuning(settings, frames, arrays, encoder)
    inputs = [examples, tiles / "arrays/meta.json"] + ([encoder / WEIGHTS] if encoder else [])
    identity = run_identity(settings, inputs, tiles / "arrays")
    learner = task_learner(model, frames, encoder is not None)
    outcome = fit(learner, batches["train"], batches["valid"], numbers, output, identity, seed, choose_device())
    write_outputs(
        output, model.module, settings, outcome, inputs, {"examples": count_labels(frames)} | _encoder_facts(encoder)
    )


def _encoder_facts(encoder: Path | None) -> dict[str, Any]:
    """Return what provenance says of the encoder: whether its pre-training saw valid and test tiles."""
    return {"transductive": encoder is not None and bool(read_config(encoder, "pretrain")["transductive"])}
