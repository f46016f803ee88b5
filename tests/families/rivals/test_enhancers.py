"""The networks of contacts alone: of the published sizes, with the published reach, any window alike."""

import pytest
import torch
from toy import PAIR, pair_examples, toy_config

from chiasma.contracts import TileShape
from chiasma.core.errors import ConfigError
from chiasma.families.rivals.batch import encode
from chiasma.families.rivals.config import Config
from chiasma.families.rivals.hicarn import Cascade, HicArn, Residual
from chiasma.families.rivals.hicplus import HicPlus
from chiasma.families.rivals.model import build_representation
from chiasma.schema.rooms import build_config
from chiasma.schema.run import read_model
from chiasma.training.outputs import parameter_count

TOYS = ("toy_hicplus", "toy_hicarn")


def shipped(name):
    """Return the configuration of a file under config/models."""
    return build_config(Config, read_model(name).parameters, name)


def convolution(read, made, kernel):
    """Return the weights of a convolution, biases included."""
    return read * made * kernel**2 + made


def reach(network, bins):
    """Return the bins to each side, rows and columns alike, whose contacts decide the features of the middle pixel."""
    contacts = torch.randn(1, 2, bins, bins, requires_grad=True)
    middle = bins // 2
    network({"contacts": contacts})[0, middle, middle].sum().backward()
    seen = contacts.grad[0].abs().sum(dim=0) > 0
    rows, cols = (seen.any(dim=axis).nonzero().flatten() - middle for axis in (1, 0))
    assert rows.min() == -rows.max() == cols.min() == -cols.max()
    return int(rows.max())


def test_hicplus_has_the_published_filters():
    network = HicPlus(shipped("rival_hicplus"))
    kernels = [(layer.out_channels, layer.kernel_size[0]) for layer in network.layers if hasattr(layer, "kernel_size")]
    assert kernels == [(8, 9), (8, 1), (8, 5)]
    assert parameter_count(network) == convolution(2, 8, 9) + convolution(8, 8, 1) + convolution(8, 8, 5) == 2984


def test_hicarn_has_five_cascades_of_three_residuals_64_wide():
    network = HicArn(shipped("rival_hicarn"))
    assert [len(block.parts) for block in network.blocks.parts] == [3] * 5
    within = 3 * 2 * convolution(64, 64, 3) + sum(convolution(64 * parts, 64, 1) for parts in (2, 3, 4))
    between = sum(convolution(64 * parts, 64, 1) for parts in (2, 3, 4, 5, 6))
    ends = convolution(2, 64, 3) + convolution(64, 8, 3)
    assert parameter_count(network) == 5 * within + between + ends == 1_381_192


def test_no_network_yields_nothing_and_has_no_weights():
    network = build_representation(shipped("rival_none"), TileShape(7, 7, 0), "grid")
    features = network({"contacts": torch.randn(2, 2, 7, 7)})
    assert features.shape == (2, 7, 7, network.width) and not features.any()
    assert parameter_count(network) == 0


def test_hicplus_sees_six_bins_to_each_side():
    assert reach(HicPlus(shipped("rival_hicplus")), 21) == 4 + 0 + 2


@pytest.mark.parametrize("layers", [1, 2])
def test_hicarn_sees_six_bins_more_with_each_cascade(layers):
    assert reach(HicArn(Config("hicarn", width=4, layers=layers)), 37) == 1 + 6 * layers + 1


def test_a_residual_without_weights_passes_on_what_is_positive():
    residual = Residual(2)
    torch.nn.init.zeros_(residual.layers[2].weight)
    torch.nn.init.zeros_(residual.layers[2].bias)
    x = torch.randn(1, 2, 5, 5)
    assert torch.equal(residual(x), x.relu())


def test_a_cascade_of_doublings_by_hand():
    """Each part doubles what it is given; the mergers add up: x, then x + 2x, then x + 2x + 2 (x + 2x)."""

    class Double(torch.nn.Module):
        def forward(self, x):
            return 2 * x

    cascade = Cascade([Double(), Double()], 1)
    for merger in cascade.mergers:
        torch.nn.init.ones_(merger.weight)
        torch.nn.init.zeros_(merger.bias)
    assert cascade(torch.ones(1, 1, 1, 1)).item() == 1 + 2 + 2 * (1 + 2)


@pytest.mark.parametrize("name", ["rival_hicplus", "rival_hicarn"])
def test_untrained_features_are_of_the_size_of_what_is_read(name):
    """Without norms: neither lost on the way through all blocks, nor blown up."""
    torch.manual_seed(0)
    network = build_representation(shipped(name), PAIR, "grid")
    with torch.no_grad():
        assert 0.3 < network({"contacts": torch.randn(1, 2, 24, 24)}).std() < 3


@pytest.mark.parametrize("variant", TOYS)
def test_any_window_gives_features_of_each_pixel_and_tiles_do_not_matter(variant):
    torch.manual_seed(0)
    small = build_representation(toy_config("rivals", variant), PAIR, "grid")
    torch.manual_seed(0)
    large = build_representation(toy_config("rivals", variant), TileShape(48, 48, 0), "grid")
    contacts = torch.randn(1, 2, 30, 22)
    assert small({"contacts": contacts}).shape == (1, 30, 22, 8)
    assert torch.equal(small({"contacts": contacts}), large({"contacts": contacts}))


@pytest.mark.parametrize("variant", TOYS)
def test_a_window_and_its_transpose_share_their_pixels_once_the_kernels_are_symmetric(variant):
    network = build_representation(toy_config("rivals", variant), PAIR, "grid")
    with torch.no_grad():
        for value in network.parameters():
            if value.ndim == 4:
                value.copy_((value + value.transpose(2, 3)) / 2)
    contacts = torch.randn(1, 2, 16, 16)
    turned = network({"contacts": contacts.transpose(2, 3)})
    torch.testing.assert_close(turned, network({"contacts": contacts}).transpose(1, 2))


@pytest.mark.parametrize("variant", TOYS)
def test_a_pixel_without_a_value_is_as_good_as_one_with_its_expected_contacts(variant):
    config = toy_config("rivals", variant)
    masked, filled = pair_examples(2), pair_examples(2)
    masked["contacts"][~masked["valid"]] = float("nan")
    filled["contacts"][~filled["valid"]] = filled["expected"][~filled["valid"]]
    first, second = (encode(examples, config, None)["contacts"] for examples in (masked, filled))
    assert torch.equal(first, second)


@pytest.mark.parametrize("variant", TOYS)
@pytest.mark.parametrize("need", ["pair", "strip"])
def test_they_yield_pixels_and_nothing_else(variant, need):
    with pytest.raises(ConfigError, match=f"yields grid, not a {need}"):
        build_representation(toy_config("rivals", variant), PAIR, need)
