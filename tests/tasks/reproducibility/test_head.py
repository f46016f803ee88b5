import math

import numpy as np
import pytest
import torch
from planted_replicates import CONFIG

from chiasma.tasks.reproducibility import head


def unit(*degrees):
    """Vectors (n, 8) in the plane of the first two channels."""
    angle = torch.deg2rad(torch.tensor(degrees, dtype=torch.float32))
    return torch.nn.functional.pad(torch.stack([angle.cos(), angle.sin()], dim=1), (0, CONFIG.width - 2))


def batch(labels=(0, 1, 2)):
    examples = {"contacts": np.zeros((len(labels), 4, 4)), "label": np.array(labels)}
    return {name: torch.from_numpy(array) for name, array in head.encode(examples, CONFIG).items()}


def test_the_loss_of_a_triplet_by_hand():
    """d = 1 - cosine: the replicate at 60 degrees is 0.5 away, the other at 90 is 1 away, so 1 + 0.5 - 1."""
    assert head.step(unit(0, 60, 90), batch(), CONFIG).total.item() == pytest.approx(0.5, abs=1e-6)
    assert head.step(unit(0, 90, 60), batch(), CONFIG).total.item() == pytest.approx(1.5, abs=1e-6)
    assert head.step(unit(10, 10, 190), batch(), CONFIG).total.item() == 0
    both = head.step(unit(0, 60, 90, 0, 90, 60), batch((0, 1, 2, 0, 1, 2)), CONFIG)
    assert both.total.item() == pytest.approx(1.0, abs=1e-6) and both.count == 6


def test_a_margin_counts_as_one_and_what_lies_beyond_costs_nothing():
    half = type(CONFIG)(replicates=CONFIG.replicates, width=CONFIG.width, margin=0.5)
    assert head.step(unit(0, 60, 90), batch(), half).total.item() == pytest.approx(0.0, abs=1e-6)
    assert head.step(unit(0, 90, 90), batch(), half).total.item() == pytest.approx(1.0, abs=1e-6)
    assert head.step(unit(30, 30, 30), batch(), CONFIG).total.item() == pytest.approx(
        head.references(None)["triplet"].chance, abs=1e-6
    )


def test_the_targets_say_which_row_is_the_replicate():
    """So that shuffled targets are a control."""
    turned = head.step(unit(0, 90, 60), batch((0, 2, 1)), CONFIG).total.item()
    assert turned == pytest.approx(head.step(unit(0, 60, 90), batch(), CONFIG).total.item())
    assert head.step(unit(0, 60, 90), batch((2, 2, 1)), CONFIG).total.item() == pytest.approx(0.5, abs=1e-6)


def test_metrics_by_hand():
    vectors = torch.cat([unit(0, 60, 90), unit(0, 90, 60), unit(0, 45, 45), unit(0, 0, 180)]).numpy()
    found = head.metrics(5 * vectors, vectors)
    assert found["triplet_order"] == pytest.approx((1 + 0 + 0.5 + 1) / 4)
    assert found["triplet_margin"] == pytest.approx((0.5 - 0.5 + 0 + 2) / 4, abs=1e-6)


def test_embeddings_have_length_one_whatever_the_tokens_are():
    torch.manual_seed(0)
    net = head.build_head(CONFIG, 6).eval()
    for tokens in (1, 40):
        found = net(100 * torch.randn(5, tokens, 6), {})
        assert found.shape == (5, CONFIG.width)
        np.testing.assert_allclose(found.norm(dim=1).detach(), 1, atol=1e-5)


def test_what_has_no_label_has_no_truth():
    examples = {"contacts": np.zeros((4, 4, 4))}
    assert math.isnan(head.encode(examples, CONFIG)["target"][0, 0])
