"""Models and training states on disk: safetensors and JSON, never pickle, each file whole or absent."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, NamedTuple

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from chiasma.contracts import Family, Task, TileShape, load_family, load_task
from chiasma.core.atomic import write_json, writing
from chiasma.core.errors import ConfigError, InputError, TrainingError
from chiasma.core.seed import derive_seed
from chiasma.schema.rooms import build_config
from chiasma.schema.weights import CONFIG, WEIGHTS
from chiasma.training.adamw import AdamW

STATE = "state.safetensors"
LISTED_AT_MOST = 5  # names of each kind in a message
TEXTS, WHOLES, OBJECTS = (
    ("family", "task"),
    ("resolution_bp", "track_bp"),
    ("parameters", "task_parameters", "training"),
)
SHARED_KEYS = ("family", "parameters", "shape", "tracks", "resolution_bp", "track_bp")
NEEDED = {  # keys of config.json without which a model of each kind cannot be rebuilt or used
    "pretrain": (*SHARED_KEYS, "transductive"),
    "finetune": (*SHARED_KEYS, "training", "task", "task_parameters"),
}


# --- tensors ---------------------------------------------------------------------------------------------------------


def _independent(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return the tensors on the CPU, contiguous, and none sharing memory with another (tied weights)."""
    seen: set[int] = set()
    result = {}
    for name, tensor in tensors.items():
        tensor = tensor.detach().cpu().contiguous()
        if tensor.numel() and tensor.untyped_storage().data_ptr() in seen:
            tensor = tensor.clone()
        seen.add(tensor.untyped_storage().data_ptr())
        result[name] = tensor
    return result


def _usual_mode() -> int:
    """Return the mode that any new file gets."""
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask


def write_tensors(path: str | Path, tensors: Mapping[str, Tensor], state: Mapping[str, Any] | None = None) -> None:
    """Write tensors, and a JSON-able ``state`` in the same file's header, atomically."""
    metadata = {"format": "pt"} | ({} if state is None else {"state": json.dumps(state)})
    with writing(path) as part:
        save_file(_independent(tensors), part, metadata=metadata)
        part.chmod(_usual_mode())  # safetensors writes for the owner alone


def read_tensors(path: str | Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Read what `write_tensors` wrote; the state is empty when there was none. InputError when missing or damaged."""
    if not Path(path).is_file():
        raise InputError(f"{path}: no such file; expected weights as chiasma writes them")
    try:
        with safe_open(path, framework="pt") as file:
            tensors = {name: file.get_tensor(name).clone() for name in file.keys()}  # noqa: SIM118 (not a dict)
            return tensors, json.loads((file.metadata() or {}).get("state", "{}"))
    except (SafetensorError, json.JSONDecodeError) as error:
        raise InputError(f"{path}: not a whole safetensors file: {error}; remove it and make it again") from error


def _listed(kind: str, names: list[str]) -> str:
    shown = ", ".join(names[:LISTED_AT_MOST]) + (", ..." if len(names) > LISTED_AT_MOST else "")
    return f"{len(names)} {kind}" + (f" ({shown})" if names else "")


def check_match(found: Mapping[str, Tensor], wanted: Mapping[str, Tensor], where: str) -> None:
    """Raise ConfigError unless both have the same names and shapes; it counts and names what differs."""
    missing = [name for name in wanted if name not in found]
    unexpected = [name for name in found if name not in wanted]
    both = [name for name in wanted if name in found]
    shapes = [
        f"{name}: file {tuple(found[name].shape)}, model {tuple(wanted[name].shape)}"
        for name in both
        if found[name].shape != wanted[name].shape
    ]
    if missing or unexpected or shapes:
        raise ConfigError(
            f"{where}: the weights are of another model: {len(both) - len(shapes)} of {len(wanted)} match, {_listed('missing', missing)}, "
            f"{_listed('unexpected', unexpected)}, {_listed('of another shape', shapes)}; "
            "check that family, parameters and tileset are those the weights were trained with"
        )


def check_finite(tensors: Mapping[str, Tensor], where: str) -> None:
    """Raise InputError when a weight is nan or infinite, for all that such a model computes is nan or empty; it names the tensors."""
    spoilt = [name for name, tensor in tensors.items() if not torch.isfinite(tensor).all()]
    if spoilt:
        raise InputError(
            f"{where}: {_listed('of the tensors hold nan or infinite numbers', spoilt)}, expected finite weights; train the model "
            "anew, or take the weights from where they came once more"
        )


def write_weights(path: str | Path, module: nn.Module) -> None:
    """Write all parameters and buffers of ``module``, atomically."""
    write_tensors(path, module.state_dict())


def load_weights(path: str | Path, module: nn.Module) -> None:
    """Load weights into ``module`` strictly.

    ConfigError names what is missing, unexpected or of another shape; InputError what is not finite, or a damaged file.
    """
    tensors, _ = read_tensors(path)
    check_match(tensors, module.state_dict(), str(path))
    check_finite(tensors, str(path))
    module.load_state_dict(tensors)


# --- training states -------------------------------------------------------------------------------------------------


def write_state(folder: Path, module: nn.Module, optimiser: AdamW, state: Mapping[str, Any]) -> None:
    """Write weights, the optimiser's moments and ``state`` as one file, so that they are always of the same step."""
    tensors = {f"model/{name}": tensor for name, tensor in module.state_dict().items()}
    tensors |= {f"optimiser/{name}": tensor for name, tensor in optimiser.tensors().items()}
    write_tensors(folder / STATE, tensors, state)


@dataclass(frozen=True)
class TrainingState:
    """A training state as read back: its scalars, and tensors not yet given to a module."""

    scalars: Mapping[str, Any]
    tensors: Mapping[str, Tensor]

    def _part(self, prefix: str) -> dict[str, Tensor]:
        return {name.removeprefix(prefix): value for name, value in self.tensors.items() if name.startswith(prefix)}

    def load(self, module: nn.Module, optimiser: AdamW) -> None:
        """Put the weights into ``module`` and the moments into ``optimiser``."""
        weights = self._part("model/")
        check_match(weights, module.state_dict(), "checkpoint")
        module.load_state_dict(weights)
        optimiser.load(self._part("optimiser/"))


def read_state(folder: Path) -> TrainingState | None:
    """Return the last training state of ``folder``, or None when there is none; TrainingError when it is damaged."""
    if not (folder / STATE).is_file():
        return None
    try:
        tensors, scalars = read_tensors(folder / STATE)
    except InputError as error:
        raise TrainingError(f"{error} (the run then starts over)") from error
    return TrainingState(scalars, tensors)


# --- models ----------------------------------------------------------------------------------------------------------


class TaskModule(nn.Module):
    """A family's representation and a task's head: batch to outputs (B, ...)."""

    def __init__(self, representation: nn.Module, head: nn.Module) -> None:
        super().__init__()
        self.representation, self.head = representation, head

    def forward(self, batch: Mapping[str, Tensor]) -> Tensor:
        return self.head(self.representation(batch), batch)


class PretrainedModel(NamedTuple):
    """A pre-trained model as `load_pretrained` gives it; ``config`` is the content of its config.json."""

    module: nn.Module
    family: Family
    config: dict[str, Any]

    @property
    def family_config(self) -> Any:
        """The family's ``Config``, which ``family.encode`` takes."""
        return build_config(self.family.config, self.config["parameters"], "parameters")


class TaskModel(NamedTuple):
    """A fine-tuned model as `load_task_module` gives it; ``config`` is the content of its config.json."""

    module: TaskModule
    family: Family
    task: Task
    config: dict[str, Any]

    @property
    def family_config(self) -> Any:
        """The family's ``Config``, which ``family.encode`` takes."""
        return build_config(self.family.config, self.config["parameters"], "parameters")

    @property
    def task_config(self) -> Any:
        """The task's ``Config`` as trained: the numbers that head, targets and loss read."""
        return build_config(self.task.config, self.config["task_parameters"], "task parameters")


def build_pretrained(config: Mapping[str, Any]) -> PretrainedModel:
    """Build the module to pre-train from the keys of config.json: family, parameters, shape; weights are random."""
    family = load_family(config["family"])
    numbers = build_config(family.config, config["parameters"], f"{family.name} parameters")
    return PretrainedModel(family.build_model(numbers, TileShape(**config["shape"])), family, dict(config))


def build_untrained(config: Mapping[str, Any], seed: int) -> PretrainedModel:
    """Build the module to pre-train, with the random weights of ``seed`` that pre-training starts from."""
    torch.manual_seed(derive_seed(seed, "weights"))
    return build_pretrained(config)


def build_task_module(config: Mapping[str, Any]) -> TaskModel:
    """Build representation and head from the keys of config.json; weights are random.

    Parameters
    ----------
    config : keys family, parameters, shape, task, task_parameters
    """
    family, task = load_family(config["family"]), load_task(config["task"])
    numbers = build_config(family.config, config["parameters"], f"{family.name} parameters")
    if task.needs not in family.yields(numbers):
        raise ConfigError(
            f"task '{task.name}' needs a {task.needs}; family '{family.name}' yields "
            f"{', '.join(family.yields(numbers))} with these parameters"
        )
    hidden = family.reads(numbers) & {*task.hides}
    if hidden:
        raise ConfigError(
            f"task '{task.name}' predicts {', '.join(sorted(hidden))}, which this model of family '{family.name}' reads"
        )
    representation = family.build_representation(numbers, TileShape(**config["shape"]), task.needs)
    task_numbers = build_config(task.config, config["task_parameters"], f"{task.name} parameters")
    module = TaskModule(representation, task.build_head(task_numbers, representation.width))
    return TaskModel(module, family, task, dict(config))


def write_model(folder: str | Path, module: nn.Module, config: Mapping[str, Any]) -> None:
    """Write ``weights.safetensors`` and ``config.json``, which must hold all that rebuilding the module takes."""
    write_weights(Path(folder) / WEIGHTS, module)
    write_json(Path(folder) / CONFIG, dict(config))


def read_config(folder: str | Path, kind: str) -> dict[str, Any]:
    """Read ``config.json`` of a model folder.

    InputError unless it is whole, of a ``kind`` (pretrain or finetune) model, and has every key that such a model is used by.
    """
    path = Path(folder) / CONFIG
    if not path.is_file():
        raise InputError(f"{path}: no such file; expected a folder written by `chiasma {kind}`")
    again = f"copy it anew, or remove the folder and run `chiasma {kind}` again"
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:  # not JSON, or not text
        raise InputError(f"{path}: not a whole JSON file: {error}; {again}") from error
    if not isinstance(config, dict):
        raise InputError(f"{path}: holds a {type(config).__name__}, expected keys and values; {again}")
    if config.get("kind") != kind:
        raise InputError(f"{path}: a model of kind '{config.get('kind')}', expected one written by `chiasma {kind}`")
    missing = [key for key in NEEDED[kind] if key not in config]
    if missing:
        raise InputError(f"{path}: {', '.join(missing)} missing, expected {', '.join(NEEDED[kind])}; {again}")
    wrong = [f"{key} is {config[key]!r}" for key in NEEDED[kind] if not _is_of_kind(key, config[key])]
    if wrong:
        raise InputError(f"{path}: {'; '.join(wrong)}, which no model of ours has; {again}")
    return config


def _is_of_kind(key: str, value: Any) -> bool:
    """Return whether a value of config.json is of the kind that its key has."""
    if key == "shape":
        names = {field.name for field in fields(TileShape)}
        return isinstance(value, dict) and {*value} == names and all(type(each) is int for each in value.values())
    kinds = dict.fromkeys(TEXTS, str) | dict.fromkeys(WHOLES, int) | dict.fromkeys(OBJECTS, dict)
    return isinstance(value, (kinds | {"tracks": list, "transductive": bool})[key])


def load_pretrained(folder: str | Path) -> PretrainedModel:
    """Rebuild a pre-trained model from its folder, on the CPU, in evaluation mode."""
    model = build_pretrained(read_config(folder, "pretrain"))
    load_weights(Path(folder) / WEIGHTS, model.module)
    model.module.eval()
    return model


def load_task_module(folder: str | Path) -> TaskModel:
    """Rebuild a fine-tuned model from its folder, on the CPU, in evaluation mode: module, family, task, config."""
    model = build_task_module(read_config(folder, "finetune"))
    load_weights(Path(folder) / WEIGHTS, model.module)
    model.module.eval()
    return model
