"""AdamW through torch's functional form: its class makes each process import the compiler, which takes seconds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.optim.adamw import adamw

MOMENTS = ("step", "exp_avg", "exp_avg_sq")


@dataclass
class Group:
    """Parameters that share their numbers; ``scale`` is a factor on the learning rate."""

    parameters: list[nn.Parameter]
    weight_decay: float
    scale: float


class AdamW:
    """Decoupled weight decay with torch's default epsilon (Loshchilov and Hutter, arXiv 1711.05101, algorithm 2).

    Parameters
    ----------
    groups : each parameter stands in one of them
    betas : decay of the means of gradients and of their squares
    """

    epsilon = 1e-8

    def __init__(self, groups: Iterable[Group], betas: tuple[float, float] = (0.9, 0.999)) -> None:
        self.groups, self.betas = list(groups), betas
        self._moments: dict[
            int, dict[str, Tensor]
        ] = {}  # by position of the parameter in all groups; none before its first step

    def _places(self) -> Iterable[tuple[int, Group, nn.Parameter]]:
        pairs = ((group, parameter) for group in self.groups for parameter in group.parameters)
        return ((place, *pair) for place, pair in enumerate(pairs))

    @torch.no_grad()
    def step(self, learning_rate: float) -> None:
        """Move each parameter that has a gradient; one that has none neither moves nor decays."""
        for group in self.groups:
            chosen = [(place, p) for place, owner, p in self._places() if owner is group and p.grad is not None]
            moments = [self._moments.setdefault(place, _first_moments(parameter)) for place, parameter in chosen]
            adamw(
                [parameter for _, parameter in chosen],
                [parameter.grad for _, parameter in chosen],
                [each["exp_avg"] for each in moments],
                [each["exp_avg_sq"] for each in moments],
                [],
                [each["step"] for each in moments],
                amsgrad=False,
                beta1=self.betas[0],
                beta2=self.betas[1],
                lr=learning_rate * group.scale,
                weight_decay=group.weight_decay,
                eps=self.epsilon,
                maximize=False,
            )

    def zero_grad(self) -> None:
        """Forget all gradients."""
        for _, _, parameter in self._places():
            parameter.grad = None

    def tensors(self) -> dict[str, Tensor]:
        """Return the moments as ``{place}/{name}``, to be saved."""
        return {f"{place}/{name}": each[name] for place, each in self._moments.items() for name in MOMENTS}

    def load(self, tensors: Mapping[str, Tensor]) -> None:
        """Take over what `tensors` gave, each moment to its parameter's device."""
        self._moments = {}
        for place, _, parameter in self._places():
            if f"{place}/step" in tensors:
                found = {name: tensors[f"{place}/{name}"] for name in MOMENTS}
                self._moments[place] = {
                    name: value if name == "step" else value.to(parameter.device) for name, value in found.items()
                }


def _first_moments(parameter: nn.Parameter) -> dict[str, Tensor]:
    zeros = torch.zeros_like(parameter, memory_format=torch.preserve_format)
    return {"step": torch.zeros(()), "exp_avg": zeros, "exp_avg_sq": zeros.clone()}
