"""The head: one answer a bin and track, the same from either side of the map, and nothing learnt where nothing was measured."""

import numpy as np
import pytest
import torch
from planted_tracks import CONFIG, UNMEASURED, log2_signal

from chiasma.tasks.epigenome.config import Config
from chiasma.tasks.epigenome.decode import predicted_windows
from chiasma.tasks.epigenome.head import TrackHead, build_head, encode, metrics, score, step
from chiasma.tiles.dataset import TileDataset
from chiasma.tiles.strand import flip_strand

BINS, WIDTH, TWO = 6, 5, Config(targets=("ctcf", "atac"))


@pytest.fixture
def grid_BNND():
    return torch.randn(3, BINS, BINS, WIDTH, generator=torch.Generator().manual_seed(0))


def head_of(config=TWO):
    torch.manual_seed(0)
    return build_head(config, WIDTH).eval()


def test_it_is_two_layers_on_a_bins_mean_and_own_pixel():
    assert [tuple(value.shape) for value in head_of().parameters()] == [(64, 2 * WIDTH), (64,), (2, 64), (2,)]


def test_each_bin_reads_its_row_its_column_and_its_own_pixel(grid_BNND):
    head, changed = head_of(), grid_BNND.clone()
    changed[0, 1, 4] += 1.0
    before, after = head(grid_BNND, {}), head(changed, {})
    assert before.shape == (3, BINS, 2)
    moved = (before != after).any(dim=-1)
    assert moved[0].tolist() == [False, True, False, False, True, False] and not moved[1:].any()


def test_the_map_read_from_the_other_side_is_the_same_map(grid_BNND):
    head = head_of()
    torch.testing.assert_close(head(grid_BNND, {}), head(grid_BNND.transpose(1, 2), {}))


def test_the_target_is_log2_of_one_plus_the_chosen_signals_of_the_first_window():
    targets = np.array([[[9, 0, 7], [9, 1, 3], [9, 3, 1], [9, np.nan, 0]]], np.float32)
    valid = np.array([[[True, True], [True, True]]])
    config = Config(targets=("ctcf", "atac"), channels=(2, 1))
    found = encode({"targets": targets, "valid": valid}, config)["target"]
    np.testing.assert_array_equal(found, np.array([[[3, 0], [2, 1]]], np.float32))
    assert found.dtype == np.float32


def test_a_masked_bin_has_no_target(arrays, examples):
    frame = examples[examples["kept"] & (examples["sample"] == "a") & (examples["bin1"] == 32)]
    cut = TileDataset(frame, arrays).__getitems__(range(len(frame)))
    missing = np.isnan(encode(cut, CONFIG)["target"])
    assert np.flatnonzero(missing[0].all(axis=1)).tolist() == [30 - 24, 31 - 24]
    assert missing.sum() == missing.shape[0] * 2 * 2


def test_targets_follow_the_map_onto_the_other_strand(arrays, examples):
    frame = examples[examples["kept"]].head(3)
    cut = TileDataset(frame, arrays).__getitems__(range(3))
    plain, flipped = (encode(each, CONFIG)["target"] for each in (cut, flip_strand(cut, np.ones(3, bool))))
    np.testing.assert_array_equal(flipped[:, 1:], plain[:, :0:-1])


def test_the_loss_by_hand():
    """Track 1 has errors 1, 3 and an unknown bin; track 2 the errors 0, 2, 2: (5 + 8 / 3) / 2, whatever has more bins."""
    target = torch.tensor([[[0.0, 0.0], [0.0, 0.0], [float("nan"), 0.0]]])
    outputs = torch.tensor([[[1.0, 0.0], [3.0, 2.0], [7.0, 2.0]]])
    result = step(outputs, {"target": target}, TWO)
    assert result.total.item() == pytest.approx((5 + 8 / 3) / 2)
    assert result.count == 1 and result.parts["mse"] is result.total


def test_a_track_that_no_bin_of_the_batch_has_does_not_count():
    target = torch.tensor([[[0.0, float("nan")], [0.0, float("nan")]]])
    outputs = torch.tensor([[[1.0, 5.0], [3.0, 5.0]]], requires_grad=True)
    result = step(outputs, {"target": target}, TWO)
    result.total.backward()
    assert result.total.item() == pytest.approx(5)
    assert not outputs.grad[..., 1].any() and outputs.grad[..., 0].all()


def test_a_batch_without_any_measurement_has_a_loss_of_zero_and_no_gradient(grid_BNND):
    head = head_of()
    result = step(head(grid_BNND, {}), {"target": torch.full((3, BINS, 2), float("nan"))}, TWO)
    result.total.backward()
    assert result.total.item() == 0
    assert all(not value.grad.any() for value in head.parameters())


def test_metrics_are_means_over_the_tracks_that_are_known():
    rng = np.random.default_rng(0)
    truths, noise = rng.normal(size=(2, 4, 3)), rng.normal(size=(2, 4, 3))
    truths[..., 2] = np.nan
    truths[0, 1, 0] = np.nan
    found = metrics(truths.copy() + noise, truths)
    known = [np.isfinite(truths[..., track]) for track in (0, 1)]
    wanted = [
        np.corrcoef((truths + noise)[..., track][own], truths[..., track][own])[0, 1] for track, own in enumerate(known)
    ]
    assert found["pearson"] == pytest.approx(np.mean(wanted))
    assert np.isnan(metrics(noise, np.full_like(noise, np.nan))["r2"])


def test_scores_are_the_outputs_in_single_precision():
    assert torch.equal(score(torch.tensor([1.5], dtype=torch.bfloat16)), torch.tensor([1.5]))


def test_a_signal_that_contacts_tell_is_learnt_and_found_in_a_sample_without_a_measurement(arrays, splits, examples):
    """Grids of log contacts over expected, nothing else: openness is a bin's mean, which the head must find."""

    def grids(frame):
        cut = TileDataset(frame.reset_index(drop=True), arrays).__getitems__(range(len(frame)))
        ratio = np.log2((cut["contacts"] + 1) / (cut["expected"] + 1)) * cut["valid"]
        return torch.from_numpy(ratio[..., None].astype(np.float32)), torch.from_numpy(encode(cut, CONFIG)["target"])

    torch.manual_seed(1)
    head = TrackHead(CONFIG, 1)
    grid, target = grids(examples[examples["kept"] & (examples["split"] == "train")])
    optimiser = torch.optim.Adam(head.parameters(), lr=0.02)
    for _ in range(80):
        optimiser.zero_grad()
        step(head(grid, {}), {"target": target}, CONFIG).total.backward()
        optimiser.step()
    frame = predicted_windows(arrays, splits, UNMEASURED)
    with torch.no_grad():
        found = score(head.eval()(grids(frame)[0], {})).numpy()
    bins = frame["bin1"].to_numpy()[:, None] + np.arange(-8, 8)
    known = arrays.valid(UNMEASURED, "chr2")[bins]
    planted = log2_signal(UNMEASURED, "chr2")[bins]
    for track in range(2):
        assert np.corrcoef(found[..., track][known], planted[..., track][known])[0, 1] > 0.9
