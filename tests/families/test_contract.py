"""What every family room must offer, whatever is inside."""

import math
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from toy import NEEDS, PAIR, pair_examples, toy_config, toy_variants

import chiasma
from chiasma.contracts import LOCI, TileShape, load_family
from chiasma.core.errors import ConfigError, InputError
from chiasma.schema.rooms import room_module, room_names

FAMILIES = room_names("families")
ROOMS = {name: room_module("families", name, "config") for name in FAMILIES}
VARIANTS = [(name, variant) for name in FAMILIES for variant in toy_variants(name)]
YIELDED = [(*toy, need) for toy in VARIANTS for need in ROOMS[toy[0]].yields(toy_config(*toy))]
READABLE = {"contacts", "tracks"}
LATE = 10_000  # an epoch after any schedule of the losses


def load(name, variant="toy"):
    return load_family(name), toy_config(name, variant)


def build(name, seed=0):
    family, config = load(name)
    torch.manual_seed(seed)
    return family, config, family.build_model(config, PAIR)


def represent(name, variant, need, seed=0):
    family, config = load(name, variant)
    torch.manual_seed(seed)
    return family, config, family.build_representation(config, PAIR, need)


@pytest.fixture(params=[name for name in FAMILIES if ROOMS[name].PRETRAINS])
def name(request):
    """A family that is pre-trained."""
    return request.param


@pytest.fixture(params=VARIANTS, ids="-".join)
def toy(request):
    """A family, and a toy configuration of it."""
    return request.param


@pytest.fixture(params=YIELDED, ids="-".join)
def yielded(request):
    """A family, a toy configuration of it, and one of the things that yields."""
    return request.param


def without(examples, *names):
    return {key: value for key, value in examples.items() if key not in names}


def same(first, second):
    return first.keys() == second.keys() and all(np.array_equal(first[key], second[key]) for key in first)


def test_some_family_lives_here():
    assert FAMILIES


@pytest.mark.parametrize("room", FAMILIES)
def test_the_room_says_what_it_is(room):
    readme = Path(chiasma.__file__).parent / "families" / room / "README.md"
    assert "## Deviations" in readme.read_text(encoding="utf-8")
    assert {type(ROOMS[room].PRETRAINS), type(ROOMS[room].BASELINE)} == {bool}


@pytest.mark.parametrize("room", FAMILIES)
def test_landmarks_are_offered_by_the_families_that_say_so(room):
    offered = (Path(chiasma.__file__).parent / "families" / room / "landmarks.py").is_file()
    assert offered == (Path(chiasma.__file__).parent / "families" / room / "landmark_words.py").is_file()
    assert offered == getattr(ROOMS[room], "LANDMARKS", False) == (load_family(room).landmarks is not None)


@pytest.mark.parametrize("room", FAMILIES)
def test_some_toy_yields_each_of_what_the_room_says(room):
    needs = [need for name, _, need in YIELDED if name == room]
    assert set(needs) == set(ROOMS[room].YIELDS) <= set(NEEDS), (
        "teach contracts.py and tests/families/toy.py the new unit"
    )


def test_a_configuration_yields_and_reads_something(toy):
    family, config = load(*toy)
    assert family.yields(config) and len(set(family.yields(config))) == len(family.yields(config))
    assert set() < family.reads(config) <= READABLE


def test_a_batch_is_float_tensors_over_the_examples(toy):
    family, config = load(*toy)
    batch = family.encode(pair_examples(3), config, None)
    assert batch
    for tensor in batch.values():
        assert len(tensor) == 3
        assert tensor.dtype == torch.float32
        assert torch.isfinite(tensor).all()


def test_examples_that_lack_an_array_give_a_batch_without_it(toy):
    family, config = load(*toy)
    examples = pair_examples()
    whole = family.encode(examples, config, None)
    for hidden in sorted(READABLE):
        batch = family.encode(without(examples, hidden), config, None)
        assert (batch.keys() < whole.keys()) or hidden not in family.reads(config)
        assert all(torch.equal(tensor, whole[key]) for key, tensor in batch.items())


def test_targets_are_never_encoded(toy):
    family, config = load(*toy)
    examples = pair_examples()
    targets = {"targets": np.ones((4, 2 * PAIR.tile_bins, 1), np.float32), "label": np.arange(4) % 2}
    for rng in (None, 3):
        plain, other = (
            family.encode(each, config, rng and np.random.default_rng(rng)) for each in (examples, examples | targets)
        )
        assert same(plain, other)


def test_evaluation_is_deterministic_and_leaves_the_examples_alone(name):
    family, config, model = build(name)
    examples, before = pair_examples(), pair_examples()
    first, second = (family.embed(model, family.encode(examples, config, None)) for _ in range(2))
    family.encode(examples, config, np.random.default_rng(1))
    assert same(first, second)
    assert same(examples, before)


def test_training_noise_follows_its_generator(toy):
    family, config = load(*toy)
    examples = pair_examples(8)
    first, again = (family.encode(examples, config, np.random.default_rng(7)) for _ in range(2))
    assert same(first, again)


def test_augmentation_follows_its_generator_and_leaves_the_examples_alone(toy):
    family, config = load(*toy)
    examples, before = pair_examples(8), pair_examples(8)
    first, again = (family.augment(examples, config, np.random.default_rng(7)) for _ in range(2))
    assert same(first, again)
    assert same(examples, before)
    assert {key: (value.shape, value.dtype) for key, value in first.items()} == {
        key: (value.shape, value.dtype) for key, value in examples.items()
    }


def test_augmentation_keeps_together_what_belongs_together(toy):
    """Whatever a task takes its targets from changes as the inputs do: here targets are the tracks' means per bin."""
    family, config = load(*toy)
    examples = pair_examples(40)
    per_bin = PAIR.strip_bins // PAIR.tile_bins
    examples["targets"] = examples["tracks"].reshape(40, 2 * PAIR.tile_bins, per_bin, -1).mean(axis=2)
    examples["label"] = np.arange(40)
    examples["expected"] = 2 * examples["contacts"]
    seen = family.augment(examples, config, np.random.default_rng(1))
    means = seen["tracks"].reshape(seen["targets"].shape[:2] + (per_bin, -1)).mean(axis=2)
    np.testing.assert_allclose(seen["targets"], means, rtol=1e-5)
    np.testing.assert_array_equal(seen["expected"], 2 * seen["contacts"])
    assert np.array_equal(seen["label"], examples["label"]), "a pair stays the pair that its label was given to"
    assert np.array_equal(seen["distance_bins"], examples["distance_bins"])


def test_a_family_that_says_how_deep_its_weights_lie_says_it_of_each(name):
    _, _, model = build(name)
    if not hasattr(model, "parameter_depths"):
        return
    depths = model.parameter_depths()
    assert set(depths) == {key for key, _ in model.named_parameters()}
    assert all(0 <= depth <= last for depth, last in depths.values())
    assert any(depth < last for depth, last in depths.values())


def test_weights_of_a_family_that_says_so_fit_tiles_of_any_shape(name):
    family, config, model = build(name)
    wider = family.build_model(config, TileShape(2 * PAIR.tile_bins, 2 * PAIR.strip_bins, PAIR.tracks + 1))
    sizes, others = ({key: value.shape for key, value in each.state_dict().items()} for each in (model, wider))
    assert not family.any_shape or sizes == others


def test_the_loss_is_finite_and_reaches_each_parameter(name):
    family, config, model = build(name)
    output = family.build_objective(config)(model, family.encode(pair_examples(), config, None), LATE)
    assert output.count == 4
    assert output.total.shape == ()
    for value in (output.total, *output.parts.values()):
        assert math.isfinite(value.item())
    output.total.backward()
    bare = [key for key, value in model.named_parameters() if value.grad is None or not value.grad.abs().sum() > 0]
    assert not bare


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


def test_the_representation_takes_the_pretrained_weights(name):
    family, config, model = build(name)
    for need in family.yields(config):
        encoder = family.build_representation(config, PAIR, need).encoder
        assert {key: value.shape for key, value in encoder.state_dict().items()} == {
            key: value.shape for key, value in model.state_dict().items()
        }, "an encoder of other names or shapes would refuse the pre-trained weights"
        encoder.load_state_dict(model.state_dict(), strict=True)
        assert all(torch.equal(value, model.state_dict()[key]) for key, value in encoder.state_dict().items())


def test_the_representation_gives_what_was_asked_and_each_number_that_learns_can_move(yielded):
    family, config, representation = represent(*yielded)
    features = representation(family.encode(pair_examples(3), config, None))
    wanted = NEEDS[yielded[2]] if None not in NEEDS[yielded[2]] else features.shape[1:2]
    assert features.shape == (3, *wanted, representation.width)
    assert torch.isfinite(features).all()
    (features * torch.randn_like(features)).sum().backward()
    learning = {key: value for key, value in representation.named_parameters() if value.requires_grad}
    assert learning
    assert [key for key, value in learning.items() if value.grad is None or not value.grad.abs().sum() > 0] == []


def test_the_representation_follows_its_seed_and_reloads_strictly(yielded):
    family, config, _ = represent(*yielded)
    batch = family.encode(pair_examples(), config, None)
    first, again, second = (represent(*yielded, seed)[2].eval() for seed in (1, 1, 2))
    assert torch.equal(first(batch), again(batch))
    assert not torch.equal(first(batch), second(batch))
    second.load_state_dict(first.state_dict(), strict=True)
    assert torch.equal(first(batch), second(batch))


def test_a_pair_is_represented_alike_whatever_its_batch_mates(yielded):
    family, config, representation = represent(*yielded)
    batch = family.encode(pair_examples(), config, None)
    alone = {key: tensor[:1] for key, tensor in batch.items()}
    representation.train()(batch)
    with torch.no_grad():
        representation.eval()
        torch.testing.assert_close(representation(batch)[:1], representation(alone), atol=1e-5, rtol=1e-4)


def test_the_representation_reads_what_the_family_says_and_nothing_else(yielded):
    """Each array that is read changes what comes out, and a batch without the others is enough."""
    family, config, representation = represent(*yielded)
    representation.eval()
    examples, other = pair_examples(seed=0), pair_examples(seed=1)
    whole = representation(family.encode(examples, config, None))
    for array in sorted(READABLE):
        changed = representation(family.encode(examples | {array: other[array]}, config, None))
        assert torch.equal(whole, changed) == (array not in family.reads(config))
    needless = READABLE - family.reads(config)
    assert torch.equal(whole, representation(family.encode(without(examples, *needless), config, None)))


def test_pairs_that_share_their_loci_are_represented_as_those_that_do_not(yielded):
    family, config, representation = represent(*yielded)
    if not family.shares(config):
        assert not {"shares", "separate"} & set(yielded[1].split("_"))
        return
    representation.eval()
    batch = family.encode(pair_examples(), config, None)
    strips = pair_examples()["tracks"].reshape(8, PAIR.strip_bins, PAIR.tracks)
    loci = representation.encode_loci(family.encode({"tracks": strips}, config, None)).unflatten(0, (4, 2))
    shared = representation(without(batch, "tracks") | {LOCI: loci})
    torch.testing.assert_close(shared, representation(batch), atol=1e-5, rtol=1e-4)


def test_a_batch_with_nothing_to_read_is_an_error(yielded):
    _, _, representation = represent(*yielded)
    with pytest.raises(InputError, match="reads"):
        representation({"label": torch.ones(2)})


def test_the_representation_learns_one_batch_by_heart(yielded):
    family, config, representation = represent(*yielded)
    batch = family.encode(pair_examples(), config, None)
    head = torch.nn.Linear(representation.width, 1)
    wanted = torch.randn(4)
    optimiser = torch.optim.AdamW([*representation.parameters(), *head.parameters()], 3e-3)
    losses = []
    for _ in range(15):
        optimiser.zero_grad()
        losses.append((head(representation(batch)).flatten(1).mean(dim=1) - wanted).square().mean())
        losses[-1].backward()
        optimiser.step()
    assert losses[-1].item() < 0.8 * losses[0].item()


def test_the_representation_bears_mixed_precision(yielded):
    family, config, representation = represent(*yielded)
    batch = family.encode(pair_examples(), config, None)
    with torch.autocast("cpu", torch.bfloat16):
        features = representation(batch)
    features.float().square().mean().backward()
    assert all(torch.isfinite(value.grad).all() for value in representation.parameters() if value.grad is not None)
    representation.eval()
    with torch.no_grad():
        full = representation(batch)
        with torch.autocast("cpu", torch.bfloat16):
            mixed = representation(batch).float()
    assert (mixed - full).abs().max() < 0.05 * full.abs().max()


def test_a_step_of_the_representation_at_toy_size_is_quick(yielded):
    start = time.process_time()
    family, config, representation = represent(*yielded)
    representation(family.encode(pair_examples(), config, None)).square().sum().backward()
    assert time.process_time() - start < 5


@pytest.mark.parametrize(("room", "variant"), [toy for toy in VARIANTS if not ROOMS[toy[0]].PRETRAINS])
def test_a_family_without_pre_training_says_so_wherever_it_is_asked(room, variant):
    family, config = load(room, variant)
    representation = family.build_representation(config, PAIR, family.yields(config)[0])
    for ask in (
        lambda: family.build_model(config, PAIR),
        lambda: family.build_objective(config),
        lambda: family.embed(representation, {}),
    ):
        with pytest.raises(ConfigError, match="no pre-training"):
            ask()


def test_a_training_step_at_toy_size_is_quick(name):
    start = time.process_time()
    family, config, model = build(name)
    family.build_objective(config)(model, family.encode(pair_examples(), config, None), LATE).total.backward()
    assert time.process_time() - start < 5
