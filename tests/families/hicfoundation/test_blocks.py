"""Attention against its definition, places and count by hand."""

import math

import pytest
import torch

from chiasma.families.hicfoundation.blocks import Attention, Blocks, Places, count_embedding, sine_grid


def test_attention_is_the_softmax_of_scaled_products():
    attention, x = Attention(12, 3), torch.randn(2, 5, 12)
    query, key, value = attention.query_key_value(x).chunk(3, dim=2)
    heads = []
    for head in range(3):
        part = slice(4 * head, 4 * head + 4)
        weights = (query[..., part] @ key[..., part].transpose(1, 2) / 2).softmax(dim=2)  # 2 = sqrt of 4 channels
        heads.append(weights @ value[..., part])
    torch.testing.assert_close(attention(x), attention.output(torch.cat(heads, dim=2)))


def test_recomputing_activations_changes_neither_output_nor_gradient():
    outputs = []
    for save_memory in (False, True):
        torch.manual_seed(3)
        blocks, x = Blocks(8, 2, 2, save_memory), torch.randn(2, 5, 8, requires_grad=True)
        blocks(x).square().sum().backward()
        outputs.append((blocks(x), x.grad, blocks.layers[0].attention.output.weight.grad))
    for plain, saved in zip(*outputs, strict=True):
        torch.testing.assert_close(plain, saved)


def test_places_by_hand_columns_first():
    table = sine_grid(2, 3, 8)
    assert table.shape == (6, 8)
    row, col = 1, 2
    wanted = [f(place * rate) for place in (col, row) for f in (math.sin, math.cos) for rate in (1, 0.01)]
    torch.testing.assert_close(table[row * 3 + col], torch.tensor(wanted))


def test_places_of_another_grid_are_those_of_a_network_built_for_it():
    torch.testing.assert_close(Places((3, 3), 8)((2, 5)), Places((2, 5), 8)((2, 5)))


def test_no_two_patches_have_one_place():
    table = sine_grid(28, 28, 64)
    assert (torch.cdist(table, table) + 9 * torch.eye(784)).min() > 0.1


@pytest.mark.parametrize(("contacts", "log"), [(1e9, 9), (1e4, 4), (0.5, 0)])  # less than one is taken as one
def test_the_count_by_hand(contacts, log):
    rates = [10_000 ** (-i / 16) for i in range(4)]  # twice the width of 8
    wanted = [1 + f(log * rate) for f in (math.sin, math.cos) for rate in rates]
    torch.testing.assert_close(count_embedding(torch.tensor([contacts]), 8)[0], torch.tensor(wanted))


def test_the_frequencies_of_the_count_span_ten_times():
    few, more = count_embedding(torch.tensor([1e4, 1e5]), 1024)
    slowest = (few - more)[511].abs()  # the last sine: its frequency is about a tenth
    assert slowest == pytest.approx(abs(math.sin(4 * 0.1) - math.sin(5 * 0.1)), abs=0.01)
