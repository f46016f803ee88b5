"""From fused tokens back to bins: published counts, lengths at any tile, and which bins a token reaches."""

import pytest
import torch

from chiasma.contracts import TileShape
from chiasma.families.mixhic.config import Config
from chiasma.families.mixhic.decoder import StripDecoder, along_windows
from chiasma.families.mixhic.model import build_representation
from chiasma.schema.rooms import build_config, read_values

# Counted from the released code (specification 2.7), and its attention that nothing uses: width -> parameters.
DECODER = {64: 6_377_152, 128: 25_468_288, 256: 101_792_512}
MAP_MODEL = {64: 31_246_338, 128: 124_719_042, 256: 498_343_746}
DEAD = {64: 2_792_960, 128: 11_156_480, 256: 44_595_200}


def count(module):
    return sum(parameter.numel() for parameter in module.parameters())


@pytest.mark.parametrize("need", ["strip", "grid"])
@pytest.mark.parametrize("width", DECODER)
def test_the_published_map_model_has_the_published_parameters(width, need):
    values = read_values("config/models/mixhic_published.yaml")["parameters"]
    config = build_config(Config, values | {"width": width}, "mixhic_published")
    with torch.device("meta"):
        representation = build_representation(config, TileShape(50, 2500, 2), need)
    assert count(representation.decoder) == DECODER[width]
    map_head = (2 * width * 32 + 32) + (32 + 1)
    assert representation.width == 2 * width
    assert count(representation) + map_head == MAP_MODEL[width] - DEAD[width]


@pytest.mark.parametrize("tile_bins", [16, 18, 22, 26, 50])
def test_each_bin_of_both_windows_gets_a_token_whatever_the_tile(tile_bins):
    config = Config(width=8, heads=2, depth=1)
    shape = TileShape(tile_bins, 2 * tile_bins, 1)
    batch = {"contacts": torch.randn(2, 2, tile_bins, tile_bins), "tracks": torch.randn(2, 4 * tile_bins, 1)}
    strip = build_representation(config, shape, "strip").eval()
    assert strip(batch).shape == (2, 2 * tile_bins, 16)
    assert strip({"contacts": batch["contacts"]}).shape == (2, 2 * tile_bins, 16)
    assert build_representation(config, shape, "grid").eval()(batch).shape == (2, tile_bins, tile_bins, 16)


def local_decoder(tile_bins):
    """The legacy axis with one example: its layers see one place each, so the decoder reaches by convolution alone."""
    return StripDecoder(Config(width=4, heads=2, depth=1, legacy_batch_axis=True), tile_bins)


def track_levels(tile_bins, examples=1):
    return [torch.randn(examples, 2 * tile_bins // 2**level, 4 * 2**level) for level in range(4)]


def moved_bins(before, after):
    return (before - after).abs().amax(dim=2)[0].gt(1e-6).nonzero().flatten().tolist()


@pytest.mark.parametrize("token", range(12))
def test_a_fused_token_reaches_the_bins_it_stands_for(token):
    decoder, levels = local_decoder(50), track_levels(50)
    changed = levels[-1].clone()
    changed[:, token] += 1
    moved = moved_bins(decoder(levels[-1], levels), decoder(changed, levels))
    assert {8 * token + place for place in range(8)} <= set(moved)
    assert 8 * token - 8 < moved[0] and moved[-1] < 8 * token + 16


@pytest.mark.parametrize("place", [0, 49, 50, 99])
def test_a_track_token_of_the_first_level_reaches_its_own_bin(place):
    decoder, levels = local_decoder(50), track_levels(50)
    changed = [levels[0].clone(), *levels[1:]]
    changed[0][:, place] += 1
    assert moved_bins(decoder(levels[-1], levels), decoder(levels[-1], changed)) == [place]


def test_the_legacy_axis_mixes_the_examples_of_a_batch_in_the_decoder_too():
    for axis in (True, False):
        decoder = StripDecoder(Config(width=4, heads=2, depth=1, legacy_batch_axis=axis), 16)
        levels = track_levels(16, examples=3)
        mates = [torch.cat([level[:1], torch.randn_like(level[1:])]) for level in levels]
        first, again = decoder(levels[-1], levels)[0], decoder(mates[-1], mates)[0]
        assert torch.allclose(first, again, atol=1e-5) is not axis


def test_no_tracks_are_shown_as_zeros():
    decoder, levels = local_decoder(18), track_levels(18)
    zeros = [torch.zeros_like(level) for level in levels]
    torch.testing.assert_close(decoder(levels[-1], None), decoder(levels[-1], zeros))


def test_recomputing_activations_changes_nothing():
    strips = []
    for save_memory in (False, True):
        torch.manual_seed(1)
        decoder = StripDecoder(Config(width=4, heads=2, checkpoint_activations=save_memory), 16)
        strips.append(decoder(torch.ones(1, 4, 32), None))
    torch.testing.assert_close(*strips)


def test_contact_tokens_lie_along_both_windows_by_hand():
    grid = torch.tensor([[0.0, 1, 2], [10, 11, 12], [20, 21, 22]]).reshape(1, 9, 1)
    assert along_windows(grid).flatten().tolist() == [1, 11, 21, 10, 11, 12]
