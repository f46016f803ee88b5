"""Low-rank adapters: a few numbers learn beside each linear map of a pre-trained network, and end up added to it.

Hu et al., arXiv 2106.09685, section 4. Axes: I input channel, O output channel, R rank.
"""

from __future__ import annotations

import math
from collections.abc import Collection

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from chiasma.core.errors import ConfigError
from chiasma.core.log import log
from chiasma.core.seed import derive_seed
from chiasma.training.config import TrainingConfig


class AdaptedLinear(nn.Module):
    """A frozen linear map, and ``scale`` times a product of two narrow ones, which begins as nothing.

    Names and shapes of the frozen weight and bias are those of the map it stands for.
    """

    def __init__(self, linear: nn.Linear, rank: int, scale: float) -> None:
        super().__init__()
        self.scale, self.weight, self.bias = scale, linear.weight, linear.bias
        like = {"dtype": linear.weight.dtype, "device": linear.weight.device}
        self.down_RI = nn.Parameter(torch.empty(rank, linear.in_features, **like))
        self.up_OR = nn.Parameter(torch.zeros(linear.out_features, rank, **like))
        nn.init.kaiming_uniform_(self.down_RI, a=math.sqrt(5))

    def forward(self, x: Tensor) -> Tensor:
        """Return (..., O) of (..., I)."""
        return F.linear(x, self.weight, self.bias) + self.scale * F.linear(F.linear(x, self.down_RI), self.up_OR)

    @torch.no_grad()
    def merged(self) -> nn.Linear:
        """Return one linear map that does the same."""
        outputs, inputs = self.weight.shape
        plain = nn.Linear(inputs, outputs, self.bias is not None, device="meta")
        plain.weight = nn.Parameter(self.weight + self.scale * self.up_OR @ self.down_RI)
        plain.bias = self.bias
        return plain


def adapt(network: nn.Module, config: TrainingConfig, seed: int, fresh: Collection[str] = ()) -> dict[str, int]:
    """Put an adapter of ``lora_rank`` into each linear map inside the blocks of ``network``, and freeze what is pre-trained.

    What lies beyond the last block of a stack goes on learning. Rank 0 changes nothing.

    Parameters
    ----------
    network : pre-trained
    seed : of the run; adapters are drawn from it
    fresh : names of parameters that are not pre-trained, and so learn

    Returns
    -------
    dict
        For provenance: ``lora_layers``, and ``lora_learning``, the numbers of the network that learn; empty for rank 0.

    Raises
    ------
    ConfigError
        When ``layer_decay`` or ``lora_rank`` is set and the family does not say how deep its parameters lie.
    """
    if config.adapts and not hasattr(network, "parameter_depths"):
        raise ConfigError(
            f"layer_decay and lora_rank: {type(network).__name__} does not say how deep its layers lie; leave both out"
        )
    if not config.lora_rank:
        return {}
    depths = network.parameter_depths()
    for name, parameter in network.named_parameters():
        depth, last = depths[name]
        if depth < last and name not in fresh:
            parameter.requires_grad_(False)
    torch.manual_seed(derive_seed(seed, "adapters"))
    inner = [name for name, layer in network.named_modules() if type(layer) is nn.Linear and _is_inner(name, depths)]
    for name in inner:
        _replace(
            network,
            name,
            AdaptedLinear(network.get_submodule(name), config.lora_rank, config.lora_alpha / config.lora_rank),
        )
    learning = sum(parameter.numel() for parameter in network.parameters() if parameter.requires_grad)
    log.info(
        "adapters of rank %d beside %d linear maps; %d numbers of the network learn",
        config.lora_rank,
        len(inner),
        learning,
    )
    return {"lora_layers": len(inner), "lora_learning": learning}


def merge(module: nn.Module) -> None:
    """Add each adapter to the map it stands beside: the same outputs, by the names and shapes of the plain network."""
    for name in [name for name, layer in module.named_modules() if isinstance(layer, AdaptedLinear)]:
        _replace(module, name, module.get_submodule(name).merged())


def _is_inner(name: str, depths: dict[str, tuple[int, int]]) -> bool:
    depth, last = depths[f"{name}.weight"]
    return 0 < depth < last


def _replace(module: nn.Module, name: str, layer: nn.Module) -> None:
    holder, _, own = name.rpartition(".")
    setattr(module.get_submodule(holder), own, layer)
