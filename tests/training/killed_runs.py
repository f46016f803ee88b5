"""Runs the toy training in forked processes that kill themselves (SIGKILL); called by test_loop with a folder.

This process never trains itself: autograd's threads do not survive a fork.
"""

from __future__ import annotations

import os
import signal
import sys
from functools import partial
from pathlib import Path

import torch
import torch.utils.tensorboard  # noqa: F401 (once, rather than in each child)
from toy_training import toy_fit, toy_learner

from chiasma.training import checkpoint
from chiasma.training.checkpoint import write_weights
from chiasma.training.learner import Learner

# name -> (settings of the run, calls of the model after which each attempt dies; a validation batch is a call too)
RUNS = {
    "every_step": ({"checkpoint_every_s": 0.0}, [1, 3, 9, 12, 5]),
    "every_epoch": ({"checkpoint_every_s": 1e9}, [5, 10, 13, 16]),
    "accumulated": ({"checkpoint_every_s": 0.0, "accumulate": 2}, [9, 17, 40]),
    "loaded": ({"checkpoint_every_s": 0.0, "workers": 1, "max_examples": 30}, [6, 9]),
}


def dying_learner(calls: int) -> Learner:
    """Return the toy learner whose process is killed in the call after ``calls`` calls."""
    learner, left = toy_learner(), [calls]

    def judge(batch):
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        left[0] -= 1
        return learner.judge(batch)

    return toy_learner(module=learner.module, step=lambda batch, epoch: judge(batch)[0], judge=judge)


def in_child(work) -> int:
    """Run ``work`` in a forked process and return the signal that ended it, or 0."""
    if (child := os.fork()) == 0:
        torch.set_num_threads(1)
        work()
        sys.stdout.flush()
        os._exit(0)
    status = os.waitpid(child, 0)[1]
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0
    return os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0


def train(folder: Path, learner: Learner, settings: dict) -> None:
    toy_fit(folder, learner, **settings)
    write_weights(folder / "weights.safetensors", learner.module)
    assert "torch._dynamo" not in sys.modules, "training imports the compiler, which takes seconds in each job"


def die_while_saving(folder: Path, settings: dict) -> None:
    """Train, and be killed when the third checkpoint is written but not yet in its place."""
    left, save_file = [3], checkpoint.save_file

    def save(*args, **kwargs):
        save_file(*args, **kwargs)
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    checkpoint.save_file = save
    train(folder, toy_learner(), settings)


def killed_and_resumed(folder: Path, settings: dict, deaths: list[int]) -> None:
    assert in_child(lambda: die_while_saving(folder, settings)) == signal.SIGKILL
    for calls in deaths:
        assert in_child(partial(train, folder, dying_learner(calls), settings)) == signal.SIGKILL, (folder, calls)
    assert in_child(lambda: train(folder, toy_learner(), settings)) == 0


def main(root: Path) -> None:
    for name, (settings, deaths) in RUNS.items():
        assert in_child(partial(train, root / name / "straight", toy_learner(), settings)) == 0
        killed_and_resumed(root / name / "killed", settings, deaths)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
