"""The weights that a model starts from: which stage reads them, and that their files are there."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from chiasma.core.errors import ConfigError

WEIGHTS, CONFIG = "weights.safetensors", "config.json"  # of a model's folder


def init_of(model: Mapping[str, Any], stage: str) -> str | None:
    """Return the path that a model's ``stage`` (pretrain or finetune) starts from; None for random weights or an encoder.

    The key ``init`` is read by the first stage there is: fine-tuning reads it when ``pretrain`` is null.
    """
    first = "finetune" if model.get("pretrain") is None else "pretrain"
    return model.get("init") if stage == first else None


def weight_files(path: Path, where: str) -> list[Path]:
    """Return the files of weights: a folder's two, or the file itself; ConfigError when one is not there.

    Parameters
    ----------
    path : folder that `chiasma pretrain` wrote, or one file of released weights
    where : whose key it is, for messages
    """
    files = [path / name for name in (WEIGHTS, CONFIG)] if path.is_dir() else [path]
    for file in files:
        if not file.is_file():
            raise ConfigError(
                f"{where}: init: {file}: no such file; expected the folder of a pre-trained model ({WEIGHTS} and {CONFIG}), or one "
                "file of released weights; init: null starts from random weights"
            )
    return files
