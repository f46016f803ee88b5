"""Shapes of the towers, what their attention sees, and what a tile must be."""

import pytest
import torch

from chiasma.contracts import TileShape
from chiasma.core.errors import ConfigError
from chiasma.families.mixhic.config import Config
from chiasma.families.mixhic.layers import ContactBlock, TrackLayer, run_blocks, sine_positions
from chiasma.families.mixhic.towers import (
    ContactTower,
    FullStem,
    SeparateTrackTower,
    StridedStem,
    TrackTower,
    pool_widths,
)

PAPER = TileShape(50, 2500, 2)


@pytest.mark.parametrize(("per_bin", "pools"), [(50, [2, 5, 5]), (1, []), (20, [2, 2, 5]), (21, [3, 7])])
def test_pools_multiply_to_the_track_bins_of_a_contact_bin(per_bin, pools):
    assert pool_widths(TileShape(10, 10 * per_bin, 1)) == pools


def test_strips_that_are_no_whole_number_of_contact_bins_are_refused():
    with pytest.raises(ConfigError, match="not a whole number"):
        pool_widths(TileShape(50, 2510, 2))
    with pytest.raises(ConfigError, match="leaves 11"):
        pool_widths(TileShape(50, 50 * 22, 2))


def test_a_tileset_without_tracks_is_refused():
    with pytest.raises(ConfigError, match="reads tracks, and the tileset has none"):
        pool_widths(TileShape(50, 0, 0))


def test_tiles_too_small_for_the_levels_are_refused():
    for bins in (14, 17):
        with pytest.raises(ConfigError, match="tile_bins"):
            ContactTower(Config(width=8), TileShape(bins, bins, 1))


@pytest.mark.parametrize("stem", ["full", "strided"])
def test_levels_at_the_papers_tile_have_the_papers_lengths(stem):
    config = Config(width=4, depth=1, heads=1, stem=stem)
    grids = ContactTower(config, PAPER)(torch.randn(1, 2, 50, 50))
    levels = TrackTower(config, PAPER)(torch.randn(1, 5000, 2))
    assert [tuple(grid.shape) for grid in grids] == [(1, 25, 25, 4), (1, 12, 12, 8), (1, 6, 6, 16), (1, 3, 3, 32)]
    assert [tuple(level.shape) for level in levels] == [(1, 100, 4), (1, 50, 8), (1, 25, 16), (1, 12, 32)]


@pytest.mark.parametrize("build", [FullStem, StridedStem])
@pytest.mark.parametrize("per_bin", [1, 6, 50])
def test_a_stem_token_sees_its_own_contact_bin_and_little_else(build, per_bin):
    bins = 30
    stem = build(1, 8, pool_widths(TileShape(bins, bins * per_bin, 1)), "batch").eval()
    tracks = torch.randn(1, 2 * bins * per_bin, 1)
    changed = tracks.clone()
    changed[:, 10 * per_bin : 11 * per_bin] += 5
    moved = (stem(tracks) - stem(changed)).abs().amax(dim=2)[0] > 1e-6
    assert moved.shape == (2 * bins,)
    assert moved[10]
    assert moved.nonzero().min() >= 6 and moved.nonzero().max() <= 14


def test_corrected_layers_carry_information_along_the_genome():
    layer = TrackLayer(8, 2, norm_first=False, batch_axis=False)
    tracks = torch.randn(1, 6, 8)
    changed = tracks.clone()
    changed[:, 5] += 1
    assert not torch.allclose(layer(tracks)[:, 0], layer(changed)[:, 0])


def test_legacy_layers_do_not_when_the_batch_is_one():
    layer = TrackLayer(8, 2, norm_first=False, batch_axis=True)
    tracks, order = torch.randn(1, 6, 8), torch.tensor([0, 3, 5, 1, 4, 2])
    torch.testing.assert_close(layer(tracks)[:, 0], layer(tracks[:, order])[:, 0])


def test_legacy_layers_mix_the_examples_of_a_batch_instead():
    legacy, corrected = (TrackLayer(8, 2, norm_first=False, batch_axis=axis) for axis in (True, False))
    batch, mates = torch.randn(3, 6, 8), torch.randn(3, 6, 8)
    mates[0] = batch[0]
    assert not torch.allclose(legacy(batch)[0], legacy(mates)[0])
    torch.testing.assert_close(corrected(batch)[0], corrected(mates)[0])


def test_recomputing_activations_changes_no_gradient():
    gradients = []
    for save_memory in (False, True):
        torch.manual_seed(3)
        blocks = torch.nn.ModuleList(ContactBlock(8, 2, attends=True) for _ in range(2))
        grid = torch.randn(2, 4, 4, 8, requires_grad=True)
        run_blocks(blocks, grid, save_memory).square().sum().backward()
        gradients.append([grid.grad, *(parameter.grad for parameter in blocks.parameters())])
    for plain, recomputed in zip(*gradients, strict=True):
        torch.testing.assert_close(plain, recomputed)


def test_positions_tell_places_apart():
    positions = sine_positions(torch.arange(50), 16)
    distances = torch.cdist(positions, positions) + 10 * torch.eye(50)
    assert distances.min() > 0.1


def test_without_attention_a_contact_block_sees_its_neighbours_only():
    block = ContactBlock(8, 2, attends=False)
    grid = torch.randn(1, 7, 7, 8)
    changed = grid.clone()
    changed[:, 0, 0] = torch.randn(8)
    moved = (block(grid) - block(changed)).abs().amax(dim=3)[0] > 1e-7
    assert moved[:2, :2].all() and not moved[2:].any() and not moved[:, 2:].any()


@pytest.mark.parametrize("stem", ["full", "strided"])
def test_a_separate_strip_is_encoded_without_its_partner_and_meets_it_at_the_last_level(stem):
    config = Config(width=4, depth=1, heads=1, stem=stem, strips="separate")
    tower, tracks = SeparateTrackTower(config, PAPER).eval(), torch.randn(2, 5000, 2)
    first, second = tracks.chunk(2, dim=1)
    (end,) = tower(tracks)
    loci = torch.stack([tower.encode_loci(first), tower.encode_loci(second)], dim=1)
    assert loci.shape == (2, 2, 6, 32) and end.shape == (2, 12, 32)
    torch.testing.assert_close(tower.pair_loci(loci), end, atol=1e-5, rtol=1e-4)
    (moved,) = tower(torch.cat([first, second + 3], dim=1))
    assert ((moved - end).abs().amax(dim=2) > 1e-6).all(), "the first strip's tokens look at the second's too"


def test_the_anchors_of_a_separate_pair_are_told_apart():
    config = Config(width=4, depth=1, heads=1, strips="separate")
    tower, strip = SeparateTrackTower(config, PAPER).eval(), torch.randn(1, 2500, 2)
    (end,) = tower(torch.cat([strip, strip], dim=1))
    assert not torch.allclose(end[:, :6], end[:, 6:])
    tower.anchor_AD.data[1] = tower.anchor_AD.data[0]
    (alike,) = tower(torch.cat([strip, strip], dim=1))
    torch.testing.assert_close(alike[:, :6], alike[:, 6:])
