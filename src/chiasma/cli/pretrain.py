"""Pre-train a model on the tiles of a tileset."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from chiasma.core.errors import InputError
from chiasma.core.log import log
from chiasma.io.tables import read_parquet
from chiasma.schema.rooms import read_model_values
from chiasma.schema.tables import TILES
from chiasma.tiles.arrays import TileArrays
from chiasma.training.adapters import adapt
from chiasma.training.batches import Encoding, plan_batches
from chiasma.training.checkpoint import PretrainedModel, build_untrained
from chiasma.training.config import TrainingConfig
from chiasma.training.learner import Learner
from chiasma.training.loop import fit
from chiasma.training.optimisation import choose_device
from chiasma.training.outputs import build_settings, run_identity, write_outputs
from chiasma.training.start import init_files, start

if TYPE_CHECKING:
    import pandas as pd


def pretrain(
    config: Annotated[str, typer.Option(help="JSON or file: the model's keys (family, parameters, pretrain, ...)")],
    tiles: Annotated[Path, typer.Option(help="folder of the tileset: index.parquet and arrays/")],
    seed: Annotated[int, typer.Option(help="seed of weights, order and augmentation")],
    output: Annotated[Path, typer.Option(help="folder of the model; checkpoint/ and tensorboard/ go there too")],
    transductive: Annotated[
        bool, typer.Option(help="learn from valid and test tiles as well; scores then say so")
    ] = False,
) -> None:
    """Pre-train a model on the tiles of a tileset; started again after a kill, it goes on where it was."""
    arrays = TileArrays.open(tiles / "arrays")
    settings = build_settings("pretrain", read_model_values(config), arrays.meta, seed) | {"transductive": transductive}
    started, frames = init_files(settings), _frames(tiles, transductive)
    model, numbers, batches = _prepare(settings, frames, arrays)
    facts = _start(settings, model, numbers)
    objective = model.family.build_objective(model.family_config)
    learner = Learner(
        model.module,
        step=lambda batch, epoch: objective(model.module, batch, epoch),
        references=lambda split, batch_size: objective.references(batch_size),
    )
    inputs = [tiles / "index.parquet", tiles / "arrays/meta.json", *started]
    identity = run_identity(settings, inputs, tiles / "arrays")
    outcome = fit(learner, batches["train"], batches["valid"], numbers, output, identity, seed, choose_device())
    facts |= {"examples": {split: len(frame) for split, frame in frames.items()}}
    write_outputs(output, model.module, settings, outcome, inputs, facts)


def _frames(tiles: Path, transductive: bool) -> dict[str, pd.DataFrame]:
    """Return the tiles to learn from and those to choose weights by."""
    index = read_parquet(tiles / "index.parquet", TILES)
    kept = index[index["kept"]]
    train = kept if transductive else kept[kept["split"] == "train"]
    if train.empty:
        raise InputError(
            f"{tiles / 'index.parquet'}: no kept tile is in split train; see the reasons of the dropped ones"
        )
    frames = {"train": train.reset_index(drop=True), "valid": kept[kept["split"] == "valid"].reset_index(drop=True)}
    log.info("tiles: %s", ", ".join(f"{len(frame)} {split}" for split, frame in frames.items()))
    return frames


def _prepare(settings: dict[str, Any], frames: dict[str, pd.DataFrame], arrays: Any) -> tuple[Any, Any, dict[str, Any]]:
    """Return the model with its first weights, the training numbers, and the batches of each split."""
    model, numbers = build_untrained(settings, settings["seed"]), TrainingConfig(**settings["training"])
    encoding = Encoding(model.family, model.family_config)
    return model, numbers, plan_batches(frames, arrays, encoding, numbers, settings["seed"])


def _start(settings: dict[str, Any], model: PretrainedModel, numbers: TrainingConfig) -> dict[str, Any]:
    """Put the weights that the settings name into the model, with what adapts them, and return what provenance says of it.

    Started from weights that saw validation and test regions, the model has seen them too: the settings then say so.
    """
    begun = start(settings, model.family, model.module)
    if begun is None:
        return {"transductive": settings["transductive"]}
    settings["transductive"] |= begun.transductive
    adapters = adapt(model.module, numbers, settings["seed"], begun.report.missing)
    return {"transductive": settings["transductive"], "init": begun.facts, **adapters}
