"""Released names in our network: the same numbers come out, nothing is lost in silence, and wrong files say what is wrong.

Axes: B example, L patch, T token, D channel.
"""

import argparse
import math

import pytest
import torch
import torch.nn.functional as F
from toy import toy_config

from chiasma.contracts import TileShape
from chiasma.core.errors import ConfigError
from chiasma.families.hicfoundation.blocks import sine_grid
from chiasma.families.hicfoundation.model import build_model
from chiasma.families.hicfoundation.released import load_released, our_name
from chiasma.training.foreign import read_foreign_weights

PATCH, WIDTH, HEADS, SHAPE = 5, 16, 2, TileShape(20, 20, 0)
PARTS = {"norm1": (16, 0), "attn.qkv": (48, 16), "attn.proj": (16, 16), "norm2": (16, 0), "mlp.fc1": (64, 16),
         "mlp.fc2": (16, 64)}  # fmt: skip
LAYERS = {"patch_embed.proj": (WIDTH, 3, PATCH, PATCH), "norm": (WIDTH, 0), "decoder_embed": (WIDTH, WIDTH),
          "decoder_norm": (WIDTH, 0), "decoder_pred": (3 * PATCH**2, WIDTH), "decoder_count": (1, WIDTH)}  # fmt: skip
FINE_TUNED_HEADS = {"decoder_map.weight": (256, WIDTH), "decoder_map.bias": (256,), "map_block.0.weight": (3, 3),
                    "map_blocks.5.weight": (16, WIDTH), "vit_backbone.head.weight": (1000, WIDTH)}  # fmt: skip


def pretrained():
    """Return a state of the released names, of random numbers: two encoder blocks, one of the decoder."""
    layers = dict(LAYERS)
    for block in ("blocks.0", "blocks.1", "decoder_blocks.0"):
        layers |= {f"{block}.{part}": shape for part, shape in PARTS.items()}
    state = {}
    for name, shape in layers.items():
        state[f"{name}.weight"] = torch.randn([size for size in shape if size]) / 4
        state[f"{name}.bias"] = torch.randn(shape[0]) / 4
    for name in ("cls_token", "mask_token"):
        state[name] = torch.randn(1, 1, WIDTH)
    table = torch.cat([torch.zeros(1, WIDTH), sine_grid(4, 4, WIDTH)])[None]
    return state | {"pos_embed": table, "decoder_pos_embed": table.clone()}


def finetuned():
    """Return the same as a fine-tuned model holds it."""
    state, own = {}, ("decoder", "mask_token")
    for name, tensor in pretrained().items():
        state[name if name.startswith(own) else f"vit_backbone.{name}"] = tensor
    for name in (
        "mask_token",
        "decoder_pred.weight",
        "decoder_pred.bias",
        "decoder_count.weight",
        "decoder_count.bias",
    ):
        del state[name]
    repeated = {
        f"patch_embed.proj.{part}": state[f"vit_backbone.patch_embed.proj.{part}"] for part in ("weight", "bias")
    }
    heads = {name: torch.randn(shape) for name, shape in FINE_TUNED_HEADS.items()}
    return state | repeated | heads | {"decoder_pos_embed_new": torch.zeros(1, 99, WIDTH)}


def network(**changes):
    return build_model(toy_config("hicfoundation", "toy_official", depth=2, **changes), SHAPE).eval()


def run_blocks(state, prefix, depth, x_BTD):
    """Pass tokens through blocks of released weights, attention written out."""
    for number in range(depth):
        part = {
            name.removeprefix(f"{prefix}.{number}."): value
            for name, value in state.items()
            if name.startswith(f"{prefix}.{number}.")
        }

        def linear(x, name, part=part):
            return x @ part[f"{name}.weight"].T + part[f"{name}.bias"]

        def norm(x, name, part=part):
            return F.layer_norm(x, (WIDTH,), part[f"{name}.weight"], part[f"{name}.bias"], 1e-6)

        query, key, value = linear(norm(x_BTD, "norm1"), "attn.qkv").reshape(*x_BTD.shape[:2], 3, HEADS, -1).unbind(2)
        weights = (torch.einsum("bthk,bshk->bhts", query, key) / math.sqrt(WIDTH / HEADS)).softmax(dim=3)
        mixed = torch.einsum("bhts,bshk->bthk", weights, value).flatten(2)
        x_BTD = x_BTD + linear(mixed, "attn.proj")
        x_BTD = x_BTD + linear(F.gelu(linear(norm(x_BTD, "norm2"), "mlp.fc1")), "mlp.fc2")
    return x_BTD


def run_pretrained(state, image, depth, visible):
    """Return the predicted patches, as the published network computes them (spec 2.1)."""
    kernel = state["patch_embed.proj.weight"], state["patch_embed.proj.bias"]
    x = F.conv2d(image, *kernel, stride=PATCH).flatten(2).transpose(1, 2) + state["pos_embed"][:, 1:]
    angle = depth.log10()[:, None] / 10_000 ** (torch.arange(WIDTH // 2) / (2 * WIDTH))
    count = torch.cat([angle.sin(), angle.cos()], dim=1)[:, None] + 1
    window = (state["cls_token"] + state["pos_embed"][:, :1]).expand(len(x), -1, -1)
    x = run_blocks(state, "blocks", 2, torch.cat([window, count, x[:, visible]], dim=1))
    x = F.layer_norm(x, (WIDTH,), state["norm.weight"], state["norm.bias"], 1e-6)
    x = x @ state["decoder_embed.weight"].T + state["decoder_embed.bias"]
    patches = state["mask_token"].repeat(len(x), 16, 1)
    patches[:, visible] = x[:, 2:]
    x = torch.cat([x[:, :1], x[:, 1:2] + 1, patches + state["decoder_pos_embed"][:, 1:]], dim=1)
    x = run_blocks(state, "decoder_blocks", 1, x)
    x = F.layer_norm(x, (WIDTH,), state["decoder_norm.weight"], state["decoder_norm.bias"], 1e-6)
    drawn = x[:, 2:] @ state["decoder_pred.weight"].T + state["decoder_pred.bias"]
    return drawn, (x[:, 1] @ state["decoder_count.weight"].T + state["decoder_count.bias"])[:, 0]


def test_released_weights_draw_what_the_published_network_draws():
    state, model = pretrained(), network()
    report = load_released(state, model, "test")
    image, depth, visible = torch.randn(2, 3, 20, 20), torch.tensor([1e9, 3e7]), [0, 3, 7, 10]
    drawn = model({"contacts": image, "depth": depth}, torch.tensor([visible] * 2))
    predicted, count = run_pretrained(state, image, depth, visible)
    torch.testing.assert_close(drawn.predicted_BLP, predicted, atol=1e-4, rtol=1e-4)
    torch.testing.assert_close(drawn.count_B, count, atol=1e-4, rtol=1e-4)
    assert report.kind == "pre-trained"
    assert set(report.matched) == set(dict(model.named_parameters()))
    assert report.missing == report.unexpected == ()
    assert "differs from ours by at most 0" in report.notes[0]


def test_fine_tuned_weights_leave_the_heads_of_pre_training_and_report_those_of_tasks():
    state, model = finetuned(), network()
    before = model.pixels.weight.clone()
    report = load_released(state, model, "test")
    assert report.kind == "fine-tuned"
    assert set(report.missing) == {"decoder.hidden_D", "pixels.weight", "pixels.bias", "count.weight", "count.bias"}
    assert set(report.unexpected) == set(FINE_TUNED_HEADS)
    assert torch.equal(model.pixels.weight, before)
    kernel = state["vit_backbone.patch_embed.proj.weight"]
    assert torch.equal(model.encoder.embed.weight[:, 3 * 7 + 1], kernel[:, 1, 1, 2])  # pixel 7 of 25 lies at (1, 2)
    notes = "; ".join(report.notes)
    assert "held twice, alike: patch_embed.proj.weight, patch_embed.proj.bias" in notes
    assert "decoder_pos_embed_new passed over, places are fixed here: it has 99 rows" in notes
    assert str(report).startswith("fine-tuned weights: ") and f"{len(FINE_TUNED_HEADS)} unexpected (" in str(report)


def without(*names):
    return lambda state: {name: tensor for name, tensor in state.items() if name not in names}


@pytest.mark.parametrize(
    ("make", "change", "message"),
    [
        (pretrained, without("cls_token", "norm.bias"), r"2 missing \(encoder.window_D, encoder.blocks.norm.bias\)"),
        (pretrained, without("decoder_pred.weight"), r"1 missing \(pixels.weight\)"),
        (finetuned, without("decoder_norm.bias"), r"1 missing \(decoder.blocks.norm.bias\)"),
        (pretrained, lambda state: state | {"segment.weight": torch.ones(1)}, r"1 unexpected \(segment.weight\)"),
        (pretrained, lambda state: state | {"decoder_map.weight": torch.ones(1)}, r"1 unexpected \(decoder_map"),
        (pretrained, lambda state: state | {"blocks.2.norm1.bias": torch.ones(16)}, r"1 unexpected \(blocks.2.norm1.bias"),
        (pretrained, lambda state: state | {"blocks.0.attn.extra.bias": torch.ones(1)}, "1 unexpected"),
        (pretrained, lambda state: state | {"norm.bias": torch.ones(8)}, r"encoder.blocks.norm.bias: file \(8,\), model"),
        (pretrained, lambda state: state | {"pos_embed": torch.ones(1, 17, 8)}, r"pos_embed has shape \(1, 17, 8\)"),
        (finetuned, lambda state: state | {"patch_embed.proj.bias": torch.ones(WIDTH)}, "should be the same tensor"),
    ],
)  # fmt: skip
def test_a_wrong_file_is_refused_whole_and_says_why(make, change, message):
    model = network()
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    with pytest.raises(ConfigError, match=message):
        load_released(change(make()), model, "test")
    assert all(torch.equal(tensor, before[name]) for name, tensor in model.state_dict().items())


def test_a_network_of_other_size_is_refused_and_told_its_sizes():
    with pytest.raises(ConfigError, match=r"of another shape \(.*the model has width 16, .* patch 4.*official"):
        load_released(pretrained(), network(patch=4), "test")


def test_every_parameter_of_the_published_network_has_a_released_name():
    model = build_model(toy_config("hicfoundation", "toy_official", depth=24, decoder_depth=8), SHAPE)
    parts = [f"{part}.{kind}" for part in PARTS for kind in ("weight", "bias")]
    names = [f"{block}.{number}.{part}" for block, depth in (("blocks", 24), ("decoder_blocks", 8))
             for number in range(depth) for part in parts]  # fmt: skip
    names += [f"{layer}.{kind}" for layer in LAYERS for kind in ("weight", "bias")] + ["cls_token", "mask_token"]
    ours = [our_name(name) for name in names]
    assert sorted(ours) == sorted(dict(model.named_parameters()))


@pytest.mark.parametrize("make", [pretrained, finetuned])
def test_a_checkpoint_file_of_these_names_is_read_and_loaded(tmp_path, make):
    state, path = make(), tmp_path / "hicfoundation_pretrain.pth.tar"
    torch.save(
        {"model": state, "optimizer": {"state": {0: {"step": 1}}}, "epoch": 3, "args": argparse.Namespace(lr=1.0)}, path
    )
    first, second = network(), network()
    report = load_released(read_foreign_weights(path), first, str(path))
    assert report == load_released(state, second, str(path))
    for name in report.matched:
        assert torch.equal(first.state_dict()[name], second.state_dict()[name])
