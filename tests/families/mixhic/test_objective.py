"""The losses at their known values: random start, perfect alignment, warm-up."""

import math

import pytest
import torch
from toy import PAIR, pair_examples, toy_config

from chiasma.contracts import TileShape
from chiasma.families.mixhic.batch import encode
from chiasma.families.mixhic.config import Config
from chiasma.families.mixhic.model import Features, build_model
from chiasma.families.mixhic.objective import build_objective, contrastive, mapping, orthogonal

TEMPERATURE = torch.tensor(0.07)


def test_a_random_network_starts_at_the_papers_values():
    shape = TileShape(48, 480, 2)
    config = Config(width=32, depth=1, head_norm="none", detach_mapping_targets=False)
    examples = pair_examples(8, shape)
    output = build_objective(config)(build_model(config, shape), encode(examples, config, None), 0)
    assert output.parts["contrastive"].item() == pytest.approx(math.log(8), abs=0.1)
    assert 1.36 < output.parts["mapping"].item() < 1.45
    assert output.parts["orthogonal"].item() < 0.05


def test_the_contrast_of_equal_vectors_is_chance_and_of_orthogonal_ones_is_near_zero():
    loss, _ = contrastive(torch.ones(6, 4), torch.ones(6, 4), TEMPERATURE)
    assert loss.item() == pytest.approx(math.log(6))
    loss, retrieval = contrastive(torch.eye(6), torch.eye(6), TEMPERATURE)
    assert loss.item() == pytest.approx(math.log(1 + 5 * math.exp(-1 / 0.07)), abs=1e-6)
    assert retrieval.item() == 1


def test_the_contrast_is_symmetric():
    first, second = torch.randn(5, 3), torch.randn(5, 3)
    assert contrastive(first, second, TEMPERATURE)[0] == pytest.approx(
        contrastive(second, first, TEMPERATURE)[0].item()
    )


def test_orthogonality_is_the_squared_inner_product_of_pooled_vectors():
    shared = torch.tensor([[[1.0, 0.0], [0.0, 1.0]]])
    features = Features(shared, torch.tensor([[[1.0, 0.0], [1.0, 0.0]]]))
    assert orthogonal(features).item() == pytest.approx(0.25)  # (0.5, 0.5) . (1, 0) = 0.5
    assert orthogonal(Features(shared, torch.tensor([[[1.0, -1.0]]]))).item() == pytest.approx(0)


def test_mapping_is_the_distance_of_unit_tokens():
    mapped, target = torch.tensor([[[2.0, 0.0]]]), torch.tensor([[[0.0, 5.0]]])
    assert mapping(mapped, target, detach=True).item() == pytest.approx(math.sqrt(2))
    assert mapping(target, 3 * target, detach=True).item() == pytest.approx(0, abs=1e-5)


@pytest.mark.parametrize("detach", [True, False])
def test_detached_targets_do_not_move(detach):
    mapped, target = (torch.randn(2, 3, 4, requires_grad=True) for _ in range(2))
    mapping(mapped, target, detach).backward()
    assert mapped.grad is not None
    assert (target.grad is None) == detach


def test_the_first_epochs_are_contrast_alone():
    config = toy_config(
        "mixhic", contrastive_only_epochs=2, contrastive_weight=0.2, orthogonal_weight=0.3, mapping_weight=0.4
    )
    model, batch, objective = build_model(config, PAIR), encode(pair_examples(), config, None), build_objective(config)
    early, late = objective(model, batch, 1), objective(model, batch, 2)
    assert early.total.item() == pytest.approx(early.parts["contrastive"].item())
    parts = {name: part.item() for name, part in late.parts.items()}
    wanted = 0.2 * parts["contrastive"] + 0.3 * parts["orthogonal"] + 0.4 * parts["mapping"]
    assert late.total.item() == pytest.approx(wanted)


def test_references_are_those_of_a_network_that_knows_nothing():
    references = build_objective(Config()).references(32)
    assert references["contrastive"].chance == pytest.approx(math.log(32))
    assert references["retrieval"].chance == pytest.approx(1 / 32)
    unrelated = mapping(torch.randn(4, 9, 2048), torch.randn(4, 9, 2048), detach=True)
    assert references["mapping"].chance == pytest.approx(unrelated.item(), abs=0.02)
