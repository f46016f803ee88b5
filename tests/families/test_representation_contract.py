"""What every family room must offer to tasks, for each toy variant and each need that it yields."""

import time
from pathlib import Path

import numpy as np
import pytest
import torch
from toy import PAIR, pair_examples, toy_config, toy_variants

import chiasma
from chiasma.contracts import load_family
from chiasma.core.errors import ConfigError, InputError
from chiasma.schema.rooms import room_module, room_names

FAMILIES = room_names("families")
VARIANTS = [(name, variant) for name in FAMILIES for variant in toy_variants(name)]
SUPERVISED = [(name, variant) for name, variant in VARIANTS if not room_module("families", name, "config").PRETRAINS]
CASES = [
    (name, variant, need) for name, variant in VARIANTS for need in load_family(name).yields(toy_config(name, variant))
]
SHAPES = {
    "strip": (2 * PAIR.tile_bins,),
    "grid": (PAIR.tile_bins, PAIR.tile_bins),
}


def represent(name, variant, need, seed=0):
    family, config = load_family(name), toy_config(name, variant)
    torch.manual_seed(seed)
    return family, config, family.build_representation(config, PAIR, need)


@pytest.mark.parametrize("name", FAMILIES)
def test_the_room_says_what_it_is_and_what_it_yields(name):
    readme = Path(chiasma.__file__).parent / "families" / name / "README.md"
    assert "## Deviations" in readme.read_text(encoding="utf-8")
    room = room_module("families", name, "config")
    assert {need for family, _, need in CASES if family == name} == set(room.YIELDS), "a toy for each need"
    assert isinstance(room.BASELINE, bool)


@pytest.mark.parametrize(("name", "variant", "need"), CASES)
def test_what_comes_has_the_axes_of_the_need_and_the_stated_width(name, variant, need):
    family, config, representation = represent(name, variant, need)
    features = representation(family.encode(pair_examples(3), config, None))
    assert len(features) == 3 and features.shape[-1] == representation.width
    assert features.shape[1:-1] == SHAPES[need] if need in SHAPES else features.ndim == 3
    assert torch.isfinite(features).all()


@pytest.mark.parametrize(("name", "variant", "need"), CASES)
def test_a_gradient_reaches_each_number_that_learns(name, variant, need):
    family, config, representation = represent(name, variant, need)
    features = representation(family.encode(pair_examples(3), config, None))
    (features * torch.randn_like(features)).sum().backward()
    learning = {key: value for key, value in representation.named_parameters() if value.requires_grad}
    assert learning
    assert [key for key, value in learning.items() if value.grad is None or not value.grad.abs().sum() > 0] == []


@pytest.mark.parametrize(("name", "variant", "need"), CASES)
def test_in_evaluation_it_is_deterministic_and_each_example_stands_alone(name, variant, need):
    family, config, representation = represent(name, variant, need)
    examples = pair_examples(4)
    batch = family.encode(examples, config, None)
    representation.train()(batch)
    with torch.no_grad():
        features = representation.eval()(batch)
        assert torch.equal(features, representation(family.encode(examples, config, None)))
        alone = representation({key: tensor[1:2] for key, tensor in batch.items()})
    torch.testing.assert_close(features[1:2], alone, atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize(("name", "variant", "need"), CASES)
def test_weights_reload_strictly_and_follow_the_seed(name, variant, need):
    family, config, first = represent(name, variant, need, seed=1)
    batch = family.encode(pair_examples(2), config, None)
    again, other = (represent(name, variant, need, seed)[2].eval() for seed in (1, 2))
    assert torch.equal(first.eval()(batch), again(batch))
    assert not torch.equal(first(batch), other(batch))
    other.load_state_dict(first.state_dict(), strict=True)
    assert torch.equal(first(batch), other(batch))


@pytest.mark.parametrize(("name", "variant", "need"), CASES)
def test_it_reads_what_it_says_and_nothing_else(name, variant, need):
    family, config, representation = represent(name, variant, need)
    examples, read = pair_examples(2), family.reads(config)
    hidden = {"contacts": ("contacts", "expected", "valid"), "tracks": ("tracks",)}
    unread = {array for modality in hidden.keys() - read for array in hidden[modality]}
    rest = {key: array for key, array in examples.items() if key not in unread}
    full = family.encode(examples, config, None)
    features = representation.eval()(full)
    assert torch.equal(features, representation(family.encode(rest, config, None)))
    for modality in read:
        assert not torch.equal(features, representation({**full, modality: full[modality] + 1}))


@pytest.mark.parametrize(("name", "variant", "need"), CASES)
def test_a_batch_with_nothing_to_read_is_an_error(name, variant, need):
    _, _, representation = represent(name, variant, need)
    with pytest.raises(InputError, match="reads"):
        representation({"label": torch.ones(2)})


@pytest.mark.parametrize(("name", "variant", "need"), CASES)
def test_it_learns_one_batch_by_heart(name, variant, need):
    family, config, representation = represent(name, variant, need)
    batch = family.encode(pair_examples(), config, None)
    head = torch.nn.Linear(representation.width, 1)
    wanted = torch.randn_like(head(representation(batch)).detach().flatten(1).mean(dim=1))
    optimiser = torch.optim.AdamW([*representation.parameters(), *head.parameters()], 3e-3)
    losses = []
    for _ in range(15):
        optimiser.zero_grad()
        losses.append((head(representation(batch)).flatten(1).mean(dim=1) - wanted).square().mean())
        losses[-1].backward()
        optimiser.step()
    assert losses[-1].item() < 0.8 * losses[0].item()


@pytest.mark.parametrize(("name", "variant", "need"), CASES)
def test_a_step_at_toy_size_is_quick(name, variant, need):
    start = time.process_time()
    family, config, representation = represent(name, variant, need)
    representation(family.encode(pair_examples(), config, None)).square().sum().backward()
    assert time.process_time() - start < 5


@pytest.mark.parametrize(("name", "variant"), VARIANTS)
def test_a_batch_is_float_tensors_over_the_examples_which_stay_as_they_are(name, variant):
    family, config, examples = load_family(name), toy_config(name, variant), pair_examples(3)
    before = {key: value.copy() for key, value in examples.items()}
    family.augment(examples, config, np.random.default_rng(0))
    batch = family.encode(examples, config, np.random.default_rng(0))
    assert batch and all(len(tensor) == 3 and tensor.dtype == torch.float32 for tensor in batch.values())
    assert all(np.array_equal(value, examples[key]) for key, value in before.items())


@pytest.mark.parametrize(("name", "variant"), SUPERVISED)
def test_a_family_without_pre_training_says_so_wherever_it_is_asked(name, variant):
    family, config = load_family(name), toy_config(name, variant)
    _, _, representation = represent(name, variant, family.yields(config)[0])
    for call in (
        lambda: family.build_model(config, PAIR),
        lambda: family.build_objective(config),
        lambda: family.embed(representation, {}),
    ):
        with pytest.raises(ConfigError, match="no pre-training"):
            call()
