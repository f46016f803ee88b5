"""Coarsening, and which bin size of a file is read."""

import numpy as np
import pytest
from toy_maps import coarse

from chiasma.core.errors import InputError
from chiasma.io import pixels as module
from chiasma.io.pixels import Pixels, coarsen, pick_resolution, stripe_bins, sum_duplicates


def test_pick_the_coarsest_divisor_and_list_what_exists():
    assert pick_resolution([1000, 2000, 5000, 20000], 10000, "f") == 5000
    assert pick_resolution([1000, 10000], 10000, "f") == 10000
    with pytest.raises(InputError, match="f: no bin size divides the study's resolution of 5000 bp; found 2000, 10000"):
        pick_resolution([10000, 2000], 5000, "f")


def test_coarsen_keeps_the_total_and_equals_the_dense_sum():
    matrix = np.triu(np.random.default_rng(1).poisson(0.5, (17, 17)))
    bin1, bin2 = np.nonzero(matrix)
    found = coarsen(Pixels(bin1, bin2, matrix[bin1, bin2].astype(float)), 4)
    expected = np.triu(coarse(matrix + np.triu(matrix, 1).T, 4))
    assert {(a, b): c for a, b, c in zip(*map(np.ndarray.tolist, found), strict=True)} == {
        (int(a), int(b)): expected[a, b] for a, b in zip(*np.nonzero(expected), strict=True)
    }


def test_sum_duplicates_sorts_and_adds():
    found = sum_duplicates(Pixels(np.array([2, 0, 2]), np.array([3, 1, 3]), np.array([1.0, 5.0, 2.0])))
    assert [array.tolist() for array in found] == [[0, 2], [1, 3], [5.0, 3.0]]


def test_stripe_rows_are_bounded_and_whole_coarse_bins(monkeypatch):
    monkeypatch.setattr(module, "STRIPE_PIXELS", 1000)
    assert stripe_bins(100) == 10
    assert stripe_bins(100, 4) == 8
    assert stripe_bins(10**9, 4) == 4
