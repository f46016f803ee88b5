"""Cutting windows up, and putting them together again."""

import pytest
import torch

from chiasma.families.hicfoundation.patches import filled, grid_of, patchify, take, unpatchify


@pytest.mark.parametrize(("height", "width", "patch"), [(12, 12, 4), (8, 20, 4), (15, 5, 5)])
def test_what_is_cut_up_can_be_put_together(height, width, patch):
    image = torch.randn(2, 3, height, width)
    patches = patchify(image, patch)
    grid = grid_of(height, width, patch)
    assert patches.shape == (2, grid[0] * grid[1], 3 * patch**2)
    assert torch.equal(unpatchify(patches, grid, patch), image)


def test_patches_run_row_by_row_pixels_before_channels():
    image = torch.arange(32.0).reshape(1, 2, 4, 4)  # the second channel is 16 more
    patches = patchify(image, 2)
    assert patches[0, 1].tolist() == [2, 18, 3, 19, 6, 22, 7, 23]
    assert patches[0, 2].tolist() == [8, 24, 9, 25, 12, 28, 13, 29]


def test_a_window_is_filled_up_to_the_right_and_below_with_blank():
    image = torch.randn(2, 2, 50, 33)
    whole = filled(image, 16, torch.tensor([5.0, -1.0]))
    assert whole.shape == (2, 2, 64, 48) and grid_of(50, 33, 16) == (4, 3)
    torch.testing.assert_close(whole[:, :, :50, :33], image)
    assert (whole[:, 0, 50:] == 5).all() and (whole[:, 1, :, 33:] == -1).all()


def test_a_window_of_whole_patches_is_left_alone():
    image = torch.randn(1, 1, 50, 50)
    assert filled(image, 10, torch.zeros(1)) is image


def test_tokens_are_taken_by_their_places():
    x = torch.arange(24.0).reshape(2, 4, 3)
    taken = take(x, torch.tensor([[3, 0], [1, 1]]))
    assert torch.equal(taken[0], x[0, [3, 0]]) and torch.equal(taken[1], x[1, [1, 1]])
