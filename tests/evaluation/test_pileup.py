"""Pile-ups of observed over expected."""

import numpy as np
import pandas as pd
import pytest

from chiasma.evaluation import pileup
from chiasma.tiles.arrays import ArraysMeta, band_of, write_arrays

BINS = 60


@pytest.fixture
def arrays(tmp_path):
    """A flat map of 1 with loops of 5 at (20, 32) and (25, 28); bin 22 is masked."""
    dense = np.ones((BINS, BINS))
    for x, y in ((20, 32), (25, 28)):
        dense[x, y] = dense[y, x] = 5.0
    valid = np.arange(BINS) != 22
    meta = ArraysMeta(1000, 500, 12, 20, ("atac",), ("s",), {"c": BINS * 1000}, {"s": 1.0})
    chromosomes = {
        ("s", "c"): {"contacts": band_of(dense, meta.band_bins), "valid": valid, "tracks": np.zeros((2 * BINS, 1))}
    }
    return write_arrays(tmp_path / "arrays", meta, chromosomes)


def loops(*bins):
    return pd.DataFrame({"sample": "s", "chrom": "c", "bin1": [x for x, _ in bins], "bin2": [y for _, y in bins]})


def test_the_loop_stands_at_the_centre_and_masked_bins_are_unknown(arrays):
    pile = pileup.cut_piles(arrays, loops((20, 32)), 4)[0]
    assert pile.shape == (9, 9)
    assert pile[4, 4] == np.nanmax(pile) > 3
    assert np.isnan(pile[6]).all()  # row offset +2 is bin 22
    assert np.isfinite(np.delete(pile, 6, axis=0)).all()


def test_pixels_on_and_below_the_diagonal_are_left_out(arrays):
    pile = pileup.cut_piles(arrays, loops((25, 28)), 4)[0]
    row, col = np.mgrid[-4:5, -4:5]
    below = 28 + col <= 25 + row
    assert np.isnan(pile[below]).all()
    assert np.isfinite(pile[~below & (25 + row != 22)]).all()


def test_apa_by_hand():
    pile = np.ones((1, 7, 7))
    pile[0, 3, 3], pile[0, 5:, :2] = 8.0, 2.0
    parts = pileup.pile_parts(pile, 2)
    scores = pileup.apa_scores(parts, np.ones((1, 1)))
    assert scores["apa"][0] == 4.0  # centre 8 over lower left 2
    assert scores["apa_corners"][0] == pytest.approx(((8 + 8) / 9) / ((1 + 1 + 1 + 2) / 4))


def test_weights_choose_the_loops():
    piles = np.ones((2, 5, 5))
    piles[0, 2, 2] = 3.0
    scores = pileup.apa_scores(pileup.pile_parts(piles, 2), np.array([[1.0, 1], [2, 0], [0, 0]]))["apa"]
    assert scores[:2].tolist() == [2.0, 3.0]
    assert np.isnan(scores[2])


def test_the_mean_pile_ignores_what_is_unknown():
    piles = np.array([[[1.0, np.nan]], [[3.0, np.nan]]])
    mean = pileup.mean_pile(piles)
    assert mean[0, 0] == 2.0
    assert np.isnan(mean[0, 1])


def test_no_loops_is_an_empty_pile(arrays):
    piles = pileup.cut_piles(arrays, loops(), 4)
    assert piles.shape == (0, 9, 9)
    assert len(pileup.pile_parts(piles, 2).centre) == 0


def test_a_pile_wider_than_a_tile_is_refused(arrays):
    with pytest.raises(ValueError, match="below 6"):
        pileup.cut_piles(arrays, loops((20, 32)), 6)
