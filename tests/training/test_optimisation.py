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


class Deep(nn.Module):
    """An encoder of two blocks that says how deep its parameters lie."""

    def __init__(self):
        super().__init__()
        self.embed, self.last = nn.Linear(2, 2), nn.Linear(2, 2)
        self.blocks = nn.ModuleList(nn.Linear(2, 2) for _ in range(2))

    def parameter_depths(self):
        depth = {"embed": 0, "blocks.0": 1, "blocks.1": 2, "last": 3}
        return {name: (depth[name.rpartition(".")[0]], 3) for name, _ in self.named_parameters()}


def test_of_n_blocks_block_k_learns_at_decay_to_the_n_minus_k_and_embeddings_the_slowest():
    module = nn.ModuleDict({"encoder": Deep(), "head": nn.Linear(2, 1)})
    expected = {"embed": 0.5**3, "blocks.0": 0.5**2, "blocks.1": 0.5, "last": 1.0}
    for holder, encoder, factor in ((module, module["encoder"], 0.1), (module["encoder"], None, 1.0)):
        config = toy_config(layer_decay=0.5, encoder_learning_rate_scale=0.1)
        optimiser = build_optimiser(holder, config, encoder)
        found = {id(parameter): group.scale for group in optimiser.groups for parameter in group.parameters}
        for name, parameter in module["encoder"].named_parameters():
            assert found[id(parameter)] == pytest.approx(factor * expected[name.rpartition(".")[0]]), name
    optimiser = build_optimiser(module, toy_config(layer_decay=0.5), module["encoder"])
    assert {
        group.scale for group in optimiser.groups for each in group.parameters if each is module["head"].weight
    } == {1.0}
    assert {group.scale for group in build_optimiser(module, toy_config(layer_decay=0.5)).groups} == {1.0}


def test_betas_are_those_of_the_run():
    assert build_optimiser(ToyModule(), toy_config()).betas == (0.9, 0.999)
    module, rate = nn.Linear(1, 1, bias=False), 0.1
    optimiser = build_optimiser(module, toy_config(betas=[0.5, 0.0], weight_decay=0.0))
    before = module.weight.item()
    for gradient in (2.0, -2.0):
        module.weight.grad = torch.tensor([[gradient]])
        optimiser.step(rate)
    second = (0.5 * (0.5 * 2.0) - 0.5 * 2.0) / (
        1 - 0.5**2
    )  # the corrected mean of both gradients, over the last one's size
    assert module.weight.item() == pytest.approx(before - rate * (1 + second / 2), rel=1e-4)


def test_only_what_learnt_before_is_released_again():
    module = ToyModule()
    module.encoder[0].bias.requires_grad_(False)
    learning = [each for each in module.encoder.parameters() if each.requires_grad]
    for frozen in (True, False):
        set_frozen(module.encoder, frozen, learning)
        assert [each.requires_grad for each in learning] == [not frozen] * len(learning)
    assert not module.encoder[0].bias.requires_grad
