"""Parameter counts of the published sizes, what the encoder sees, windows of other shapes, vectors of each level."""

from contextlib import nullcontext

import pytest
import torch
from toy import PAIR, pair_examples, toy_config

from chiasma.contracts import TileShape
from chiasma.core.errors import ConfigError
from chiasma.families.hicfoundation.batch import encode
from chiasma.families.hicfoundation.config import Config
from chiasma.families.hicfoundation.model import build_model, embed, embed_tokens
from chiasma.families.hicfoundation.objective import build_objective
from chiasma.schema.rooms import build_config
from chiasma.schema.run import read_model

PUBLISHED = {"image": "rgb", "contact_transform": "log10_max", "objective": "official", "patch": 16}
SIZES = {
    "large": (303.1, 26.1, 329.2),
    "base": (85.6, 26.0, 111.7),
    "small": (21.6, 3.46, 25.0),
    "tiny": (5.49, 1.97, 7.5),
}


def count(*modules):
    return sum(parameter.numel() for module in modules for parameter in module.parameters()) / 1e6


@pytest.mark.parametrize("size", SIZES)
def test_each_size_has_the_published_parameters(size):
    parameters = read_model(f"hicfoundation_{size}").parameters | PUBLISHED
    with torch.device("meta"):
        model = build_model(build_config(Config, parameters, size), TileShape(224, 2240, 0))
    encoder, decoder, total = SIZES[size]
    assert count(model.encoder) == pytest.approx(encoder, rel=2e-3)
    assert count(model.decoder, model.pixels, model.count) == pytest.approx(decoder, rel=3e-3)
    assert count(model) == pytest.approx(total, abs=0.05)


def test_the_large_encoder_and_decoder_to_the_last_number():
    with torch.device("meta"):
        model = build_model(
            build_config(Config, read_model("hicfoundation_official").parameters, "official"), TileShape(448, 4480, 0)
        )
    block = {width: 12 * width**2 + 13 * width for width in (1024, 512)}
    encoder = 24 * block[1024] + (768 + 1) * 1024 + 1024 + 2 * 1024
    decoder = 8 * block[512] + (1024 + 1) * 512 + 512 + 2 * 512 + (512 + 1) * 768 + 513
    assert count(model) * 1e6 == pytest.approx(encoder + decoder)
    assert len(model.encoder.blocks.layers) == 24 and len(model.decoder.blocks.layers) == 8


@pytest.mark.parametrize("variant", ["toy", "toy_official"])
@pytest.mark.parametrize("training", [True, False])
def test_a_step_stays_on_the_device_of_its_batch(variant, training, monkeypatch):
    monkeypatch.setattr(torch, "autocast", lambda *_, **__: nullcontext())  # it does not know this device
    config = toy_config("hicfoundation", variant)
    model = build_model(config, PAIR).to("meta").train(training)
    batch = {name: tensor.to("meta") for name, tensor in encode(pair_examples(), config, None).items()}
    output = build_objective(config)(model, batch, 0)
    assert {part.device.type for part in (output.total, *output.parts.values())} == {"meta"}
    assert {vector.device.type for vector in embed(model, batch).values()} == {"meta"}


@pytest.fixture
def batch():
    return encode(pair_examples(), toy_config("hicfoundation"), None)


@pytest.fixture
def model():
    return build_model(toy_config("hicfoundation"), PAIR).eval()


def test_only_seen_patches_reach_the_encoder_and_what_is_drawn(batch, model):
    visible = torch.tensor([[0, 5, 6]] * 4)
    assert model.encode(batch, visible).shape == (4, 2 + 3, 16)
    changed = {**batch, "contacts": batch["contacts"].clone()}
    changed["contacts"][:, :, 12:] += 3  # the last row of patches, none of them seen
    first, second = model(batch, visible), model(changed, visible)
    assert torch.equal(first.predicted_BLP, second.predicted_BLP) and torch.equal(first.count_B, second.count_B)
    assert not torch.equal(first.target_BLP, second.target_BLP)
    changed["contacts"][:, :, :4, :4] += 3  # the first patch is
    assert not torch.allclose(first.predicted_BLP, model(changed, visible).predicted_BLP)


def test_a_patch_keeps_its_place_whatever_else_is_seen(batch, model):
    """With every patch seen, in any order, the decoder draws what it draws of all."""
    whole = model.decode(model.encode(batch), batch)
    order = torch.stack([torch.randperm(16) for _ in range(4)])
    torch.testing.assert_close(model.decode(model.encode(batch, order), batch, order), whole, atol=1e-5, rtol=1e-4)


def test_the_depth_of_the_map_reaches_every_token(batch, model):
    deeper = {**batch, "depth": batch["depth"] * 100}
    assert ((model.encode(batch) - model.encode(deeper)).abs().amax(dim=2) > 1e-6).all()


def test_windows_of_other_shapes_are_read_by_the_same_weights(model):
    wide = {"contacts": torch.randn(2, 1, 10, 37), "depth": torch.tensor([1e3, 1e4])}
    assert model.grid(wide) == (3, 10)
    drawn = model(wide, torch.arange(7).expand(2, -1))
    assert drawn.predicted_BLP.shape == drawn.target_BLP.shape == (2, 30, 16)
    built = build_model(toy_config("hicfoundation"), TileShape(40, 40, 0)).eval()
    built.load_state_dict(model.state_dict())
    square = {"contacts": torch.randn(2, 1, 40, 40), "depth": wide["depth"]}
    torch.testing.assert_close(model.encode(square), built.encode(square))


def test_recomputed_activations_give_the_same_drawing(batch):
    drawn = []
    for checkpointed in (False, True):
        torch.manual_seed(0)
        model = build_model(toy_config("hicfoundation", checkpoint_activations=checkpointed), PAIR)
        drawn.append(model(batch, torch.tensor([[1, 2]] * 4)).predicted_BLP)
    torch.testing.assert_close(*drawn)


@pytest.mark.parametrize(("patch", "patches"), [(5, 100), (10, 25), (16, 16)])
def test_the_demos_tiles_are_read_by_patches_of_any_width(patch, patches):
    shape = TileShape(50, 2500, 3)
    config = toy_config("hicfoundation", patch=patch)
    batch = encode(pair_examples(2, TileShape(50, 50, 1)), config, None)
    tokens = embed_tokens(build_model(config, shape), batch)
    assert tokens["contacts_patch_encoder"].shape == (2, patches, 16)


def test_vectors_are_the_windows_token_and_the_mean_of_the_patches(batch, model):
    tokens, vectors = embed_tokens(model, batch), embed(model, batch)
    assert list(vectors) == [
        f"contacts_{level}_{part}" for part in ("encoder", "decoder") for level in ("window", "patch")
    ]
    for part in ("encoder", "decoder"):
        assert torch.equal(vectors[f"contacts_window_{part}"], tokens[f"contacts_window_{part}"][:, 0])
        torch.testing.assert_close(vectors[f"contacts_patch_{part}"], tokens[f"contacts_patch_{part}"].sum(dim=1) / 16)


def test_a_windows_vectors_do_not_depend_on_its_batch_mates(batch, model):
    alone = {name: tensor[:1] for name, tensor in batch.items()}
    for name, vector in embed(model, batch).items():
        torch.testing.assert_close(vector[:1], embed(model, alone)[name], atol=1e-5, rtol=1e-4)


def test_tiles_too_small_for_patches_or_image_similarity_are_refused():
    with pytest.raises(ConfigError, match="two patches of 16"):
        build_model(Config(), TileShape(30, 30, 0))
    with pytest.raises(ConfigError, match="11 pixels; tile_bins is 10"):
        build_model(toy_config("hicfoundation", "toy_official"), TileShape(10, 10, 0))


def test_each_block_lies_deeper_than_the_one_before_it_in_a_stack_of_its_own():
    config = toy_config("hicfoundation", depth=3, decoder_depth=2)
    depths = build_model(config, PAIR).parameter_depths()
    assert {depths[name] for name in ("encoder.embed.weight", "encoder.window_D")} == {(0, 4)}
    assert {depths[name] for name in ("decoder.embed.bias", "decoder.hidden_D")} == {(0, 3)}
    for part, blocks in (("encoder", 3), ("decoder", 2)):
        found = [depths[f"{part}.blocks.layers.{block}.network.0.weight"] for block in range(blocks)]
        assert found == [(block + 1, blocks + 1) for block in range(blocks)]
    for name in ("encoder.blocks.norm.weight", "decoder.blocks.norm.bias", "pixels.weight", "count.bias"):
        assert depths[name][0] == depths[name][1], "learns at the full rate"
