"""The profile head: one locus one answer, each bin once, and nothing learnt where nothing was measured."""

import numpy as np
import pytest
import torch
from planted_profiles import CONFIG
from strip_family import flipping

from chiasma.tasks.expression.config import Config
from chiasma.tasks.expression.head import ProfileHead, build_head, encode, metrics, score, step, truth
from chiasma.tiles.dataset import TileDataset

BINS, WIDTH = 6, 5


def batch_of(target, distance):
    """Return a batch of targets (B, 2N) and distances (B,)."""
    return {"target": torch.tensor(target, dtype=torch.float32), "distance_bins": torch.tensor(distance)}


@pytest.fixture
def strip_B2ND():
    return torch.randn(3, 2 * BINS, WIDTH, generator=torch.Generator().manual_seed(0))


@pytest.fixture
def batch():
    target = np.random.default_rng(1).exponential(1, (3, 2 * BINS))
    target[:2, BINS:] = target[:2, :BINS]  # the first two lie on the diagonal
    return batch_of(target, [0, 0, 9])


def test_it_is_two_layers_at_each_bin():
    torch.manual_seed(0)
    head = build_head(Config(hidden=7), WIDTH)
    assert [tuple(value.shape) for value in head.parameters()] == [(7, WIDTH), (7,), (1, 7), (1,)]
    assert Config().hidden == 128 and Config().dropout == 0


def test_on_the_diagonal_both_halves_are_exactly_equal_and_off_it_each_bin_is_its_own(strip_B2ND, batch):
    head = ProfileHead(Config(), WIDTH)
    outputs_B2N = head(strip_B2ND, batch)
    assert outputs_B2N.shape == (3, 2 * BINS)
    assert torch.equal(outputs_B2N[:2, :BINS], outputs_B2N[:2, BINS:])
    plain = head.score(strip_B2ND).squeeze(-1)
    torch.testing.assert_close(outputs_B2N[0, :BINS], (plain[0, :BINS] + plain[0, BINS:]) / 2)
    torch.testing.assert_close(outputs_B2N[2], plain[2])


def test_the_target_is_log2_of_one_plus_the_chosen_signal_of_every_bin():
    targets = np.array([[[9, 0], [9, 1], [9, 3], [9, np.nan]]], np.float32)
    found = encode({"targets": targets, "distance_bins": np.array([2])}, Config(channel=1))
    np.testing.assert_array_equal(found["target"], np.array([[0, 1, 2, np.nan]], np.float32))
    assert found["distance_bins"].tolist() == [2]


def test_targets_of_a_diagonal_window_are_the_same_locus_twice_on_either_strand(arrays, examples):
    frame = examples[examples["kept"]].head(4)
    cut = TileDataset(frame, arrays).__getitems__(range(4))
    for seen in (cut, flipping(cut, None, None)):
        target = encode(seen, CONFIG)["target"]
        np.testing.assert_array_equal(target[:, :16], target[:, 16:])
    assert not np.array_equal(encode(cut, CONFIG)["target"], target)


def test_the_loss_by_hand():
    """On the diagonal the errors of bins 0 and 1 are 1 and 3; off it those of four bins are 0, 2, 0, unknown."""
    batch = batch_of([[1, 1, 1, 1], [0, 0, 0, np.nan]], [0, 5])
    outputs = torch.tensor([[2.0, 4.0, 2.0, 4.0], [0.0, 2.0, 0.0, 7.0]])
    result = step(outputs, batch, Config())
    assert result.total.item() == pytest.approx((1 + 9 + 0 + 4 + 0) / 5)
    assert result.count == 2 and result.parts["mse"] is result.total


def test_each_bin_of_a_diagonal_window_counts_once():
    """A diagonal window weighs as many bins as it has, whatever else is in the batch."""
    both = batch_of([[0.0] * 4, [0.0] * 4], [0, 5])
    outputs = torch.tensor([[3.0] * 4, [0.0] * 4])
    assert step(outputs, both, Config()).total.item() == pytest.approx(2 * 9 / 6)
    assert torch.isnan(truth(both)).tolist() == [[False, False, True, True], [False] * 4]


def test_bins_without_a_measurement_give_no_gradient(strip_B2ND, batch):
    batch["target"][:, [1, BINS + 1]] = float("nan")
    batch["target"][1] = float("nan")
    features = strip_B2ND.requires_grad_()
    torch.manual_seed(0)
    result = step(ProfileHead(Config(), WIDTH)(features, batch), batch, Config())
    result.total.backward()
    assert torch.isfinite(result.total) and torch.isfinite(features.grad).all()
    moved = features.grad.abs().sum(dim=-1) > 0
    assert not moved[:, [1, BINS + 1]].any() and not moved[1].any()
    assert moved[0, BINS], "the second half learns through the mean of both"


def test_a_batch_without_any_measurement_has_a_loss_of_zero_and_no_gradient(strip_B2ND, batch):
    batch["target"][:] = float("nan")
    head = ProfileHead(Config(), WIDTH)
    result = step(head(strip_B2ND, batch), batch, Config())
    result.total.backward()
    assert result.total.item() == 0
    assert all(not value.grad.any() for value in head.parameters())


def test_metrics_are_pooled_over_all_bins_of_all_windows():
    truths = np.array([[0.0, 1.0, np.nan, np.nan], [2.0, 3.0, 4.0, np.nan]])
    scores = np.array([[0.5, 1.0, 9.0, 9.0], [1.5, 3.0, 5.0, 9.0]])
    known = np.isfinite(truths)
    found = metrics(scores, truths)
    assert found["pearson"] == pytest.approx(np.corrcoef(scores[known], truths[known])[0, 1])
    assert found["r2"] == pytest.approx(1 - (0.25 + 0.25 + 1) / 10)


def test_a_constant_scores_zero_and_the_mean_explains_nothing():
    truths = np.array([[0.0, 1.0, 2.0, 3.0]])
    assert metrics(np.full((1, 4), 1.5), truths) == {"pearson": 0.0, "r2": 0.0}


def test_scores_are_the_outputs_in_single_precision():
    assert torch.equal(score(torch.tensor([1.5], dtype=torch.bfloat16)), torch.tensor([1.5]))
