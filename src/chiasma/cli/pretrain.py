"""Pre-train a model on the tiles of one tileset, or of several."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import pandas as pd
import typer

from chiasma.core.errors import ConfigError, InputError
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
from chiasma.training.outputs import BIN_KEYS, build_settings, check_alike, data_of, run_identity, write_outputs
from chiasma.training.sampling import report_draw
from chiasma.training.start import init_files, start


def pretrain(
    config: Annotated[str, typer.Option(help="JSON or file: the model's keys (family, parameters, pretrain, ...)")],
    tiles: Annotated[
        list[Path],
        typer.Option(
            help="folder of a tileset: index.parquet and arrays/; repeat for each of the model's pretrain_tilesets"
        ),
    ],
    seed: Annotated[int, typer.Option(help="seed of weights, order and augmentation")],
    output: Annotated[Path, typer.Option(help="folder of the model; checkpoint/ and tensorboard/ go there too")],
    transductive: Annotated[
        bool, typer.Option(help="learn from valid and test tiles as well; scores then say so")
    ] = False,
) -> None:
    """Pre-train a model on the tiles of one tileset, or of several; started again after a kill, it goes on where it was."""
    arrays = {folder.name: TileArrays.open(folder / "arrays") for folder in tiles}
    settings = _settings(read_model_values(config), tiles, arrays, seed) | {"transductive": transductive}
    started, frames = init_files(settings), _frames(tiles, transductive)
    model, numbers, batches = _prepare(settings, frames, arrays)
    facts = _start(settings, model, numbers)
    objective = model.family.build_objective(model.family_config)
    learner = Learner(
        model.module,
        step=lambda batch, epoch: objective(model.module, batch, epoch),
        references=lambda split, batch_size: objective.references(batch_size),
    )
    inputs = [folder / name for folder in tiles for name in ("index.parquet", "arrays/meta.json")] + [*started]
    identity = run_identity(settings, inputs, *(folder / "arrays" for folder in tiles))
    outcome = fit(learner, batches["train"], batches["valid"], numbers, output, identity, seed, choose_device())
    facts |= {
        "examples": {split: len(frame) for split, frame in frames.items()},
        "tilesets": {name: _count(frames, name) for name in arrays},
    }
    write_outputs(output, model.module, settings, outcome, inputs, facts)


def _settings(values: dict[str, Any], tiles: list[Path], arrays: dict[str, TileArrays], seed: int) -> dict[str, Any]:
    """Return the content of config.json; where the model names its tilesets, with the bins of each."""
    named = values.get("pretrain_tilesets") or []
    if sorted(named or list(arrays)[:1]) != sorted(folder.name for folder in tiles):
        raise ConfigError(
            f"--tiles: found {', '.join(folder.name for folder in tiles)}; expected a folder of each of the model's pretrain_tilesets, "
            f"{', '.join(named) or 'which are none, so of one tileset'}"
        )
    check_alike({name: own.meta for name, own in arrays.items()})
    settings = build_settings("pretrain", values, next(iter(arrays.values())).meta, seed)
    if named:
        bins = {name: {key: data_of(own.meta)[key] for key in BIN_KEYS} for name, own in arrays.items()}
        settings["pretrain_tilesets"] = bins
    return settings


def _frames(tiles: list[Path], transductive: bool) -> dict[str, pd.DataFrame]:
    """Return the tiles to learn from and those to choose weights by, each with its tileset."""
    parts = [_tileset_frames(folder, transductive) for folder in tiles]
    frames = {split: pd.concat([part[split] for part in parts], ignore_index=True) for split in parts[0]}
    for folder in tiles:
        counts = ", ".join(f"{count} {split}" for split, count in _count(frames, folder.name).items())
        log.info("tiles of %s: %s", folder.name, counts)
    return frames


def _tileset_frames(tiles: Path, transductive: bool) -> dict[str, pd.DataFrame]:
    index = read_parquet(tiles / "index.parquet", TILES)
    kept = index[index["kept"]].assign(tileset=tiles.name)
    train = kept if transductive else kept[kept["split"] == "train"]
    if train.empty:
        raise InputError(
            f"{tiles / 'index.parquet'}: no kept tile is in split train; see the reasons of the dropped ones"
        )
    return {"train": train, "valid": kept[kept["split"] == "valid"]}


def _count(frames: dict[str, pd.DataFrame], tileset: str) -> dict[str, int]:
    return {split: int((frame["tileset"] == tileset).sum()) for split, frame in frames.items()}


def _prepare(settings: dict[str, Any], frames: dict[str, pd.DataFrame], arrays: Any) -> tuple[Any, Any, dict[str, Any]]:
    """Return the model with its first weights, the training numbers, and the batches of each split."""
    model, numbers = build_untrained(settings, settings["seed"]), TrainingConfig(**settings["training"])
    report_draw(frames["train"], numbers.sampling_temperature, numbers.max_examples)
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
