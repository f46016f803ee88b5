"""What the folders of a result say about it: ``{stage}/[{task}/]{model}/seed{seed}/file``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from chiasma.core.errors import InputError

STAGES = {"pretrain": False, "finetune": True, "predict": True}  # stage -> whether its folders name a task


@dataclass(frozen=True)
class Identity:
    """Who made a file: the stage, the task (empty for none), the model or baseline, and the seed."""

    stage: str
    task: str
    model: str
    seed: str


def read_identity(path: str | Path) -> Identity:
    """Read the identity of a file from its folders, the last stage's name on the path counting; InputError when there is none."""
    parts = Path(path).parts
    for place in range(len(parts) - 1, -1, -1):
        if parts[place] in STAGES:
            rest = parts[place + 1 :]
            task = rest[:1] if STAGES[parts[place]] else ()
            model_and_seed = rest[len(task) : len(task) + 2]
            if len(model_and_seed) == 2 and model_and_seed[1].startswith("seed"):
                return Identity(
                    parts[place], *(task or ("",)), model_and_seed[0], model_and_seed[1].removeprefix("seed")
                )
    raise InputError(
        f"{path}: the folders do not say whose file this is; expected …/pretrain/{{model}}/seed{{seed}}/… or "
        f"…/finetune|predict/{{task}}/{{model}}/seed{{seed}}/…"
    )
