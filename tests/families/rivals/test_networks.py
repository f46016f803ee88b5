"""What each rival network sees of the two windows, and its parts by hand."""

import pytest
import torch
from toy import PAIR, pair_examples, toy_config

from chiasma.contracts import TileShape
from chiasma.core.errors import ConfigError, InputError
from chiasma.families.rivals.batch import encode
from chiasma.families.rivals.model import build_representation
from chiasma.families.rivals.stem import WindowStem, join_windows, prime_factors
from chiasma.families.rivals.two_channel import TwoChannel

BINS, PER_BIN = PAIR.tile_bins, PAIR.strip_bins // PAIR.tile_bins
STRIPS = ("toy", "toy_bilstm", "toy_outer")
ALONE = ("toy", "toy_bilstm")  # networks that see one window at a time


def represent(variant, need, shape=PAIR, **changes):
    return build_representation(toy_config("rivals", variant, **changes), shape, need).eval()


def moved_by(representation, bin_number):
    """Return which bins or pixels move when the signal of one contact bin of both windows does."""
    tracks = torch.rand(1, 2 * PAIR.strip_bins, PAIR.tracks)
    changed = tracks.clone()
    changed[:, PER_BIN * bin_number : PER_BIN * (bin_number + 1)] += 3
    with torch.no_grad():
        difference = representation({"tracks": tracks}) - representation({"tracks": changed})
    return difference.abs().amax(dim=-1)[0] > 1e-6


@pytest.mark.parametrize(("number", "primes"), [(1, []), (50, [5, 5, 2]), (22, [11, 2]), (13, [13])])
def test_prime_factors(number, primes):
    assert prime_factors(number) == primes


def test_a_tileset_without_tracks_is_refused():
    with pytest.raises(ConfigError, match="reads tracks, and the tileset has none"):
        WindowStem(TileShape(50, 0, 0), 8)


@pytest.mark.parametrize("variant", STRIPS)
@pytest.mark.parametrize(("bins", "per_bin"), [(9, 1), (16, 11), (21, 6), (50, 50)])
def test_any_whole_number_of_track_bins_gives_one_token_a_bin(variant, bins, per_bin):
    shape, tracks = TileShape(bins, bins * per_bin, 3), torch.rand(2, 2 * bins * per_bin, 3)
    assert represent(variant, "strip", shape)({"tracks": tracks}).shape == (2, 2 * bins, 8)
    assert represent(variant, "grid", shape)({"tracks": tracks}).shape == (2, bins, bins, 8)


def test_strips_that_are_no_whole_number_of_contact_bins_are_refused():
    with pytest.raises(ConfigError, match="not a whole number"):
        represent("toy", "strip", TileShape(16, 100, 2))


@pytest.mark.parametrize("variant", ALONE)
def test_the_signal_of_a_window_stays_in_its_tokens_rows_and_columns(variant):
    strip, grid = represent(variant, "strip"), represent(variant, "grid")
    assert moved_by(strip, 3).nonzero().max() < BINS <= moved_by(strip, BINS + 3).nonzero().min()
    for bin_number, axis in ((3, 1), (BINS + 3, 0)):
        lines = moved_by(grid, bin_number)
        assert lines[3, :].all() if axis else lines[:, 3].all()
        assert torch.equal(lines.any(dim=axis), lines.all(dim=axis)), "whole rows or whole columns"


def test_convolutions_reach_a_few_bins_and_recurrence_the_whole_window_both_ways():
    assert not moved_by(represent("toy", "strip", layers=1), 0)[6:].any()  # 2 track bins, then 1, 2 and 1 contact bins
    recurrent = represent("toy_bilstm", "strip")
    assert moved_by(recurrent, 0)[:BINS].all() and moved_by(recurrent, BINS - 1)[:BINS].all()


def test_attention_sees_both_windows():
    assert moved_by(represent("toy_outer", "strip"), 3)[BINS:].any()


def test_a_change_of_one_row_of_tokens_moves_pixels_near_that_row_only():
    grid = represent("toy_outer", "grid", pixel_layers=1)
    tokens = torch.randn(1, 2 * BINS, 8)
    changed = tokens.clone()
    changed[:, 6] += 1
    grids = []
    for value in (tokens, changed):
        grid.encoder.bins.forward = lambda batch, value=value: value
        grids.append(grid({"tracks": tokens}).detach())
    rows = (grids[0] - grids[1]).abs().amax(dim=(2, 3))[0] > 1e-6
    assert rows.nonzero().flatten().tolist() == [5, 6, 7]


def test_the_sum_of_two_maps_is_the_map_of_both_tokens_side_by_side():
    grid = represent("toy_outer", "grid").encoder
    rows, cols = torch.randn(4, 8), torch.randn(5, 8)
    side_by_side = torch.cat([rows[:, None].expand(4, 5, 8), cols[None].expand(4, 5, 8)], dim=2)
    weights = torch.cat([grid.rows.weight, grid.cols.weight], dim=1)
    wanted = side_by_side @ weights.T + grid.rows.bias
    torch.testing.assert_close(grid.rows(rows)[:, None] + grid.cols(cols)[None], wanted)


def test_places_are_told_apart_where_the_signal_is_the_same():
    stem = WindowStem(PAIR, 8).eval()
    tokens = join_windows(stem(torch.ones(1, 2 * PAIR.strip_bins, PAIR.tracks)))[0]
    assert (torch.cdist(tokens, tokens) + torch.eye(2 * BINS)).min() > 1e-3


def test_the_image_is_contacts_and_accessibility_about_the_pair_by_hand():
    shape = TileShape(12, 24, 2)
    network = TwoChannel(toy_config("rivals", "toy_two_channel", accessibility=1, window_bins=9), shape)
    contacts = torch.arange(144.0).reshape(1, 12, 12)
    tracks = torch.full((1, 48, 2), 100.0)
    tracks[0, :, 1] = torch.arange(48.0)  # bin n of the first window has 2n and 2n + 1, of the second 24 more
    image = network.image({"contacts": contacts, "tracks": tracks})
    assert image.shape == (1, 2, 9, 9)
    torch.testing.assert_close(image[0, 0], contacts[0, 2:11, 2:11])
    assert image[0, 0, 4, 4] == contacts[0, 6, 6]
    assert image[0, 1, 4, 4] == (2 * 6 + 0.5) * (24 + 2 * 6 + 0.5)
    assert image[0, 1, 5, 4] == (2 * 7 + 0.5) * (24 + 2 * 6 + 0.5)


def test_two_channel_looks_at_its_part_alone_and_is_one_token():
    batch = encode(pair_examples(2), toy_config("rivals", "toy_two_channel"), None)
    representation = represent("toy_two_channel", "pair", window_bins=9)
    token = representation(batch)
    assert token.shape == (2, 1, 32)
    far = batch["contacts"].clone()
    far[:, :4] += 5
    assert torch.equal(token, representation({**batch, "contacts": far}))


def test_two_channel_refuses_small_tiles_and_tracks_that_are_not_there():
    with pytest.raises(ConfigError, match="9 or more"):
        represent("toy_two_channel", "pair", TileShape(8, 8, 2))
    with pytest.raises(ConfigError, match="no track"):
        represent("toy_two_channel", "pair", accessibility=2)


def test_a_need_that_a_network_does_not_yield_is_refused():
    with pytest.raises(ConfigError, match="yields pair, not a grid"):
        represent("toy_two_channel", "grid")
    with pytest.raises(ConfigError, match="yields strip and grid, not a pair"):
        represent("toy", "pair")


def test_a_missing_modality_is_named():
    batch = encode(pair_examples(2), toy_config("rivals", "toy_two_channel"), None)
    with pytest.raises(InputError, match="reads tracks"):
        represent("toy_two_channel", "pair")({"contacts": batch["contacts"]})
