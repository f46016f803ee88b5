"""What a finished run leaves behind, and the identity by which an unfinished one is known again."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import torch
from torch import nn

from chiasma.core.atomic import write_json
from chiasma.core.errors import ConfigError
from chiasma.core.log import log
from chiasma.core.provenance import collect_provenance, config_hash, file_sha256
from chiasma.schema.rooms import build_config
from chiasma.schema.weights import init_of
from chiasma.tiles.arrays import ArraysMeta
from chiasma.training.adapters import merge
from chiasma.training.checkpoint import write_model
from chiasma.training.config import TrainingConfig, check_pretraining
from chiasma.training.learner import Outcome
from chiasma.training.loop import remove_checkpoint
from chiasma.training.optimisation import device_name

STAGES = {"pretrain": "pre-trained", "finetune": "fine-tuned"}
PROVENANCE = "provenance.json"
BIN_KEYS = ("resolution_bp", "track_bp")
DATA_KEYS = ("shape", "tracks", *BIN_KEYS)
FREE_TO_CHANGE = ("workers", "checkpoint_every_s")  # training numbers that change no weight


def build_settings(stage: str, model: Mapping[str, Any], meta: ArraysMeta, seed: int) -> dict[str, Any]:
    """Return the content of config.json that pre-training and fine-tuning share: all that rebuilding a model takes.

    Parameters
    ----------
    stage : pretrain or finetune
    model : keys of a model's YAML
    meta : of the arrays that the model reads

    Raises
    ------
    ConfigError
        When the model's ``stage`` is null, or holds a wrong key or value.
    """
    if not model.get(stage):
        raise ConfigError(
            f"--config: the model of family '{model.get('family')}' is not {STAGES[stage]}: its key '{stage}' is null"
        )
    training, init = build_config(TrainingConfig, model[stage], stage), init_of(model, stage)
    if stage == "pretrain":
        check_pretraining(training, init, stage)
    return {
        "kind": stage,
        "family": model["family"],
        "parameters": model.get("parameters") or {},
        "revision": model.get("revision", 1),
        **data_of(meta),
        "training": dataclasses.asdict(training),
        "init": init,
        "seed": seed,
    }


def check_same_data(trained: Mapping[str, Any], wanted: Mapping[str, Any], where: str) -> None:
    """Raise ConfigError when a trained model read other data (tracks, bins, window) than is wanted of it.

    A model whose key ``pretrain_tilesets`` named what it was pre-trained on may read bins of another size.
    """
    mixed = trained.get("pretrain_tilesets") or {}
    for key in DATA_KEYS:
        if trained[key] != wanted[key] and not (mixed and key in BIN_KEYS):
            raise ConfigError(f"{where}: the model was trained with {key} {trained[key]}, here it is {wanted[key]}")
    own = {key: wanted[key] for key in BIN_KEYS}
    if mixed and own not in mixed.values():
        log.warning("%s: the model was pre-trained on bins of %s, here they are %s", where, mixed, own)


def data_of(meta: ArraysMeta) -> dict[str, Any]:
    """Return what a model's config.json says of the arrays it reads."""
    return {
        "shape": meta.shape,
        "tracks": list(meta.tracks),
        "resolution_bp": meta.resolution_bp,
        "track_bp": meta.track_bp,
    }


def check_alike(metas: Mapping[str, ArraysMeta]) -> None:
    """Raise ConfigError when one network cannot read the tiles of all tilesets."""
    first = next(iter(metas))
    for name, meta in metas.items():
        for key in ("shape", "tracks"):
            found, expected = data_of(meta)[key], data_of(metas[first])[key]
            if found != expected:
                raise ConfigError(
                    f"--tiles: {key} of tileset '{name}' is {found}, that of '{first}' is {expected}; make them alike"
                )


def arrays_sha256(*folders: Path) -> str:
    """Return the SHA-256 over the names and SHA-256s of all files of arrays folders."""
    digest = hashlib.sha256()
    for folder in folders:
        for path in sorted(folder.rglob("*.npy")):
            digest.update(f"{path.relative_to(folder).as_posix()} {file_sha256(path)}\n".encode())
    return digest.hexdigest()


def run_identity(config: Mapping[str, Any], inputs: Iterable[Path], *arrays: Path) -> str:
    """Return the hash of all that determines a run's weights: its configuration and its inputs' bytes."""
    training = {key: value for key, value in config["training"].items() if key not in FREE_TO_CHANGE}
    files = [file_sha256(path) for path in inputs]
    return config_hash({**config, "training": training, "input_files": files, "arrays": arrays_sha256(*arrays)})


def parameter_count(module: nn.Module) -> int:
    """Return the number of trained numbers."""
    return sum(parameter.numel() for parameter in module.parameters())


def write_outputs(
    folder: Path,
    module: nn.Module,
    config: Mapping[str, Any],
    outcome: Outcome,
    inputs: list[Path],
    facts: Mapping[str, Any],
) -> None:
    """Write weights.safetensors, config.json and provenance.json, then remove the checkpoint.

    Parameters
    ----------
    module : its adapters, if any, are added to the weights they stand beside
    config : all that rebuilding the module takes; goes to config.json
    inputs : files whose SHA-256 is recorded
    facts : further entries of provenance.json, e.g. the examples of each split
    """
    merge(module)
    device = next(module.parameters()).device
    record = collect_provenance(config, inputs, config["seed"], device_name(device))
    record |= {
        "parameters": parameter_count(module),
        "steps": outcome.steps,
        "epochs": outcome.epochs,
        "kept_epoch": outcome.kept_epoch,
        "monitor": outcome.monitor,
        "monitor_value": outcome.best,
        "training_s": round(outcome.seconds, 3),
        "resumed_at_step": outcome.resumed_at,
        "at_chance": [part._asdict() for part in outcome.at_chance],
        "peak_gpu_mb": round(torch.cuda.max_memory_allocated() / 2**20) if device.type == "cuda" else None,
        **facts,
    }
    write_model(folder, module, config)
    write_json(folder / PROVENANCE, record)
    remove_checkpoint(folder)
