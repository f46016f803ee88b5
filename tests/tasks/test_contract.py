"""What every task room must offer, checked for each room there is."""

from __future__ import annotations

import dataclasses
import pickle
from time import process_time

import numpy as np
import pytest
import torch
from toy import toy_config
from toy_inputs import COUNT, SHAPES, WIDTH, toy_batch, toy_examples, toy_features, toy_frame

from chiasma.contracts import load_family, load_task
from chiasma.schema.rooms import room_module, room_names

TASKS = room_names("tasks")
PREDICTIONS = {"calls", "maps", "profiles"}
FUNCTIONS = {"labels": ("build_examples",), "decode": ("predict",), "baselines": ("predict",)}


@pytest.fixture(params=TASKS)
def task(request):
    return load_task(request.param)


@pytest.fixture
def room(task):
    return room_module("tasks", task.name, "config")


def head_of(task, seed: int = 0):
    torch.manual_seed(seed)
    return task.build_head(task.config(), WIDTH)


def loss_of(task, head, seed: int = 4):
    torch.manual_seed(seed)
    batch = toy_batch(task)
    return task.step(head(toy_features(task), batch), batch, task.config())


def filled(array: np.ndarray) -> np.ndarray:
    return np.nan_to_num(array, nan=0.5)


# ------------------------------------------------------------------------------------------------------- the room


def test_there_are_rooms():
    assert TASKS


def test_the_room_says_what_it_needs_hides_and_predicts(task, room):
    assert task.needs in SHAPES
    assert task.predicts in PREDICTIONS
    assert set(task.hides) <= toy_examples(task).keys()
    assert len(room.LABELS) > 0 and all(isinstance(label, int) for label in room.LABELS)


def test_keys_that_the_room_names_are_keys_of_its_configuration(room):
    fields = {field.name for field in dataclasses.fields(room.Config)}
    assert {*room.HEAD, *room.CALLING} <= fields
    assert not {*room.HEAD} & {*room.CALLING}, "what fine-tuning reads is not of calling alone"
    for key in (room.READS, room.TRUTH):
        assert key is None or key in fields


def test_the_configuration_and_each_baseline_has_defaults_and_is_frozen(room):
    for cls in (room.Config, *room.BASELINES.values()):
        value = cls()
        with pytest.raises(dataclasses.FrozenInstanceError):
            value.anything = None
        documented = cls.__doc__ or ""
        assert all(field.name in documented for field in dataclasses.fields(cls))
    assert all(isinstance(cls.SEEDED, bool) for cls in room.BASELINES.values())


def test_each_module_offers_what_the_commands_call(task, room):
    for module, names in FUNCTIONS.items():
        found = room_module("tasks", task.name, module)
        assert all(callable(getattr(found, name, None)) for name in names), module
    reads_files = callable(getattr(room_module("tasks", task.name, "labels"), "read", None))
    assert reads_files or room.READS is None


def test_the_bundle_travels_to_loading_processes(task):
    assert pickle.loads(pickle.dumps(task)) == task


# ---------------------------------------------------------------------------------------------------- the targets


def test_targets_share_the_first_axis_and_leave_the_examples_alone(task):
    examples, before = toy_examples(task), toy_examples(task)
    encoded = task.encode(examples, task.config())
    assert encoded
    assert all(len(array) == COUNT for array in encoded.values())
    assert all(
        np.array_equal(examples[name], array, equal_nan=array.dtype.kind == "f") for name, array in before.items()
    )


def test_each_example_is_encoded_by_itself(task):
    examples = toy_examples(task)
    whole = task.encode(examples, task.config())
    alone = task.encode({name: array[2:3] for name, array in examples.items()}, task.config())
    for name, array in whole.items():
        np.testing.assert_array_equal(alone[name][0], array[2])


def test_pairs_without_labels_can_be_predicted(task):
    examples = {name: array for name, array in toy_examples(task).items() if name != "label"}
    head, batch = head_of(task).eval(), toy_batch(task, examples)
    assert torch.isfinite(task.score(head(toy_features(task), batch))).all()


@pytest.mark.parametrize("family", room_names("families"))
def test_no_target_takes_the_place_of_an_input(task, family):
    bundle = load_family(family)
    inputs = bundle.encode(toy_examples(task), toy_config(family), None)
    assert not set(inputs) & set(toy_batch(task))


def test_outputs_do_not_depend_on_what_is_hidden(task):
    """The head may read the batch beside what the family yields, but not what is to be predicted, nor the label."""
    head, examples, other = head_of(task).eval(), toy_examples(task), toy_examples(task, seed=5)
    changed = examples | {name: other[name] for name in task.hides} | {"label": examples["label"][::-1].copy()}
    first, second = (head(toy_features(task), toy_batch(task, each)) for each in (examples, changed))
    assert torch.equal(first, second)
    moved = [
        name for name, tensor in toy_batch(task, examples).items() if not tensor.equal(toy_batch(task, changed)[name])
    ]
    assert moved, "the targets come from what is hidden, or from the label"


# ------------------------------------------------------------------------------------------------------- the loss


def test_the_loss_is_finite_and_each_parameter_has_a_gradient(task):
    head, reached = head_of(task), set()
    for _ in range(3):  # a weight behind one that starts at zero is reached in the second step
        head.zero_grad()
        result = loss_of(task, head)
        result.total.backward()
        assert result.total.shape == () and torch.isfinite(result.total)
        assert all(torch.isfinite(part).all() for part in result.parts.values())
        assert result.count == COUNT
        reached |= {name for name, value in head.named_parameters() if value.grad is not None and value.grad.any()}
        with torch.no_grad():
            for value in head.parameters():
                value -= 0 if value.grad is None else 1e-2 * value.grad
    assert {name for name, _ in head.named_parameters()} == reached


def test_the_same_seed_gives_the_same_loss_and_another_seed_another(task):
    """After one step: a head that starts at the identity has the same loss from any seed before it."""

    def loss_after_a_step(seed: int) -> float:
        head = head_of(task, seed)
        loss_of(task, head, seed).total.backward()
        with torch.no_grad():
            for value in head.parameters():
                value -= 0 if value.grad is None else 1e-2 * value.grad
        return loss_of(task, head, seed).total.item()

    losses = [loss_after_a_step(seed) for seed in (3, 3, 4)]
    assert losses[0] == losses[1] != losses[2]


def test_weights_reload_strictly_and_evaluation_is_deterministic(task):
    first, second = head_of(task, seed=0).eval(), head_of(task, seed=1).eval()
    features, batch = toy_features(task), toy_batch(task)
    second.load_state_dict(first.state_dict(), strict=True)
    assert torch.equal(first(features, batch), first(features, batch))
    assert torch.equal(first(features, batch), second(features, batch))


def test_an_examples_outputs_do_not_depend_on_its_batch_mates(task):
    head, features, batch = head_of(task).eval(), toy_features(task), toy_batch(task)
    alone = head(features[2:3], {name: tensor[2:3] for name, tensor in batch.items()})
    torch.testing.assert_close(head(features, batch)[2:3], alone, atol=1e-5, rtol=1e-5)


def test_the_loss_falls_when_features_and_head_follow_it(task):
    head, batch = head_of(task).eval(), toy_batch(task)
    features = toy_features(task).requires_grad_()
    optimiser, losses = torch.optim.Adam([features, *head.parameters()], lr=0.03), []
    start = process_time()  # the first optimiser of a process imports torch's compiler for seconds
    for _ in range(60):
        optimiser.zero_grad()
        loss = task.step(head(features, batch), batch, task.config()).total
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    assert max(losses[-5:]) < min(losses[:5])
    assert features.grad.abs().sum() > 0, "the family learns through the head"
    assert process_time() - start < 5


# ------------------------------------------------------------------------------- what is predicted, and its yardsticks


def test_scores_and_truths_have_one_shape_and_scores_are_finite(task):
    batch = toy_batch(task)
    scores = task.score(head_of(task).eval()(toy_features(task), batch))
    assert scores.shape == task.truth(batch).shape
    assert len(scores) == COUNT
    assert torch.isfinite(scores).all()
    assert torch.isfinite(task.truth(batch).float()).any()


def test_each_part_of_the_loss_has_a_reference(task):
    parts, references = loss_of(task, head_of(task)).parts, task.references(toy_frame(task))
    assert set(parts) <= set(references)
    for name in parts:
        assert not references[name].floor > references[name].chance, "a loss is at its best at its floor"


def test_metrics_of_a_perfect_prediction_are_at_their_floor(task):
    truths = task.truth(toy_batch(task)).float().numpy()
    found, references = task.metrics(filled(truths), truths), task.references(toy_frame(task))
    assert found
    for name, value in found.items():
        floor = references[name].floor if name in references else float("nan")
        assert np.isfinite(value), name
        assert np.isnan(floor) or value == pytest.approx(floor, abs=1e-6), name


def test_metrics_know_a_worse_prediction_from_a_perfect_one(task):
    truths, rng = task.truth(toy_batch(task)).float().numpy(), np.random.default_rng(0)
    perfect = task.metrics(filled(truths), truths)
    worse = task.metrics(filled(truths) + rng.normal(0, 3, truths.shape).astype(np.float32), truths)
    assert any(worse[name] != pytest.approx(value, abs=1e-3) for name, value in perfect.items())
    assert worse.keys() == perfect.keys()
