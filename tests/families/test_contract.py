"""What every family room must offer, whatever is inside."""

import math
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from toy import PAIR, pair_examples, toy_config

import chiasma
from chiasma.contracts import load_family
from chiasma.schema.rooms import room_names

FAMILIES = room_names("families")
LATE = 10_000  # an epoch after any schedule of the losses


def build(name, seed=0):
    family, config = load_family(name), toy_config(name)
    torch.manual_seed(seed)
    return family, config, family.build_model(config, PAIR)


@pytest.fixture(params=FAMILIES)
def name(request):
    return request.param


def test_some_family_lives_here():
    assert FAMILIES


def test_the_room_says_what_it_is(name):
    readme = Path(chiasma.__file__).parent / "families" / name / "README.md"
    assert "## Deviations" in readme.read_text(encoding="utf-8")


def test_the_room_yields_a_unit(name):
    assert load_family(name).yields == ("pair",), "teach tests/families/toy.py the new unit"


def test_a_batch_is_float_tensors_over_the_examples(name):
    family, config, _ = build(name)
    batch = family.encode(pair_examples(3), config, None)
    assert batch
    for tensor in batch.values():
        assert len(tensor) == 3
        assert tensor.dtype == torch.float32
        assert torch.isfinite(tensor).all()


def test_evaluation_is_deterministic_and_leaves_the_examples_alone(name):
    family, config, model = build(name)
    examples = pair_examples()
    before = {key: value.copy() for key, value in examples.items()}
    first, second = (family.embed(model, family.encode(examples, config, None)) for _ in range(2))
    family.encode(examples, config, np.random.default_rng(1))
    for key, value in first.items():
        assert torch.equal(value, second[key])
    for key, value in before.items():
        assert np.array_equal(value, examples[key])


def test_training_noise_follows_its_generator(name):
    family, config, _ = build(name)
    examples = pair_examples(8)
    first, again = (family.encode(examples, config, np.random.default_rng(7)) for _ in range(2))
    assert all(torch.equal(first[key], again[key]) for key in first)


def test_the_loss_is_finite_and_reaches_each_parameter(name):
    family, config, model = build(name)
    output = family.build_objective(config)(model, family.encode(pair_examples(), config, None), LATE)
    assert output.count == 4
    assert output.total.shape == ()
    for value in (output.total, *output.parts.values()):
        assert math.isfinite(value.item())
    output.total.backward()
    without = [key for key, value in model.named_parameters() if value.grad is None or not value.grad.abs().sum() > 0]
    assert not without


def test_the_same_seed_gives_the_same_loss_and_another_seed_another(name):
    losses = []
    for seed in (1, 1, 2):
        family, config, model = build(name, seed)
        batch = family.encode(pair_examples(), config, None)
        losses.append(family.build_objective(config)(model, batch, LATE).total.item())
    assert losses[0] == losses[1] != losses[2]


def test_the_loss_falls_on_one_batch(name):
    family, config, model = build(name)
    batch, objective = family.encode(pair_examples(), config, None), family.build_objective(config)
    optimiser = torch.optim.AdamW(model.parameters(), 3e-3)
    losses = []
    for _ in range(30):
        optimiser.zero_grad()
        losses.append(objective(model, batch, LATE).total)
        losses[-1].backward()
        optimiser.step()
    assert losses[-1].item() < 0.9 * losses[0].item()


def test_parts_have_references(name):
    family, config, model = build(name)
    objective = family.build_objective(config)
    parts = objective(model, family.encode(pair_examples(), config, None), LATE).parts
    references = objective.references(4)
    assert set(parts) == set(references)


def test_weights_reload_strictly(name):
    family, config, model = build(name, 1)
    _, _, other = build(name, 2)
    batch = family.encode(pair_examples(), config, None)
    other.load_state_dict(model.state_dict(), strict=True)
    for key, value in family.embed(model, batch).items():
        assert torch.equal(value, family.embed(other, batch)[key])


def test_embeddings_are_vectors_and_keep_the_mode(name):
    family, config, model = build(name)
    model.train()
    for vector in family.embed(model, family.encode(pair_examples(3), config, None)).values():
        assert vector.ndim == 2 and len(vector) == 3
        assert not vector.requires_grad
    assert model.training


def test_tokens_go_by_the_names_of_the_vectors_and_parts_fit_together(name):
    family, config, model = build(name)
    model.train()
    batch = family.encode(pair_examples(3), config, None)
    tokens, vectors = family.embed_tokens(model, batch), family.embed(model, batch)
    assert list(tokens) == list(vectors)
    widths, counts = {}, {}
    for key, values in tokens.items():
        modality, _, part = key.rpartition("_")
        assert modality and part, key
        assert values.ndim == 3 and len(values) == 3 and not values.requires_grad
        assert counts.setdefault(modality, values.shape[1]) == values.shape[1]
        assert widths.setdefault(part, values.shape[2]) == values.shape[2]
        assert torch.equal(values, family.embed_tokens(model, batch)[key])
    assert model.training


def test_the_representation_takes_the_pretrained_weights_and_gives_tokens(name):
    family, config, model = build(name)
    representation = family.build_representation(config, PAIR)
    representation.encoder.load_state_dict(model.state_dict(), strict=True)
    tokens = representation(family.encode(pair_examples(3), config, None))
    assert tokens.ndim == 3 and len(tokens) == 3 and tokens.shape[2] == representation.width
    tokens.square().sum().backward()
    learning = {key: value for key, value in representation.named_parameters() if value.requires_grad}
    assert [key for key, value in learning.items() if value.grad is None] == []


def test_a_training_step_at_toy_size_is_quick(name):
    start = time.process_time()
    family, config, model = build(name)
    family.build_objective(config)(model, family.encode(pair_examples(), config, None), LATE).total.backward()
    assert time.process_time() - start < 5
