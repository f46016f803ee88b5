"""Coarse pixels add up what they hold, and rows are correlated over what both know: each beside a plain loop."""

import numpy as np
import pytest
from scipy.sparse import csr_array

from chiasma.evaluation.coarse_pixels import SHARED, coarse_log_ratio, row_correlation

FACTOR, STRATA, PSEUDO = 4, 14, 0.5


def band(rng, bins):
    counted = (rng.random((bins, STRATA)) > 0.3) & (np.arange(bins)[:, None] + np.arange(STRATA) < bins)
    return np.where(counted, rng.gamma(2, 1, counted.shape), np.nan), 3 / (1 + np.arange(STRATA)), counted


@pytest.mark.parametrize("near", [1, 2])
@pytest.mark.parametrize("coarse_bins", [9, 10])
def test_a_coarse_pixel_is_the_sum_of_its_counted_pixels_on_both_sides_of_the_diagonal(near, coarse_bins):
    """38 bins: nine coarse ones of four, and two bins that the tenth holds, or that are dropped."""
    observed, expected, counted = band(np.random.default_rng(1), 38)
    grid = {"factor": FACTOR, "coarse_bins": coarse_bins, "near": near, "pseudo": PSEUDO}
    known, ratio = (each.toarray() for each in coarse_log_ratio(observed, expected, counted, **grid))
    sums = {}
    for i, s in np.argwhere(counted):
        k, j = i // FACTOR, (i + s) // FACTOR
        if j - k >= near and j < coarse_bins:
            before = sums.get((k, j), (0, 0))
            sums[k, j] = before[0] + observed[i, s], before[1] + expected[s]
    assert known.shape == ratio.shape == (coarse_bins, coarse_bins)
    assert known.sum() == 2 * len(sums) and set(np.unique(known)) == {0, 1}
    for (k, j), (top, bottom) in sums.items():
        assert known[k, j] == known[j, k] == 1
        assert ratio[k, j] == ratio[j, k] == pytest.approx(np.log((top + PSEUDO) / (bottom + PSEUDO)))
    assert (ratio[known == 0] == 0).all()


def test_what_is_as_expected_has_a_known_ratio_of_nothing():
    counted = np.ones((20, 8), bool)
    known, ratio = coarse_log_ratio(counted, 1.0, counted, factor=2, coarse_bins=10, near=1, pseudo=1.0)
    assert known.sum() > 0
    assert (ratio.toarray() == 0).all()


def rows_of(rng, rows, columns):
    known = (rng.random((rows, columns)) > 0.4).astype(float)
    return known, rng.normal(size=known.shape) * known


def test_the_correlation_is_pearsons_over_the_columns_that_both_know():
    rng = np.random.default_rng(2)
    (known, value), (other_known, other) = rows_of(rng, 6, 12), rows_of(rng, 4, 12)
    found = row_correlation((known, value), (other_known, other))
    shared = known @ other_known.T
    assert (shared < SHARED).any() and (shared >= SHARED).any()
    for k, j in np.ndindex(6, 4):
        both = (known[k] > 0) & (other_known[j] > 0)
        if both.sum() < SHARED:
            assert np.isnan(found[k, j])
        else:
            assert found[k, j] == pytest.approx(np.corrcoef(value[k, both], other[j, both])[0, 1])


def test_sparse_rows_give_what_dense_ones_give():
    rng = np.random.default_rng(3)
    rows, others = rows_of(rng, 6, 12), (np.ones((1, 12)), rng.normal(size=(1, 12)))
    sparse = tuple(csr_array(each) for each in rows)
    assert row_correlation(sparse, others) == pytest.approx(row_correlation(rows, others), nan_ok=True)


def test_a_row_that_does_not_vary_where_both_are_known_has_no_correlation():
    flat, varied = np.full((1, 8), 0.3), np.arange(8.0)[None]
    known = np.ones((1, 8))
    assert np.isnan(row_correlation((known, flat), (known, varied))).all()
    assert np.isnan(row_correlation((known, varied), (known, flat))).all()
    assert row_correlation((known, varied), (known, varied)) == pytest.approx(1)
