"""The head is symmetric where the map is, knows distances, and learns from valid pixels alone."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from chiasma.nn.distance import distance_features
from chiasma.tasks.contact_map import head
from chiasma.tasks.contact_map.config import Config

WIDTH, BINS = 12, 6


def grids(count: int = 4) -> torch.Tensor:
    torch.manual_seed(0)
    return torch.randn(count, BINS, BINS, WIDTH)


def built() -> torch.nn.Module:
    torch.manual_seed(1)
    return head.build_head(Config(), WIDTH).eval()


def test_a_window_on_the_diagonal_is_exactly_symmetric_and_another_is_not():
    r_BNN = built()(grids(), {"distance_bins": torch.tensor([0, 3, 0, 40])})
    for place in (0, 2):
        assert torch.equal(r_BNN[place], r_BNN[place].T)
    for place in (1, 3):
        assert (r_BNN[place] - r_BNN[place].T).abs().max() > 1e-3


def test_a_symmetric_grid_is_left_as_it_is():
    grid_BNND = grids(1)
    grid_BNND = grid_BNND + grid_BNND.transpose(1, 2)
    r_BNN = built()(grid_BNND, {"distance_bins": torch.tensor([0])})
    at = torch.arange(BINS)
    mixed = built().mix(grid_BNND) + built().place(distance_features((at - at[:, None]).abs()))
    assert torch.allclose(r_BNN, built().score(mixed).squeeze(-1), atol=1e-6)


def test_the_same_features_far_and_near_give_different_answers():
    grid_BNND = grids(1)
    near, far = (built()(grid_BNND, {"distance_bins": torch.tensor([distance])}) for distance in (1, 90))
    assert (near - far).abs().max() > 1e-3


def test_the_head_has_the_parameters_of_the_paper_and_those_of_distances():
    """Linear(2E, 32) and Linear(32, 1), spec 2.6, at E = 128, and 32 for each feature of a distance."""
    count = sum(parameter.numel() for parameter in head.build_head(Config(), 256).parameters())
    assert count == 256 * 32 + 32 + 32 + 1 + 9 * 32


def test_the_target_of_a_pixel_by_hand():
    contacts = np.array([[[5.0, 0.0], [2.0, 9.0]]])
    expected = np.array([[[2.0, 3.0], [2.0, 2.0]]])
    valid = np.array([[[True, True], [True, False]]])
    examples = {"contacts": contacts, "expected": expected, "valid": valid, "distance_bins": np.array([1])}
    batch = head.encode(examples, Config())
    assert batch["target"].dtype == np.float32
    assert batch["target"][0, 0].tolist() == pytest.approx([math.log(6 / 3), math.log(1 / 4)], abs=1e-6)
    assert batch["target"][0, 1, 0] == 0
    assert np.isnan(batch["target"][0, 1, 1])


def test_masked_pixels_count_for_nothing():
    """Squares 1, 4 and 16 over three valid pixels: a mean of 7; the masked one has no gradient."""
    outputs = torch.tensor([[[1.0, 2.0], [0.0, 99.0]]], requires_grad=True)
    target = torch.tensor([[[0.0, 0.0], [4.0, float("nan")]]])
    result = head.step(outputs, {"target": target}, Config())
    result.total.backward()
    assert result.total.item() == pytest.approx(7)
    assert outputs.grad[0, 1, 1] == 0
    assert torch.isfinite(outputs.grad).all()


def test_a_batch_without_a_valid_pixel_has_no_loss():
    assert head.step(torch.ones(2, 3, 3), {"target": torch.full((2, 3, 3), torch.nan)}, Config()).total == 0


def noisy_maps() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    truth = rng.standard_normal((5, 8, 8))
    truth[:, 2] = np.nan
    return truth, np.nan_to_num(truth) + 0.5 * rng.standard_normal(truth.shape)


def test_metrics_are_those_of_numpy_over_valid_pixels():
    truth, scores = noisy_maps()
    known = np.isfinite(truth)
    found = head.metrics(scores, truth)
    windows = [np.corrcoef(s[k], t[k])[0, 1] for s, t, k in zip(scores, truth, known, strict=True)]
    assert found["pearson"] == pytest.approx(np.corrcoef(scores[known], truth[known])[0, 1])
    assert found["window_pearson"] == pytest.approx(np.mean(windows))
    assert found["r2"] == pytest.approx(1 - np.mean((scores - truth)[known] ** 2) / truth[known].var())


def test_truth_scores_the_floor_and_the_mean_the_chance_of_r2():
    truth, _ = noisy_maps()
    references = head.references(None)
    for name, value in head.metrics(np.nan_to_num(truth), truth).items():
        assert value == pytest.approx(references[name].floor)
    constant = head.metrics(np.full(truth.shape, np.nanmean(truth)), truth)
    assert constant["r2"] == pytest.approx(references["r2"].chance, abs=1e-12)
    assert np.isnan(constant["pearson"])


def test_every_part_of_the_loss_has_a_reference():
    parts = head.step(torch.zeros(1, 2, 2), {"target": torch.zeros(1, 2, 2)}, Config()).parts
    assert set(parts) <= set(head.references(None))
