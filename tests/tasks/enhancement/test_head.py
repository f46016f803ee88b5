"""The head starts at the identity, keeps maps symmetric, and learns to shrink noise."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import torch

from chiasma.tasks.enhancement import head
from chiasma.tasks.enhancement.config import Config
from chiasma.training.alarms import find_at_chance

BINS, WIDTH, CONFIG = 12, 6, Config(sigmas=(1.0, 2.0))


def batch_of(count: int = 4, seed: int = 0) -> dict[str, torch.Tensor]:
    """Return windows of noise whose truth is half the smoothest version; that on the diagonal is symmetric."""
    rng = torch.Generator().manual_seed(seed)
    scales = torch.randn((count, BINS, BINS, 3), generator=rng)
    scales[0] = (scales[0] + scales[0].transpose(0, 1)) / 2
    return {
        "scales": scales,
        "expected": torch.rand((count, BINS, BINS), generator=rng),
        "target": 0.5 * scales[..., 2],
        "weight": torch.ones(count, BINS, BINS),
        "distance_bins": torch.arange(count) * 7,
    }


def features(count: int = 4) -> torch.Tensor:
    return torch.zeros(count, BINS, BINS, WIDTH)


def test_an_untrained_head_hands_the_input_on():
    batch, built = batch_of(), head.build_head(CONFIG, WIDTH)
    found = built(torch.randn(4, BINS, BINS, WIDTH), batch)
    assert torch.allclose(found, batch["scales"][..., 0], atol=1e-6)


def test_windows_on_the_diagonal_are_symmetric_and_others_are_not():
    built = head.build_head(CONFIG, WIDTH)
    torch.nn.init.normal_(built.change.weight)
    found = built(torch.randn(4, BINS, BINS, WIDTH), batch_of())
    assert torch.equal(found[0], found[0].T)
    assert not torch.allclose(found[1], found[1].T)


def test_the_loss_starts_at_that_of_the_input_and_falls_to_the_smoother_truth():
    torch.manual_seed(0)
    batch, built = batch_of(), head.build_head(CONFIG, WIDTH)
    first = head.step(built(features(), batch), batch, CONFIG)
    assert torch.isclose(first.parts["weighted_mse"], first.parts["raw"])
    assert first.parts["weighted_mse_left"] == pytest.approx(1)
    optimiser = torch.optim.Adam(built.parameters(), lr=0.02)
    for _ in range(300):
        optimiser.zero_grad()
        head.step(built(features(), batch), batch, CONFIG).total.backward()
        optimiser.step()
    last = head.step(built(features(), batch), batch, CONFIG)
    assert last.parts["weighted_mse"] < 0.1 * last.parts["raw"]
    assert last.parts["weighted_mse_left"] == pytest.approx((last.parts["weighted_mse"] / last.parts["raw"]).item())


@pytest.mark.parametrize(("share", "is_told"), [(0.0, True), (0.5, False)])
def test_a_head_that_copies_its_input_is_told_of_as_at_chance(share, is_told):
    """``share`` is what is covered of the way from the input to the truth."""
    batch, part = batch_of(), "weighted_mse_left"
    reference, raw = head.references(pd.DataFrame())[part], batch["scales"][..., 0]
    value = head.step(torch.lerp(raw, batch["target"], share), batch, CONFIG).parts[part].item()
    rows = [[epoch, epoch, "valid", part, value, reference.chance, reference.floor] for epoch in range(3)]
    assert [found.part for found in find_at_chance(rows)] == [part] * is_told


def test_a_window_of_which_nothing_is_known_leaves_a_finite_share():
    batch = batch_of()
    batch["target"][:] = float("nan")
    parts = head.step(batch["scales"][..., 0], batch, CONFIG).parts
    assert all(torch.isfinite(value) for value in parts.values())


def test_pixels_without_a_truth_do_not_count_and_others_by_their_weight():
    batch, built = batch_of(), head.build_head(CONFIG, WIDTH)
    batch["target"][:, ::2] = float("nan")
    batch["weight"][:, 1::4] = 0.0
    batch["target"][:, 1::4] = 1e3
    found = head.step(built(features(), batch), batch, CONFIG)
    assert found.total < 10 and found.parts["mse"] > 1e4
    assert np.isnan(head.truth(batch).numpy()[:, ::2]).all()
