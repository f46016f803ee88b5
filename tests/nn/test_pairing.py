"""Pixels from bins: by hand, and which window lies along the rows."""

import torch

from chiasma.nn.pairing import pair_windows


def test_a_pixel_is_the_mean_plus_the_product_by_hand():
    strip = torch.tensor([[[1.0], [2.0], [10.0], [20.0]]])  # first window 1, 2; second 10, 20
    wanted = torch.tensor([[15.5, 30.5], [26.0, 51.0]])  # (1 + 10) / 2 + 1 * 10 = 15.5
    torch.testing.assert_close(pair_windows(strip)[0, :, :, 0], wanted)


def test_a_bin_of_the_first_window_is_a_row_and_one_of_the_second_a_column():
    strip = torch.randn(2, 10, 3)
    for place, where in ((3, (slice(None), 3)), (5 + 1, (slice(None), slice(None), 1))):
        changed = strip.clone()
        changed[:, place] += 1
        moved = pair_windows(strip) != pair_windows(changed)
        assert moved[where].all()
        moved[where] = False
        assert not moved.any()


def test_equal_windows_give_a_symmetric_grid():
    window = torch.randn(1, 6, 4)
    grid = pair_windows(torch.cat([window, window], dim=1))
    torch.testing.assert_close(grid, grid.transpose(1, 2))
