"""What tasks are given: the decoder's tokens, and features at the pixels they belong to."""

import pytest
import torch
from toy import PAIR, pair_examples, toy_config

from chiasma.contracts import TileShape
from chiasma.core.errors import InputError
from chiasma.families.hicfoundation.batch import encode
from chiasma.families.hicfoundation.model import build_representation


def represent(need, shape=PAIR, **changes):
    config = toy_config("hicfoundation", **changes)
    batch = encode(pair_examples(2, shape), config, None)
    return build_representation(config, shape, need).eval(), batch


def test_a_pair_is_the_tokens_of_window_count_and_patches():
    representation, batch = represent("pair")
    encoder = representation.encoder
    assert torch.equal(representation(batch), encoder.decode(encoder.encode(batch), batch))
    assert representation(batch).shape == (2, 2 + 16, representation.width)


@pytest.mark.parametrize("bins", [16, 18, 20])
def test_every_pixel_has_features_also_where_the_last_patch_reaches_beyond_the_window(bins):
    representation, batch = represent("grid", TileShape(bins, bins, 1))
    features = representation(batch)
    assert features.shape == (2, bins, bins, 8)


def test_features_of_a_patch_are_drawn_from_its_token_and_a_pixels_own_value():
    representation, batch = represent("grid")
    pixels, tokens = representation.pixels, torch.randn(1, 16, 16)
    changed = tokens.clone()
    changed[:, 4 * 1 + 2] += 1  # second row, third column of patches
    image = batch["contacts"][:1]
    moved = (pixels(tokens, (4, 4), image) - pixels(changed, (4, 4), image)).abs().sum(dim=3)[0] > 1e-6
    assert moved[4:8, 8:12].all() and moved.sum() == 16
    other = image.clone()
    other[0, 0, 3, 7] += 1
    difference = pixels(tokens, (4, 4), other) - pixels(tokens, (4, 4), image)
    assert difference.abs().sum(dim=3)[0].nonzero().tolist() == [[3, 7]]


def test_what_only_pre_training_trains_stays_as_it_is():
    for need in ("pair", "grid"):
        representation, _ = represent(need)
        still = {name for name, value in representation.named_parameters() if not value.requires_grad}
        assert still == {
            f"encoder.{name}"
            for name in ("decoder.hidden_D", "pixels.weight", "pixels.bias", "count.weight", "count.bias")
        }


@pytest.mark.parametrize("need", ["pair", "grid"])
def test_a_batch_without_contacts_is_an_error_that_says_what_it_holds(need):
    representation, _ = represent(need)
    with pytest.raises(InputError, match="reads contacts alone; the batch holds label, tracks"):
        representation({"tracks": torch.ones(2, 3), "label": torch.ones(2)})
