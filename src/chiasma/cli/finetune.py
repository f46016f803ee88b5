"""Fine-tune a model on the labelled examples of a task."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from chiasma.schema.rooms import read_model_values, read_values
from chiasma.tiles.arrays import TileArrays
from chiasma.training.checkpoint import WEIGHTS, read_config
from chiasma.training.finetuning import FineTuning, build_finetuning, count_labels, read_examples, task_learner
from chiasma.training.loop import fit
from chiasma.training.optimisation import choose_device
from chiasma.training.outputs import build_settings, run_identity, write_outputs
from chiasma.training.start import init_files


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
    tuning = build_finetuning(settings, frames, arrays, encoder)
    model, batches = tuning.model, tuning.batches
    inputs = [examples, tiles / "arrays/meta.json"] + ([encoder / WEIGHTS] if encoder else []) + init_files(settings)
    identity = run_identity(settings, inputs, tiles / "arrays")
    learner = task_learner(model, frames, encoder is not None or tuning.start is not None)
    outcome = fit(learner, batches["train"], batches["valid"], tuning.numbers, output, identity, seed, choose_device())
    facts = {"examples": count_labels(frames)} | _encoder_facts(encoder, tuning)
    write_outputs(output, model.module, settings, outcome, inputs, facts)


def _encoder_facts(encoder: Path | None, tuning: FineTuning) -> dict[str, Any]:
    """Return what provenance says of where the run started: whether that saw valid and test tiles, and how it was adapted."""
    if encoder is not None:
        return {"transductive": bool(read_config(encoder, "pretrain")["transductive"]), **tuning.adapters}
    if tuning.start is None:
        return {"transductive": False}
    return {"transductive": tuning.start.transductive, "init": tuning.start.facts, **tuning.adapters}
