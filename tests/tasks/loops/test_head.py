"""The head pools tokens as told; scores are probabilities, and chance is what a constant answer scores."""

from __future__ import annotations

from time import process_time

import numpy as np
import pandas as pd
import pytest
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
    assert not torch.equal(built.train()(tokens_BTD, {}), built(tokens_BTD, {}))
    assert torch.equal(built.eval()(tokens_BTD, {}), built(tokens_BTD, {}))


def labelled(*labels: int) -> pd.DataFrame:
    return pd.DataFrame({"label": labels})


def test_the_head_gives_one_finite_number_per_example():
    outputs_B = head.build_head(Config(), 16)(torch.randn(8, 5, 16), {})
    assert outputs_B.shape == (8,)
    assert torch.isfinite(outputs_B).all()


def test_targets_are_the_labels_of_the_examples_and_none_without_them():
    examples = {"tracks": np.zeros((3, 4, 1)), "label": np.array([1, 0, 1])}
    assert {name: array.tolist() for name, array in head.encode(examples, Config()).items()} == {"label": [1, 0, 1]}
    assert not head.encode({"tracks": examples["tracks"]}, Config())


def test_scores_are_in_the_unit_interval_and_keep_the_order_of_outputs():
    scores = head.score(torch.linspace(-5, 5, 11))
    assert ((scores >= 0) & (scores <= 1)).all()
    assert (scores.diff() > 0).all()


def test_a_constant_answer_scores_the_chance_level():
    labels_B, constant_B = torch.tensor([1, 0, 0, 0]), torch.full((4,), torch.tensor(0.25).logit())
    references = head.references(labelled(1, 0, 0, 0))
    parts = head.step(constant_B, {"label": labels_B}, Config()).parts
    found = head.metrics(head.score(constant_B).numpy(), labels_B.numpy())
    assert set(parts) | set(found) == set(references)
    for name, value in {**parts, **found}.items():
        assert float(value) == pytest.approx(references[name].chance, abs=1e-6), name


def test_certain_labels_have_no_entropy():
    for label in (0, 1):
        assert head.references(labelled(label, label))["cross_entropy"].chance == 0.0


def test_ranking_metrics_by_hand():
    found = head.metrics(np.array([0.9, 0.8, 0.7, 0.1]), np.array([1, 0, 1, 0]))
    assert found == pytest.approx({"auroc": 3 / 4, "aupr": (1 + 2 / 3) / 2})


def test_a_training_run_learns_a_separable_problem_fast():
    torch.manual_seed(0)
    labels_B = torch.arange(64) % 2
    tokens_BTD = torch.randn(64, 3, 16) + 2.0 * labels_B[:, None, None]
    built, batch, start = head.build_head(Config(), 16), {"label": labels_B}, process_time()
    for _ in range(150):
        loss = head.step(built(tokens_BTD, batch), batch, Config()).total
        gradients = torch.autograd.grad(loss, list(built.parameters()))
        with torch.no_grad():
            for parameter, gradient in zip(built.parameters(), gradients, strict=True):
                parameter -= 0.2 * gradient
    scores_B = head.score(built.eval()(tokens_BTD, batch))
    assert scores_B[labels_B == 1].min() > scores_B[labels_B == 0].max()
    assert process_time() - start < 5
