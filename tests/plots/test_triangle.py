"""A turned map: where a pixel stands, and what its colour says."""

import numpy as np
import pandas as pd
import pytest

from chiasma.plots.style import look, new_figure
from chiasma.plots.triangle import contact_norm, draw_triangle


@pytest.fixture
def pixels():
    bin1, bin2 = np.triu_indices(6)
    contacts = np.where(bin1 == 2, np.nan, 10.0 ** (bin2 - bin1) - 1)
    table = pd.DataFrame({"bin1": bin1 + 100, "bin2": bin2 + 100, "contacts": contacts})
    return table[table["bin2"] - table["bin1"] < 4].reset_index(drop=True)


@pytest.mark.parametrize("down", [False, True])
def test_a_pixel_stands_at_the_middle_of_its_bins_at_their_distance(pixels, down):
    with look():
        axes = new_figure(2, 2).subplots()
        mesh = draw_triangle(axes, pixels, 10_000, contact_norm([pixels], 3), down)
    corner = np.asarray(mesh.get_coordinates())[1, 4]  # the first corner of the pixel (101, 104)
    assert corner == pytest.approx([1.025, -30 if down else 30])


def test_contacts_are_logs_masked_pixels_grey_and_others_clear(pixels):
    with look():
        axes = new_figure(2, 2).subplots()
        mesh = draw_triangle(axes, pixels, 10_000, contact_norm([pixels], 3))
    values = mesh.get_array()
    assert values[1, 4] == pytest.approx(3)
    assert values[2, 3] < mesh.norm.vmin
    grey = mesh.cmap(mesh.norm(values[2, 3]))
    assert grey[0] == grey[1] == grey[2]
    assert np.ma.is_masked(values[4, 1])  # below the diagonal
    assert np.ma.is_masked(values[0, 5])  # beyond the band


def test_maps_share_the_brightest_colour_of_what_is_drawn(pixels):
    fainter = pixels.assign(contacts=pixels["contacts"] / 2)
    near, far = (contact_norm([pixels, fainter], reach).vmax for reach in (2, 3))
    assert near == pytest.approx(2, abs=0.05)
    assert far == pytest.approx(3, abs=0.05)
    assert contact_norm([pixels.assign(contacts=np.nan)], 3).vmax == 1
