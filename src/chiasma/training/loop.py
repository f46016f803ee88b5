"""The training loop: step, accumulate, schedule, validate, save, resume.

All random numbers of a step (dropout and the like) are a function of seed and step, those of a batch (order, augmentation)
of seed, epoch and batch. So a run that was killed and resumed is, on the CPU, bit for bit the run that was not.
"""

from __future__ import annotations

import dataclasses
import math
import shutil
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from chiasma.contracts import Batch, StepOutput
from chiasma.core.errors import ConfigError, TrainingError, unknown
from chiasma.core.log import log, progress
from chiasma.core.seed import derive_seed
from chiasma.training import checkpoint
from chiasma.training.alarms import ChanceWatch, warn_of_rate
from chiasma.training.batches import Batches, Loaded, micro_batches, to_device
from chiasma.training.config import TrainingConfig
from chiasma.training.learner import Learner, Outcome
from chiasma.training.logbook import UNKNOWN, Logbook, with_total
from chiasma.training.optimisation import (
    build_optimiser,
    clip_gradients,
    learning_rate_factor,
    mixed_precision,
    set_frozen,
)
from chiasma.training.stopping import StopSignals

CHECKPOINT = "checkpoint"
TRAIN_ROWS = 400  # rows per part that a whole run writes of its training losses, beside one at each epoch's end
EPOCH_LINE_EVERY_S = 60.0


@dataclass
class Position:
    """How far a run is; all of it goes into the checkpoint.

    Attributes
    ----------
    step : optimiser steps done
    epoch, batch : epoch at work and batches of it done, both from 0
    best, best_epoch : best monitor so far and its epoch; -1 before the first
    finished : whether there is nothing left to train
    seconds : time spent, over all attempts
    """

    step: int = 0
    epoch: int = 0
    batch: int = 0
    best: float = math.nan
    best_epoch: int = -1
    finished: bool = False
    seconds: float = 0.0


def fit(
    learner: Learner,
    train: Batches,
    valid: Batches | None,
    config: TrainingConfig,
    folder: Path,
    identity: str,
    seed: int,
    device: torch.device,
) -> Outcome:
    """Train ``learner.module`` and leave the kept weights in it.

    Parameters
    ----------
    train, valid : training examples; validation examples, which only choose the weights kept
    folder : history.tsv, tensorboard/ and checkpoint/ go here; the last is for `remove_checkpoint` once all outputs are written
    identity : hash of all that determines the run; a checkpoint of another identity is not gone on from
    seed : seed of the steps' random numbers

    Raises
    ------
    TrainingError
        When a loss or gradient is not finite (naming the examples), or the run was told to stop (SIGTERM, SIGINT) and has
        saved itself.
    """
    run = Run(learner, train, valid, config, folder, identity, seed, device)
    try:
        with StopSignals() as run.stopped:
            return run.train()
    finally:
        run.logbook.close()


def remove_checkpoint(folder: Path) -> None:
    """Remove the checkpoint of a run whose outputs are written, so that asking for it again trains it again."""
    shutil.rmtree(folder / CHECKPOINT, ignore_errors=True)


@dataclass
class Run:
    """One run at work."""

    learner: Learner
    batches: Batches
    valid: Batches | None
    config: TrainingConfig
    folder: Path
    identity: str
    seed: int
    device: torch.device
    stopped: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        if self.config.monitor and self.valid is None:
            raise ConfigError(
                f"monitor is '{self.config.monitor}', but there are no validation examples; set monitor: '' to keep the last weights"
            )
        self.learner.module.to(self.device)
        self.optimiser = build_optimiser(self.learner.module, self.config, self.learner.encoder)
        encoder = self.learner.encoder
        self._learning = [] if encoder is None else [each for each in encoder.parameters() if each.requires_grad]
        self.position, self.logbook = Position(), Logbook(self.folder)
        self.watch = ChanceWatch(self.config.epochs, self.config.warmup_fraction)
        self.steps = self.config.epochs * len(self.batches)
        self._row_every = max(1, self.steps // TRAIN_ROWS)
        self._restore()
        self.resumed_at = self.position.step
        _ = self.logbook.writer  # its import takes a second, which is none of the first step's
        self._clock = self._saved = time.monotonic()
        self._told = -math.inf

    # --- the run -----------------------------------------------------------------------------------------------------

    def train(self) -> Outcome:
        """Go on to the end."""
        warn_of_rate(self.config.learning_rate)
        if self.position.batch == len(self.batches):  # stopped between the last step of an epoch and its validation
            self._end_epoch()
        for loaded in progress(self._stream(), "training", total=self.steps - self.position.step):
            self._step(loaded)
            if self.position.batch == len(self.batches):
                self._end_epoch()
            elif time.monotonic() - self._saved > self.config.checkpoint_every_s:
                self._save()
            self._heed()
        return self._outcome()

    def _stream(self) -> Iterator[Loaded]:
        while not self.position.finished:
            self._begin_epoch()
            yield from self.batches.stream(self.position.epoch, self.position.batch)

    def _begin_epoch(self) -> None:
        self.learner.module.train()
        if self.learner.encoder is not None:
            set_frozen(self.learner.encoder, self.position.epoch < self.config.freeze_encoder_epochs, self._learning)

    def _step(self, loaded: Loaded) -> None:
        at = self.position
        torch.manual_seed(derive_seed(self.seed, "step", at.step))
        rate = self.config.learning_rate * learning_rate_factor(at.step, self.steps, self.config)
        outputs = self._descend(loaded.batch)
        norm = clip_gradients(self.learner.module.parameters(), self.config.clip_norm)
        values = read_parts(outputs, norm)
        self._check_finite(values, loaded.rows)
        self.optimiser.step(rate)
        self.optimiser.zero_grad()
        at.step, at.batch = at.step + 1, at.batch + 1
        self._note_step(outputs, values, rate)

    def _descend(self, batch: Batch) -> list[StepOutput]:
        outputs, examples = [], len(next(iter(batch.values())))
        for piece in micro_batches(batch, self.config.accumulate, self.batches.plan.group):
            with mixed_precision(self.config.precision, self.device):
                output = self.learner.step(to_device(piece, self.device), self.position.epoch)
            (output.total * (output.count / examples)).backward()
            outputs.append(output)
        return outputs

    def _note_step(self, outputs: list[StepOutput], values: list[dict[str, float]], rate: float) -> None:
        for output, numbers in zip(outputs, values, strict=True):
            references = with_total(self.learner.references("train", output.count), output.parts)
            self.logbook.add(
                "train", {name: numbers[name] for name in ("total", *output.parts)}, output.count, references
            )
        self.logbook.add("train", {"gradient_norm": values[0]["gradient_norm"], "learning_rate": rate}, 1, {})
        elapsed = max(self._tick(), 1e-9)
        self.logbook.add("train", {"samples_per_s": sum(output.count for output in outputs) / elapsed}, elapsed, {})
        if self.position.step % self._row_every == 0:
            self.logbook.flush("train", self.position.step, self.position.epoch)

    def _tick(self) -> float:
        """Return the seconds since the last tick, and count them."""
        now = time.monotonic()
        elapsed, self._clock = now - self._clock, now
        self.position.seconds += elapsed
        return elapsed

    def _check_finite(self, values: list[dict[str, float]], rows: np.ndarray) -> None:
        bad = sorted({name for numbers in values for name, value in numbers.items() if not math.isfinite(value)})
        if bad:
            raise TrainingError(
                f"{', '.join(bad)} not finite at step {self.position.step}, epoch {self.position.epoch}, in the batch of "
                f"{self.batches.describe(rows)}; look at these examples' values, or lower learning_rate"
            )

    # --- validation --------------------------------------------------------------------------------------------------

    def _end_epoch(self) -> None:
        at = self.position
        self.logbook.flush("train", at.step, at.epoch)
        values = self._validate() if self.valid is not None else {}
        self._keep(values)
        self._tell(values)
        at.epoch, at.batch = at.epoch + 1, 0
        waited = at.epoch - 1 - at.best_epoch
        at.finished = at.epoch == self.config.epochs or 0 < self.config.patience <= waited
        self.watch.look(self.logbook.rows, at.epoch, at.finished)
        self._save()

    def _validate(self) -> dict[str, float]:
        """Return the means over the validation split, by the objective of the last epoch, so that epochs compare."""
        at, judged = self.position, []
        self.logbook.pending.pop("valid", None)
        self.learner.module.eval()
        for loaded in self.valid.stream():
            batch = to_device(loaded.batch, self.device)
            output, *pair = self._judge(batch)
            numbers = read_parts([output])[0]
            self.logbook.add(
                "valid", numbers, output.count, with_total(self.learner.references("valid", output.count), output.parts)
            )
            if pair:
                judged.append([tensor.float().cpu().numpy() for tensor in pair])
            self._heed()
        values = self.logbook.flush("valid", at.step, at.epoch)
        for name, value in self._measure(judged).items():
            values[name] = float(value)
            reference = self.learner.references("valid", self.valid.examples).get(name, UNKNOWN)
            self.logbook.row(at.step, at.epoch, "valid", name, values[name], reference)
        return values

    @torch.no_grad()
    def _judge(self, batch: Batch) -> tuple[StepOutput, *tuple[Tensor, ...]]:
        with mixed_precision(self.config.precision, self.device):
            if self.learner.judge is not None:
                return self.learner.judge(batch)
            return (self.learner.step(batch, self.config.epochs - 1),)

    def _measure(self, judged: list[list[np.ndarray]]) -> Mapping[str, float]:
        if not judged or self.learner.metrics is None:
            return {}
        return self.learner.metrics(*(np.concatenate(side) for side in zip(*judged, strict=True)))

    def _keep(self, values: Mapping[str, float]) -> None:
        """Write the weights beside the checkpoint when the monitor is better than ever, or when there is none."""
        name, at = self.config.monitor, self.position
        if not name:
            at.best_epoch = at.epoch
            return
        if name not in values:
            raise ConfigError(unknown("monitor", name, values, "training"))
        value = values[name]
        if not math.isfinite(value):
            raise TrainingError(
                f"the monitor {name} is {value} on the validation split at epoch {at.epoch}; choose another"
            )
        better = value < at.best if self.config.monitor_mode == "min" else value > at.best
        if better or at.best_epoch < 0:
            at.best, at.best_epoch = value, at.epoch
            checkpoint.write_weights(self._best_path(at.epoch), self.learner.module)

    def _tell(self, values: Mapping[str, float]) -> None:
        last = self.position.epoch + 1 == self.config.epochs
        if last or time.monotonic() - self._told > EPOCH_LINE_EVERY_S:
            numbers = ", ".join(f"{name} {value:.4g}" for name, value in values.items())
            log.info("epoch %d of %d: valid %s", self.position.epoch + 1, self.config.epochs, numbers or "none")
            self._told = time.monotonic()

    # --- saving and resuming -----------------------------------------------------------------------------------------

    def _best_path(self, epoch: int) -> Path:
        return self.folder / CHECKPOINT / f"best-{epoch}.safetensors"

    def _save(self) -> None:
        at = self.position
        self._tick()
        state = {"identity": self.identity, "position": dataclasses.asdict(at), "logbook": self.logbook.state()}
        checkpoint.write_state(self.folder / CHECKPOINT, self.learner.module, self.optimiser, state)
        self.logbook.write()
        for path in (self.folder / CHECKPOINT).glob("best-*.safetensors"):
            if path != self._best_path(at.best_epoch):
                path.unlink()
        self._saved = time.monotonic()
        self._tick()  # the time it took is none of the next step's

    def _restore(self) -> None:
        state = self._usable_state()
        if state is None:
            shutil.rmtree(self.folder / CHECKPOINT, ignore_errors=True)
            shutil.rmtree(self.folder / "tensorboard", ignore_errors=True)
            return
        state.load(self.learner.module, self.optimiser)
        self.position = Position(**state.scalars["position"])
        self.logbook = Logbook(self.folder, state.scalars["logbook"])
        log.info("going on from the checkpoint at step %d of %d", self.position.step, self.steps)

    def _usable_state(self) -> checkpoint.TrainingState | None:
        try:
            state = checkpoint.read_state(self.folder / CHECKPOINT)
        except TrainingError as error:
            log.warning("%s", error)
            return None
        if state is not None and state.scalars["identity"] != self.identity:
            log.warning("%s is of another configuration or other inputs: starting over", self.folder / CHECKPOINT)
            return None
        return state

    def _heed(self) -> None:
        if self.stopped:
            self._save()
            raise TrainingError(
                f"stopped by {self.stopped[0]} after step {self.position.step} of {self.steps}; the state is saved in "
                f"{self.folder / CHECKPOINT}: run the same command to go on"
            )

    def _outcome(self) -> Outcome:
        at, kept = self.position, bool(self.config.monitor)
        if kept:
            checkpoint.load_weights(self._best_path(at.best_epoch), self.learner.module)
        self.learner.module.eval()
        self.logbook.write()
        best = at.best if kept else None
        value = f", {self.config.monitor} {best:.4g}" if kept else ""
        log.info(
            "trained %d steps in %.0f s; kept the weights of epoch %d%s", at.step, at.seconds, at.best_epoch + 1, value
        )
        unlearned = self.watch.look(self.logbook.rows, at.epoch, is_last=True)
        return Outcome(
            at.step, at.epoch, at.best_epoch, self.config.monitor, best, at.seconds, self.resumed_at, unlearned
        )


def read_parts(outputs: list[StepOutput], norm: Tensor | None = None) -> list[dict[str, float]]:
    """Return total and parts of each output as numbers, with the gradient norm, by one transfer from the device."""
    names = [["total", *output.parts] for output in outputs]
    tensors = [
        tensor.detach().float().reshape(()) for output in outputs for tensor in (output.total, *output.parts.values())
    ]
    if norm is not None:
        tensors += [norm.float()] * len(outputs)
    numbers = torch.stack(tensors).tolist()
    values, used = [], 0
    for group in names:
        values.append(dict(zip(group, numbers[used : used + len(group)], strict=True)))
        used += len(group)
        if norm is not None:
            values[-1]["gradient_norm"] = numbers[-1]
    return values
