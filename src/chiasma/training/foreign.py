"""Weights that others saved with torch: tensors and plain values only, nothing of such a file is ever executed."""

from __future__ import annotations

import argparse
import pickle
import re
import struct
from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor

from chiasma.core.errors import InputError
from chiasma.training.checkpoint import read_tensors

DAMAGED = (
    pickle.UnpicklingError, struct.error, RuntimeError, EOFError, ValueError, LookupError, TypeError, AttributeError,
)  # fmt: skip  # what torch raises for bytes that are no pickle, according to the first of them
BARRED = re.compile(r"GLOBAL ([\w.]+)")  # where torch names what it would have to run
HOLDERS = ("model", "state_dict", "model_state_dict")  # keys under which training programs keep a model's weights
WRAPPERS = ("module.", "_orig_mod.")  # what torch's wrappers put before every name


def read_foreign_weights(path: str | Path) -> dict[str, Tensor]:
    """Return name -> tensor of a model that another program saved, by torch or as safetensors.

    The options of a command line (``argparse.Namespace``), which such files often hold too, are allowed and left aside.

    Raises
    ------
    InputError
        When there is no such file, when it is damaged or holds objects that only their own program could rebuild, or when
        no weights are in it.
    """
    path = Path(path)
    if path.suffix == ".safetensors":
        return read_tensors(path)[0]
    if not path.is_file():
        raise InputError(f"{path}: no such file; expected weights saved by torch, or .safetensors")
    try:
        with torch.serialization.safe_globals([argparse.Namespace]):
            content = torch.load(path, map_location="cpu", weights_only=True)
    except DAMAGED as error:
        raise InputError(
            f"{path}: cannot be read as weights ({_reason(error)}); save the tensors alone, as a state_dict or .safetensors"
        ) from error
    return _unwrapped(_weights_of(content, path))


def _reason(error: Exception) -> str:
    """Return why a file was not read, in our words: torch's own say how to run what a file holds, which may be anything."""
    named = BARRED.search(str(error))
    if named:
        return f"it holds {named[1]}, an object that only code could rebuild; no code of a file is run"
    return f"damaged, or of another format: {type(error).__name__}"


def _weights_of(content: object, path: Path) -> dict[str, Tensor]:
    held = [content[key] for key in HOLDERS if isinstance(content, Mapping) and isinstance(content.get(key), Mapping)]
    weights = held[0] if held else content
    if (
        not isinstance(weights, Mapping)
        or not weights
        or not all(isinstance(each, Tensor) for each in weights.values())
    ):
        keys = ", ".join(map(str, [*content][:5])) if isinstance(content, Mapping) else type(content).__name__
        raise InputError(f"{path}: no weights found under {', '.join(HOLDERS)} nor at the top (it holds {keys})")
    return dict(weights)


def _unwrapped(weights: dict[str, Tensor]) -> dict[str, Tensor]:
    for prefix in WRAPPERS:
        if all(name.startswith(prefix) for name in weights):
            weights = {name.removeprefix(prefix): tensor for name, tensor in weights.items()}
    return weights
