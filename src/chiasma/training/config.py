"""The numbers of a training run; needs no torch, so that a study can be checked without it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from chiasma.core.errors import ConfigError


@dataclass(frozen=True)
class TrainingConfig:
    """One training run: optimiser, schedule, batches, saving.

    Attributes
    ----------
    epochs : passes over the training examples
    batch_size : examples per optimiser step and device, after accumulation
    accumulate : micro-batches a batch is cut into; 1 for none
    learning_rate, weight_decay : of AdamW
    betas : of AdamW: how much of their past the means of gradients and of their squares keep at each step
    warmup_fraction : share of all steps over which the learning rate rises linearly
    schedule : constant, or cosine down to zero after the warm-up
    clip_norm : gradients are scaled down to this norm; 0 for none
    precision : float32, bfloat16 (autocast), or auto: bfloat16 on a GPU that has it, else float32
    workers : data-loading processes beside the main one
    monitor : part of the validation loss, or metric, that picks the weights kept; empty keeps the last
    monitor_mode : whether a smaller (min) or a larger (max) monitor is better
    patience : epochs without a better monitor after which training stops; 0 for never
    checkpoint_every_s : seconds between checkpoints
    max_examples : training examples used per epoch, drawn anew each epoch; 0 for all
    sampling_temperature : an epoch has examples of each tileset and sample in proportion to their number to the power of one
        over this; 1 for all alike, the higher the more even, so that small genomes and shallow samples come up more often
    freeze_encoder_epochs : fine-tuning only: epochs during which the encoder's weights stay as pre-trained
    encoder_learning_rate_scale : fine-tuning only: factor on the learning rate of pre-trained weights
    layer_decay : of pre-trained weights: a block learns by this factor more slowly than the block after it, embeddings the
        slowest; 1 for none
    lora_rank : of pre-trained weights: they stay as they are, and each linear map of a block learns an addition of this rank
        instead, which the written weights hold added up; what follows the last block, and heads, learn as ever; 0 for none
    lora_alpha : that addition counts lora_alpha / lora_rank times
    permute_labels : fine-tuning only: control in which the training labels are shuffled
    """

    epochs: int
    batch_size: int
    learning_rate: float
    accumulate: int = 1
    weight_decay: float = 1e-6
    betas: tuple[float, float] = (0.9, 0.999)
    warmup_fraction: float = 0.05
    schedule: Literal["constant", "cosine"] = "cosine"
    clip_norm: float = 1.0
    precision: Literal["auto", "float32", "bfloat16"] = "auto"
    workers: int = 0
    monitor: str = "total"
    monitor_mode: Literal["min", "max"] = "min"
    patience: int = 0
    checkpoint_every_s: float = 120.0
    max_examples: int = 0
    sampling_temperature: float = 1.0
    freeze_encoder_epochs: int = 0
    encoder_learning_rate_scale: float = 1.0
    layer_decay: float = 1.0
    lora_rank: int = 0
    lora_alpha: float = 16.0
    permute_labels: bool = False

    def __post_init__(self) -> None:
        for name in ("epochs", "batch_size", "accumulate"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1, found {getattr(self, name)}")
        if self.batch_size % self.accumulate:
            raise ValueError(f"batch_size {self.batch_size} is not a multiple of accumulate {self.accumulate}")
        if not 0 <= self.warmup_fraction < 1:
            raise ValueError(f"warmup_fraction must be in [0, 1), found {self.warmup_fraction}")
        if not self.sampling_temperature > 0:
            raise ValueError(f"sampling_temperature must be more than 0, found {self.sampling_temperature}")
        if len(self.betas) != 2 or not all(0 <= beta < 1 for beta in self.betas):
            raise ValueError(f"betas must be two numbers in [0, 1), found {list(self.betas)}")
        if not 0 < self.layer_decay <= 1:
            raise ValueError(f"layer_decay must be in (0, 1], found {self.layer_decay:g}")
        if self.lora_rank < 0 or self.lora_alpha <= 0:
            raise ValueError(
                f"lora_rank must be 0 or more and lora_alpha positive, found {self.lora_rank} and {self.lora_alpha:g}"
            )

    @property
    def adapts(self) -> bool:
        """Whether pre-trained weights are treated unlike others, by what the family says of their depth."""
        return self.layer_decay < 1 or self.lora_rank > 0


def check_pretraining(config: TrainingConfig, init: str | None, where: str) -> None:
    """Raise ConfigError when pre-training is to adapt weights, and starts from random ones."""
    if config.adapts and init is None:
        raise ConfigError(
            f"{where}: layer_decay and lora_rank adapt weights that are pre-trained already; name them (init), or leave both out"
        )
