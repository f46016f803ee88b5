"""What every task room must offer, checked for each room there is."""

from __future__ import annotations

import dataclasses
from time import process_time

import pytest
import torch

from chiasma.contracts import load_task
from chiasma.schema.rooms import room_module, room_names

TASKS = room_names("tasks")
WIDTH = 16


@pytest.fixture(params=TASKS)
def task(request):
    return load_task(request.param)


def head_of(task, seed: int = 0):
    torch.manual_seed(seed)
    return task.build_head(task.config(), WIDTH)


def tokens_and_labels():
    torch.manual_seed(1)
    return torch.randn(8, 5, WIDTH), torch.arange(8) % 2


def test_there_are_rooms():
    assert TASKS


def test_the_head_gives_one_finite_number_per_example(task):
    tokens_BTD, _ = tokens_and_labels()
    outputs_B = head_of(task)(tokens_BTD)
    assert outputs_B.shape == (8,)
    assert torch.isfinite(outputs_B).all()


def test_the_loss_is_finite_and_each_parameter_has_a_gradient(task):
    tokens_BTD, labels_B = tokens_and_labels()
    head = head_of(task)
    result = task.step(head(tokens_BTD), labels_B)
    result.total.backward()
    assert torch.isfinite(result.total)
    assert result.count == 8
    assert all(parameter.grad is not None for parameter in head.parameters())
    assert any(parameter.grad.abs().sum() > 0 for parameter in head.parameters())


def test_the_same_seed_gives_the_same_loss(task):
    def loss() -> torch.Tensor:
        tokens_BTD, labels_B = tokens_and_labels()
        head = head_of(task, seed=3)
        torch.manual_seed(4)
        return task.step(head(tokens_BTD), labels_B).total

    assert torch.equal(loss(), loss())


def test_weights_reload_strictly_and_evaluation_is_deterministic(task):
    tokens_BTD, _ = tokens_and_labels()
    first, second = head_of(task, seed=0).eval(), head_of(task, seed=1).eval()
    second.load_state_dict(first.state_dict(), strict=True)
    assert torch.equal(first(tokens_BTD), first(tokens_BTD))
    assert torch.equal(first(tokens_BTD), second(tokens_BTD))


def test_scores_are_in_the_unit_interval_and_keep_the_order_of_outputs(task):
    scores = task.score(torch.linspace(-5, 5, 11))
    assert ((scores >= 0) & (scores <= 1)).all()
    assert (scores.diff() > 0).all()


def test_each_part_of_the_loss_has_a_reference(task):
    tokens_BTD, labels_B = tokens_and_labels()
    parts = task.step(head_of(task)(tokens_BTD), labels_B).parts
    references = task.references(0.5)
    assert set(parts) == set(references)
    assert all(reference.floor <= reference.chance for reference in references.values())


def test_a_constant_answer_scores_the_chance_level(task):
    labels_B = torch.tensor([1, 0, 0, 0])
    constant_B = torch.full((4,), torch.tensor(0.25).logit())
    parts, references = task.step(constant_B, labels_B).parts, task.references(0.25)
    for name, reference in references.items():
        assert parts[name].item() == pytest.approx(reference.chance, abs=1e-6)


def test_the_configuration_and_each_baseline_has_defaults_and_is_frozen(task):
    room = room_module("tasks", task.name, "config")
    for cls in (room.Config, *room.BASELINES.values()):
        value = cls()
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(value, dataclasses.fields(cls)[0].name, None)
        documented = cls.__doc__ or ""
        assert all(field.name in documented for field in dataclasses.fields(cls))


def test_a_training_run_learns_a_separable_problem_fast(task):
    torch.manual_seed(0)
    labels_B = torch.arange(64) % 2
    tokens_BTD = torch.randn(64, 3, WIDTH) + 2.0 * labels_B[:, None, None]
    head, start = head_of(task), process_time()
    for _ in range(150):
        gradients = torch.autograd.grad(task.step(head(tokens_BTD), labels_B).total, list(head.parameters()))
        with torch.no_grad():
            for parameter, gradient in zip(head.parameters(), gradients, strict=True):
                parameter -= 0.2 * gradient
    scores_B = task.score(head.eval()(tokens_BTD))
    assert scores_B[labels_B == 1].min() > scores_B[labels_B == 0].max()
    assert process_time() - start < 5
