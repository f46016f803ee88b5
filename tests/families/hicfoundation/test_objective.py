"""What is summed up, masks that are new in training and the same in validation, and references that hold."""

import math

import numpy as np
import pytest
import torch
from toy import PAIR, pair_examples, toy_config

from chiasma.families.hicfoundation.batch import encode
from chiasma.families.hicfoundation.masking import hidden_pixels, mirror_patches
from chiasma.families.hicfoundation.model import build_model
from chiasma.families.hicfoundation.objective import build_objective, draw_mask, left
from chiasma.tiles.trans import FAR

PATCHES = {"toy": 16, "toy_official": 16}  # (16 / 4) squared; 16 bins fill up to four patches of five


def start(variant="toy", examples=None, **changes):
    config = toy_config("hicfoundation", variant, **changes)
    batch = encode(pair_examples(8) if examples is None else examples, config, None)
    return config, build_model(config, PAIR), batch, build_objective(config)


def numbers(output):
    return {name: part.item() for name, part in output.parts.items()}


def test_the_corrected_total_is_the_weighted_sum():
    _, model, batch, objective = start(contrastive_weight=0.3, count_weight=0.2)
    output = objective(model, batch, 0)
    parts = numbers(output)
    wanted = parts["regression"] + 0.3 * parts["contrastive"] + 0.2 * parts["count"]
    assert output.total.item() == pytest.approx(wanted)
    assert set(parts) == {"regression", "contrastive", "contrastive_left", "count", "count_left"}


def test_the_official_total_is_the_published_sum():
    _, model, batch, objective = start("toy_official", loss_alpha=0.5)
    output = objective(model, batch, 0)
    parts = numbers(output)
    assert output.total.item() == pytest.approx(parts["contrastive"] + 0.5 * (parts["ssim"] + parts["count"]))


@pytest.mark.parametrize("variant", PATCHES)
def test_the_chance_of_the_contrast_is_the_log_of_the_patches(variant):
    _, model, batch, objective = start(variant)
    assert math.isnan(objective.references(8)["contrastive"].chance), "not known before the first batch"
    objective(model, batch, 0)
    assert objective.references(8)["contrastive"].chance == pytest.approx(math.log(PATCHES[variant]))


@pytest.mark.parametrize("variant", PATCHES)
def test_a_model_that_draws_the_same_everywhere_is_at_chance(variant):
    _, model, batch, objective = start(variant)
    torch.nn.init.zeros_(model.pixels.weight)
    torch.nn.init.zeros_(model.count.weight)
    torch.nn.init.constant_(model.count.bias, batch["count"].mean().item())
    parts, references = numbers(objective(model, batch, 0)), objective.references(8)
    assert parts["contrastive_left"] == pytest.approx(1, abs=0.1)
    assert parts["count_left"] == pytest.approx(1, abs=1e-3)
    assert parts["contrastive"] == pytest.approx(references["contrastive"].chance, abs=0.02)
    if variant == "toy":  # zero is not far from the mean of the logs
        assert 1 <= parts["regression"] < 1.5


@pytest.mark.parametrize("variant", PATCHES)
def test_a_perfect_copy_is_at_the_floor(variant):
    _, model, batch, objective = start(variant)
    plain = model.forward

    def perfect(batch, visible):
        drawn = plain(batch, visible)
        return type(drawn)(drawn.target_BLP, drawn.target_BLP, batch["count"])

    model.forward = perfect
    parts, references = numbers(objective(model, batch, 0)), objective.references(8)
    for name, reference in references.items():
        if not math.isnan(reference.floor):
            assert parts[name] == pytest.approx(reference.floor, abs=1e-5), name


def test_pixels_without_a_value_are_no_targets():
    examples = pair_examples(8)
    examples["valid"][:, :, 3] = False
    _, model, batch, objective = start(examples=examples)
    model.eval()
    tokens = model.encode(batch, draw_mask(model, batch)[1])
    model.encode = lambda *_: tokens  # what is drawn stays the same
    losses = []
    for col in (None, 3, 4):
        drawn = {**batch, "contacts": batch["contacts"].clone()}
        if col is not None:
            drawn["contacts"][:, :, :, col] += 5
        losses.append(numbers(objective(model, drawn, 0))["regression"])
    assert losses[0] == pytest.approx(losses[1]) != pytest.approx(losses[2])


def test_masks_are_drawn_anew_in_training_and_are_the_same_in_validation():
    _, model, batch, objective = start()
    first, second = (draw_mask(model.train(), batch)[0] for _ in range(2))
    assert not torch.equal(first, second)
    torch.manual_seed(5)
    again = draw_mask(model, batch)[0]
    torch.manual_seed(5)
    assert torch.equal(again, draw_mask(model, batch)[0])
    model.eval()
    state = torch.get_rng_state()
    values = [objective(model, batch, epoch).total.item() for epoch in (0, 3)]
    assert values[0] == values[1]
    assert torch.equal(state, torch.get_rng_state()), "validation leaves the training's random numbers alone"


def test_mirrored_patches_of_a_pair_of_bins_share_their_fate():
    examples = pair_examples(50) | {"distance_bins": torch.arange(50).numpy() % 20}
    _, model, batch, _ = start(examples=examples)
    kept, visible = draw_mask(model, batch)
    mirror = mirror_patches((4, 4), (batch["diagonal"] / 4).round())
    assert torch.equal(kept, kept.gather(1, mirror))
    assert torch.equal(kept.nonzero()[:, 1].view_as(visible), visible)


def test_what_is_left_lies_between_floor_and_chance():
    loss = torch.tensor(3.0, requires_grad=True)
    assert left(loss, 1.0, 5.0).item() == 0.5
    assert not left(loss, torch.tensor(1.0), 5.0).requires_grad
    assert math.isfinite(left(loss, 5.0, 5.0).item())


@pytest.mark.parametrize(("rows", "cols"), [(16, 16), (16, 24), (24, 16)])
def test_windows_of_any_shape_and_between_chromosomes_are_learnt_from(rows, cols):
    """A window between chromosomes has no diagonal: no patch of it is another's mirror image, however it is read."""
    shape = (8, rows, cols)
    examples = {
        "contacts": np.random.default_rng(0).poisson(3, shape).astype(np.float32),
        "expected": np.full(shape, 2.0, np.float32),
        "valid": np.ones(shape, bool),
        "distance_bins": np.array([FAR, -FAR] * 4),
    }
    _, model, batch, objective = start(examples=examples)
    mirror = mirror_patches(model.grid(batch), (batch["diagonal"] / 4).round())
    assert torch.equal(mirror, torch.arange(mirror.shape[1]).expand_as(mirror))
    output = objective(model, batch, 0)
    output.total.backward()
    assert math.isfinite(output.total.item())
    assert all(
        part.grad is not None and part.grad.isfinite().all() for part in model.parameters() if part.requires_grad
    )
    hidden = hidden_pixels(draw_mask(model, batch)[0], model.grid(batch), 4, batch["diagonal"])
    assert torch.equal(hidden.any(dim=2), hidden.all(dim=2)), "what is hidden cannot be seen mirrored"
