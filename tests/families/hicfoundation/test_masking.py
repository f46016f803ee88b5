"""Golden shares of the published masks, fair shares of ours, and nothing hidden that is shown mirrored."""

import pytest
import torch
from simulated_windows import cut

from chiasma.families.hicfoundation.masking import (
    hidden_pixels,
    mirror_patches,
    official_kept,
    symmetric_kept,
    visible_count,
    visible_patches,
)
from chiasma.families.hicfoundation.patches import patchify, unpatchify

DRAWS = 1500


def shares(mask, grid, offset):
    """Return the share of draws in which patches are seen: on the diagonal, others with a mirror image, the rest."""
    rows, cols = grid
    diagonal, count = torch.full((DRAWS,), float(offset)), visible_count(rows * cols, 0.75)
    noise = torch.rand(DRAWS, rows * cols)
    kept = (
        official_kept(noise, grid, diagonal, count)
        if mask == "official"
        else symmetric_kept(noise, grid, diagonal, count, torch.rand(DRAWS))
    )
    assert (kept.sum(dim=1) == count).all()
    own = torch.arange(rows * cols)
    on_diagonal = own // cols - own % cols == offset
    paired = mirror_patches(grid, diagonal[:1])[0] != own
    share = kept.float().mean(dim=0)
    return kept, [share[part].mean().item() for part in (on_diagonal, paired, ~on_diagonal & ~paired)]


# A patch is seen where its noise is below some t: with a chance of t alone, t / 2 doubled on the diagonal, t squared / 2 as a
# sum. That a quarter is seen gives t: 0.702 with the diagonal in the corner, 0.314 with it at half the width.
@pytest.mark.parametrize(
    ("offset", "wanted"),
    [(0, (0.351, 0.246, None)), (14, (0.157, 0.049, 0.314)), (-14, (0.157, 0.049, 0.314)), (40, (None, None, 0.25))],
)
def test_the_published_mask_keeps_the_published_shares(offset, wanted):
    _, found = shares("official", (28, 28), offset)
    for share, number in zip(found, wanted, strict=True):
        assert number is None or share == pytest.approx(number, abs=0.01)


@pytest.mark.parametrize("grid", [(10, 10), (7, 12)])
@pytest.mark.parametrize("offset", [0, 5, 1, -3, 11])
def test_our_mask_keeps_every_kind_of_patch_as_often(grid, offset):
    _, found = shares("symmetric", grid, offset)
    nominal = visible_count(grid[0] * grid[1], 0.75) / (grid[0] * grid[1])
    for share in found:
        assert share != share or share == pytest.approx(nominal, abs=0.02)  # nan: no such patch


@pytest.mark.parametrize("grid", [(10, 10), (7, 12)])
@pytest.mark.parametrize("offset", [0, 5, 1, -3])
def test_mirrored_patches_share_their_fate(grid, offset):
    kept, _ = shares("symmetric", grid, offset)
    mirror = mirror_patches(grid, torch.full((DRAWS,), float(offset)))
    assert torch.equal(kept, kept.gather(1, mirror))


@pytest.mark.parametrize("keep", range(1, 9))
def test_fate_is_shared_at_any_number_of_patches_to_see(keep):
    noise, diagonal = torch.rand(200, 9), torch.zeros(200)
    kept = symmetric_kept(noise, (3, 3), diagonal, keep, torch.rand(200))
    assert (kept.sum(dim=1) == keep).all()
    assert torch.equal(kept, kept.gather(1, mirror_patches((3, 3), diagonal)))


@pytest.mark.parametrize("offset", [0, 2, 3, -2])
def test_a_mirrored_patch_holds_the_same_contacts_transposed(offset):
    patch, grid = 4, (5, 5)
    whole = torch.rand(80, 80)
    whole = whole + whole.T
    image = cut(whole, 20, 30, patch * offset)
    patches = patchify(image[None, None], patch)[0].reshape(-1, patch, patch)
    mirror = mirror_patches(grid, torch.tensor([float(offset)]))[0]
    paired = mirror != torch.arange(25)
    assert paired.sum() == (5 - abs(offset)) ** 2 - (5 - abs(offset))
    torch.testing.assert_close(patches[mirror[paired]], patches[paired].transpose(1, 2))


@pytest.mark.parametrize("distance", [0, 4, 7, 9, 18, 40])
def test_a_hidden_pixel_changes_no_patch_that_is_seen_and_any_other_does(distance):
    patch, grid, bins, first = 4, (5, 5), 20, 8
    rounded = torch.tensor([distance / patch]).round()
    kept = symmetric_kept(torch.rand(1, 25), grid, rounded, 6, torch.rand(1))
    hidden = unpatchify(hidden_pixels(kept, grid, patch, torch.tensor([float(distance)])).float(), grid, patch)[0, 0]
    whole = torch.zeros(80, 80)
    for row in range(bins):
        for col in range(bins):
            changed = whole.clone()
            changed[first + row, first + distance + col] = changed[first + distance + col, first + row] = 1
            seen = patchify(cut(changed, bins, first, distance)[None, None], patch)[kept]
            assert seen.any() == (not hidden[row, col])


def test_places_of_the_seen_patches_are_in_order():
    kept = torch.tensor([[True, False, False, True, True], [False, True, True, False, True]])
    assert visible_patches(kept, 3).tolist() == [[0, 3, 4], [1, 2, 4]]


@pytest.mark.parametrize(("patches", "ratio", "count"), [(196, 0.75, 49), (784, 0.75, 196), (100, 0.9, 9), (4, 0.9, 1)])
def test_a_whole_number_of_patches_is_seen_and_at_least_one(patches, ratio, count):
    assert visible_count(patches, ratio) == count
