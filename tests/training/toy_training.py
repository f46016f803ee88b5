"""A toy learner: small, with dropout, so that a run that loses its random state cannot end in the same weights."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from torch import nn

from chiasma.contracts import Reference, StepOutput
from chiasma.training.batches import Batches, Plan
from chiasma.training.config import TrainingConfig
from chiasma.training.learner import Learner, Outcome
from chiasma.training.loop import fit

EXAMPLES = 50


class ToyExamples:
    """Numbers x (n, 4) and labels that are whether their sum is positive."""

    def __init__(self, count: int = EXAMPLES, seed: int = 0) -> None:
        self.x = np.random.default_rng(seed).standard_normal((count, 4)).astype(np.float32)
        self.label = (self.x.sum(axis=1) > 0).astype(np.int64)

    def __len__(self) -> int:
        return len(self.x)

    def __getitems__(self, indices: Sequence[int]) -> dict[str, np.ndarray]:
        return {"x": self.x[indices], "label": self.label[indices]}


def toy_frame(count: int) -> pd.DataFrame:
    return pd.DataFrame({"sample": "s1", "chrom": "chr1", "bin1": np.arange(count), "bin2": np.arange(count) + 4})


def encode(examples: dict[str, np.ndarray], rng: np.random.Generator | None) -> dict[str, torch.Tensor]:
    noise = 0 if rng is None else 0.1 * rng.standard_normal(examples["x"].shape)
    return {
        "x": torch.from_numpy((examples["x"] + noise).astype(np.float32)),
        "label": torch.from_numpy(examples["label"]),
    }


def toy_batches(order: str = "drawn", count: int = EXAMPLES, **plan: object) -> Batches:
    return Batches(
        ToyExamples(count), toy_frame(count), encode, Plan(**{"batch_size": 8, "seed": 1, "order": order, **plan})
    )


class ToyModule(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(4, 8), nn.LayerNorm(8), nn.ReLU(), nn.Dropout(0.5))
        self.head = nn.Linear(8, 1)

    def forward(self, batch: dict[str, torch.Tensor]) -> torch.Tensor:
        return self.head(self.encoder(batch["x"])).squeeze(1)


def toy_learner(module: nn.Module | None = None, **extra: object) -> Learner:
    torch.manual_seed(0)
    module = ToyModule() if module is None else module

    def judge(batch: dict[str, torch.Tensor]) -> tuple[StepOutput, torch.Tensor, torch.Tensor]:
        outputs = module(batch)
        loss = nn.functional.binary_cross_entropy_with_logits(outputs, batch["label"].float())
        return StepOutput(loss, {"cross_entropy": loss}, len(outputs)), outputs.sigmoid(), batch["label"]

    def step(batch: dict[str, torch.Tensor], epoch: int) -> StepOutput:
        return judge(batch)[0]

    def references(split: str, batch_size: int) -> dict[str, Reference]:
        return {"cross_entropy": Reference(float(np.log(2)), 0.0)}

    return Learner(**{"module": module, "step": step, "judge": judge, "references": references, **extra})


def toy_config(**extra: object) -> TrainingConfig:
    return TrainingConfig(**{"epochs": 4, "batch_size": 8, "learning_rate": 0.05, "checkpoint_every_s": 0.0, **extra})


def toy_fit(folder: Path, learner: Learner | None = None, **config: object) -> tuple[Learner, Outcome]:
    learner, numbers = learner or toy_learner(), toy_config(**config)
    train = toy_batches(
        "drawn", batch_size=numbers.batch_size, workers=numbers.workers, max_examples=numbers.max_examples
    )
    outcome = fit(learner, train, toy_batches("fixed"), numbers, folder, "toy", 1, torch.device("cpu"))
    return learner, outcome
