"""The head pools tokens as told."""

from __future__ import annotations

import torch

from chiasma.tasks.loops import head
from chiasma.tasks.loops.config import Config


def test_attention_starts_as_the_mean_and_can_leave_it():
    torch.manual_seed(0)
    tokens_BTD = torch.randn(3, 5, 8)
    attention, mean = head.AttentionPool(8), head.MeanPool()
    assert torch.allclose(attention(tokens_BTD), mean(tokens_BTD), atol=1e-6)
    with torch.no_grad():
        attention.weigh.weight.fill_(1000.0)
    strongest_B = tokens_BTD.sum(dim=2).argmax(dim=1)
    assert torch.allclose(attention(tokens_BTD), tokens_BTD[torch.arange(3), strongest_B], atol=0.1)


def test_the_head_has_the_parameters_of_the_paper():
    """Linear(8E, 32) and Linear(32, 1), spec 2.6, at E = 128."""
    built = head.build_head(Config(), 1024)
    assert sum(parameter.numel() for parameter in built.parameters()) == 1024 * 32 + 32 + 32 + 1


def test_dropout_acts_in_training_only():
    torch.manual_seed(0)
    built, tokens_BTD = head.build_head(Config(dropout=0.5), 16), torch.randn(4, 3, 16)
    assert not torch.equal(built.train()(tokens_BTD), built(tokens_BTD))
    assert torch.equal(built.eval()(tokens_BTD), built(tokens_BTD))


def test_certain_labels_have_no_entropy():
    for fraction in (0.0, 1.0):
        assert head.references(fraction)["cross_entropy"].chance == 0.0
