"""Adapters begin as nothing, learn alone, and end up inside the weights they stood beside."""

import pytest
import torch
from torch import nn
from toy_training import ToyModule, toy_config, toy_fit, toy_learner

from chiasma.core.errors import ConfigError
from chiasma.training.adapters import AdaptedLinear, adapt, merge
from chiasma.training.checkpoint import check_match

DEPTHS = 3  # embedding, two blocks, what follows


class Stack(nn.Module):
    """An embedding, two blocks and a head that say how deep they lie."""

    def __init__(self):
        super().__init__()
        self.embed, self.head = nn.Linear(4, 6), nn.Linear(6, 1)
        self.blocks = nn.ModuleList(nn.Sequential(nn.Linear(6, 6), nn.LayerNorm(6), nn.ReLU()) for _ in range(2))

    def forward(self, x):
        x = self.embed(x)
        for block in self.blocks:
            x = x + block(x)
        return self.head(x)

    def parameter_depths(self):
        places = {"embed": 0, "head": DEPTHS}
        return {
            name: (places.get(name.split(".")[0], 1 + int(name.split(".")[1]) if name[0] == "b" else 0), DEPTHS)
            for name, _ in self.named_parameters()
        }


@pytest.fixture
def stack():
    torch.manual_seed(3)
    return Stack()


def train(module, steps=3):
    learning = [parameter for parameter in module.parameters() if parameter.requires_grad]
    optimiser = torch.optim.SGD(learning, 0.1)
    torch.manual_seed(0)
    x = torch.randn(16, 4)
    for _ in range(steps):
        optimiser.zero_grad()
        (module(x) - x.sum(dim=1, keepdim=True)).square().mean().backward()
        optimiser.step()


def test_before_the_first_step_the_network_is_the_one_that_was_given(stack):
    x = torch.randn(5, 4)
    before = stack(x)
    adapt(stack, toy_config(lora_rank=2), seed=1)
    assert torch.equal(stack(x), before)


def test_only_adapters_and_what_follows_the_blocks_learn(stack):
    facts = adapt(stack, toy_config(lora_rank=2), seed=1)
    before = {name: value.clone() for name, value in stack.state_dict().items()}
    train(stack)
    moved = {name for name, value in stack.state_dict().items() if not torch.equal(value, before[name])}
    adapters = {f"blocks.{block}.0.{part}" for block in (0, 1) for part in ("down_RI", "up_OR")}
    assert moved == adapters | {"head.weight", "head.bias"}
    assert facts == {"lora_layers": 2, "lora_learning": 2 * 2 * (6 + 6) + 6 + 1}


def test_a_parameter_that_is_not_pretrained_learns_where_it_lies(stack):
    adapt(stack, toy_config(lora_rank=1), 1, fresh=("embed.bias",))
    assert stack.embed.bias.requires_grad and not stack.embed.weight.requires_grad


def test_merged_the_outputs_are_the_same_by_the_names_of_the_plain_network(stack):
    adapt(stack, toy_config(lora_rank=2, lora_alpha=3.0), seed=1)
    train(stack)
    assert any(layer.up_OR.abs().sum() > 0 for layer in stack.modules() if isinstance(layer, AdaptedLinear))
    x = torch.randn(9, 4)
    adapted = stack(x)
    merge(stack)
    torch.testing.assert_close(stack(x), adapted)
    plain = Stack()
    check_match(stack.state_dict(), plain.state_dict(), "test")
    plain.load_state_dict(stack.state_dict())
    assert torch.equal(plain(x), stack(x))
    assert not any(isinstance(layer, AdaptedLinear) for layer in stack.modules())


def test_the_addition_counts_alpha_over_rank_times():
    layer = AdaptedLinear(nn.Linear(3, 2, bias=False), rank=2, scale=6.0 / 2)
    with torch.no_grad():
        layer.weight.zero_()
        layer.down_RI.copy_(torch.tensor([[1.0, 0, 0], [0, 1.0, 0]]))
        layer.up_OR.copy_(torch.tensor([[1.0, 0], [0, 2.0]]))
    assert layer(torch.tensor([5.0, 7.0, 9.0])).tolist() == [3 * 5, 3 * 2 * 7]
    assert layer.merged().bias is None


def test_rank_0_changes_nothing(stack):
    same = Stack()
    same.load_state_dict(stack.state_dict())
    assert adapt(stack, toy_config(lora_rank=0, layer_decay=0.5), seed=1) == {}
    train(stack), train(same)
    assert all(torch.equal(one, two) for one, two in zip(stack.parameters(), same.parameters(), strict=True))


@pytest.mark.parametrize("numbers", [{"lora_rank": 2}, {"layer_decay": 0.5}])
def test_a_network_that_does_not_say_how_deep_it_is_is_refused(numbers):
    with pytest.raises(ConfigError, match="ToyModule does not say how deep its layers lie"):
        adapt(ToyModule(), toy_config(**numbers), seed=1)


class AdaptedToy(ToyModule):
    """The toy, whose encoder is one block."""

    def __init__(self):
        super().__init__()
        self.encoder.parameter_depths = lambda: {name: (1, 2) for name, _ in self.encoder.named_parameters()}


def test_the_loop_leaves_frozen_weights_alone_and_releases_adapters_when_it_is_told_to(tmp_path):
    def moved(epochs, frozen):
        module = toy_learner(AdaptedToy()).module
        adapt(module.encoder, toy_config(lora_rank=2), 1)
        before = {name: value.clone() for name, value in module.encoder.state_dict().items()}
        toy_fit(
            tmp_path / f"{epochs}-{frozen}", toy_learner(module, encoder=module.encoder), epochs=epochs, monitor="",
            freeze_encoder_epochs=frozen,
        )  # fmt: skip
        return {name for name, value in module.encoder.state_dict().items() if not torch.equal(value, before[name])}

    assert moved(1, 0) == moved(2, 1) == {"0.down_RI", "0.up_OR"}
    assert moved(1, 1) == set()
