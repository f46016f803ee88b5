import pytest
import torch
from torch import nn
from toy_training import ToyModule, toy_config

from chiasma.core.errors import ConfigError
from chiasma.training.optimisation import (
    build_optimiser,
    clip_gradients,
    learning_rate_factor,
    mixed_precision,
    set_frozen,
)


def test_learning_rate_rises_then_falls_to_nothing():
    config = toy_config(warmup_fraction=0.2)
    factors = [learning_rate_factor(step, 10, config) for step in range(11)]
    assert factors[:3] == [0.5, 1.0, 1.0]
    assert factors[6] == pytest.approx(0.5)
    assert factors[2:] == sorted(factors[2:], reverse=True)
    assert factors[10] == pytest.approx(0)
    constant = toy_config(warmup_fraction=0.2, schedule="constant")
    assert [learning_rate_factor(step, 10, constant) for step in (0, 1, 5, 9)] == [0.5, 1, 1, 1]


def test_norms_and_biases_do_not_decay_and_a_pretrained_encoder_is_scaled():
    module = ToyModule()
    optimiser = build_optimiser(module, toy_config(weight_decay=0.1, encoder_learning_rate_scale=0.25), module.encoder)
    found = {id(p): (group.weight_decay, group.scale) for group in optimiser.groups for p in group.parameters}
    for name, parameter in module.named_parameters():
        scale = 0.25 if name.startswith("encoder") else 1.0
        decay = 0.1 if name in ("encoder.0.weight", "head.weight") else 0.0
        assert found[id(parameter)] == pytest.approx((decay, scale)), name


def test_without_a_pretrained_encoder_all_learn_alike():
    optimiser = build_optimiser(ToyModule(), toy_config(encoder_learning_rate_scale=0.25))
    assert {group.scale for group in optimiser.groups} == {1.0}


def test_a_module_without_parameters_is_refused():
    with pytest.raises(ConfigError, match="no parameters"):
        build_optimiser(nn.ReLU(), toy_config())


def test_gradients_are_scaled_down_to_the_norm_and_never_up():
    module = nn.Linear(3, 1, bias=False)
    for clip, after in ((0.0, 5.0), (2.0, 2.0), (9.0, 5.0)):
        module.weight.grad = torch.tensor([[3.0, 4.0, 0.0]])
        assert clip_gradients(module.parameters(), clip).item() == pytest.approx(5.0)
        assert module.weight.grad.norm().item() == pytest.approx(after, rel=1e-5)


def test_precision():
    cpu, layer, x = torch.device("cpu"), nn.Linear(2, 2), torch.ones(1, 2)
    for precision, dtype in (("float32", torch.float32), ("auto", torch.float32), ("bfloat16", torch.bfloat16)):
        with mixed_precision(precision, cpu):
            assert layer(x).dtype == dtype


def test_a_frozen_module_gets_no_gradient_and_draws_no_dropout():
    module = ToyModule().train()
    set_frozen(module.encoder, True)
    module({"x": torch.ones(2, 4)}).sum().backward()
    assert all(parameter.grad is None for parameter in module.encoder.parameters())
    assert module.head.weight.grad is not None and not module.encoder.training
    set_frozen(module.encoder, False)
    assert all(parameter.requires_grad for parameter in module.encoder.parameters())
