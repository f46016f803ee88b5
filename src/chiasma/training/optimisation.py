"""Device, precision, optimiser and learning-rate schedule of a training run."""

from __future__ import annotations

import math
from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext

import torch
from torch import Tensor, nn

from chiasma.core.errors import ConfigError
from chiasma.core.log import log
from chiasma.training.adamw import AdamW, Group
from chiasma.training.config import TrainingConfig


def choose_device() -> torch.device:
    """Return the GPU when there is one, else the CPU; the number of CPU threads is that of ``OMP_NUM_THREADS``."""
    if not torch.cuda.is_available():
        log.info("device: cpu, %d threads", torch.get_num_threads())
        return torch.device("cpu")
    torch.set_float32_matmul_precision("high")
    log.info("device: %s", torch.cuda.get_device_name())
    return torch.device("cuda")


def device_name(device: torch.device) -> str:
    """Return the device in words, for provenance."""
    return torch.cuda.get_device_name(device) if device.type == "cuda" else f"cpu, {torch.get_num_threads()} threads"


def mixed_precision(precision: str, device: torch.device) -> AbstractContextManager:
    """Return a new autocast context for ``precision`` (float32, bfloat16 or auto); it does nothing in float32.

    ``auto`` is bfloat16 on a GPU that computes in it, else float32.
    """
    if precision == "auto":
        precision = "bfloat16" if device.type == "cuda" and torch.cuda.is_bf16_supported() else "float32"
    return torch.autocast(device.type, torch.bfloat16) if precision == "bfloat16" else nullcontext()


def is_decayed(parameter: Tensor) -> bool:
    """Return whether weight decay applies: to matrices and kernels, not to norms, biases and scalars."""
    return parameter.ndim >= 2


def build_optimiser(module: nn.Module, config: TrainingConfig, encoder: nn.Module | None = None) -> AdamW:
    """Build AdamW over the parameters of ``module`` in groups by weight decay and by ``scale``.

    ``scale`` is ``encoder_learning_rate_scale`` for parameters of ``encoder`` and 1 for the rest, times what `layer_scales`
    says of the encoder, or of the whole module where there is none.
    """
    inside = {id(parameter) for parameter in encoder.parameters()} if encoder is not None else set()
    layers = layer_scales(module if encoder is None else encoder, config.layer_decay)
    groups: dict[tuple[float, float], list[nn.Parameter]] = {}
    for parameter in module.parameters():
        scale = config.encoder_learning_rate_scale if id(parameter) in inside else 1.0
        scale *= layers.get(id(parameter), 1.0)
        decay = config.weight_decay if is_decayed(parameter) else 0.0
        groups.setdefault((decay, scale), []).append(parameter)
    if not groups:
        raise ConfigError("the model has no parameters to train")
    return AdamW((Group(members, decay, scale) for (decay, scale), members in groups.items()), tuple(config.betas))


def layer_scales(module: nn.Module, decay: float) -> dict[int, float]:
    """Return the factor on the learning rate of each parameter, by its id: decay to the power of the layers above its own.

    Of n blocks, block k from 0 has decay ** (n - k), embeddings decay ** (n + 1), and what follows the last block 1. A
    module that does not say how deep its parameters lie (a task's, without pre-trained weights) has none.
    """
    if decay == 1 or not hasattr(module, "parameter_depths"):
        return {}
    depths = module.parameter_depths()
    return {
        id(parameter): decay ** (depths[name][1] - depths[name][0]) for name, parameter in module.named_parameters()
    }


def learning_rate_factor(step: int, steps: int, config: TrainingConfig) -> float:
    """Return the factor on the learning rate at ``step`` (from 0) of ``steps``.

    It rises linearly over the first ``warmup_fraction`` of the steps to 1, then stays (constant) or follows half a cosine
    down to 0 after the last step (cosine).
    """
    warmup = math.ceil(config.warmup_fraction * steps)
    if step < warmup:
        return (step + 1) / warmup
    if config.schedule == "constant":
        return 1.0
    return 0.5 * (1 + math.cos(math.pi * (step - warmup) / max(1, steps - warmup)))


def clip_gradients(parameters: Iterable[nn.Parameter], clip_norm: float) -> Tensor:
    """Return the norm of all gradients together, after scaling them down to ``clip_norm`` when it is larger (0: never)."""
    moved = [parameter for parameter in parameters if parameter.grad is not None]
    norm = torch.nn.utils.get_total_norm([parameter.grad for parameter in moved])
    if clip_norm > 0:
        torch.nn.utils.clip_grads_with_norm_(moved, clip_norm, norm)
    return norm


def set_frozen(module: nn.Module, frozen: bool, learning: Iterable[nn.Parameter] | None = None) -> None:
    """Freeze or release a module: frozen, its weights get no gradient and its layers behave as in evaluation.

    Parameters
    ----------
    learning : the weights that learn when it is released; None for all
    """
    for parameter in module.parameters() if learning is None else learning:
        parameter.requires_grad_(not frozen)
    if frozen:
        module.eval()
