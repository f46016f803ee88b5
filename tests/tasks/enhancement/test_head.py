"""The head starts at the identity, keeps maps symmetric, and learns to shrink noise."""

from __future__ import annotations

import numpy as np
import torch

from chiasma.tasks.enhancement import head
from chiasma.tasks.enhancement.config import Config

BINS, WIDTH = 12, 6


def batch_of(count: int = 4, seed: int = 0) -> dict[str, torch.Tensor]:
    rng = torch.Generator().manual_seed(seed)
    raw = torch.randn((count, BINS, BINS), generator=rng)
    return {"raw": raw, "target": 0.3 * raw, "distance_bins": torch.arange(count) * 7}


def test_an_untrained_head_hands_the_input_on():
    batch, built = batch_of(), head.build_head(Config(), WIDTH)
    batch["raw"][0] = (batch["raw"][0] + batch["raw"][0].T) / 2  # a window on the diagonal is symmetric
    found = built(torch.randn(4, BINS, BINS, WIDTH), batch)
    assert torch.allclose(found, batch["raw"], atol=1e-7)


def test_windows_on_the_diagonal_are_symmetric_and_others_are_not():
    built = head.build_head(Config(), WIDTH)
    torch.nn.init.normal_(built.change.weight)
    found = built(torch.randn(4, BINS, BINS, WIDTH), batch_of())
    assert torch.equal(found[0], found[0].T)
    assert not torch.allclose(found[1], found[1].T)


def test_the_loss_of_the_start_is_that_of_the_input_and_falls_when_noise_is_shrunk():
    torch.manual_seed(0)
    batch, built = batch_of(), head.build_head(Config(), WIDTH)
    features = torch.zeros(4, BINS, BINS, WIDTH)
    first = head.step(built(features, batch), batch, Config())
    batch["raw"][0] = (batch["raw"][0] + batch["raw"][0].T) / 2
    batch["target"] = 0.3 * batch["raw"]
    first = head.step(built(features, batch), batch, Config())
    assert torch.isclose(first.parts["mse"], first.parts["raw"])
    optimiser = torch.optim.Adam(built.parameters(), lr=0.02)
    for _ in range(150):
        optimiser.zero_grad()
        head.step(built(features, batch), batch, Config()).total.backward()
        optimiser.step()
    last = head.step(built(features, batch), batch, Config())
    assert last.parts["mse"] < 0.01 * last.parts["raw"]


def test_pixels_without_a_truth_do_not_count():
    batch, built = batch_of(), head.build_head(Config(), WIDTH)
    batch["target"][:, ::2] = float("nan")
    found = head.step(built(torch.zeros(4, BINS, BINS, WIDTH), batch), batch, Config())
    assert torch.isfinite(found.total)
    assert np.isnan(head.truth(batch).numpy()[:, ::2]).all()
