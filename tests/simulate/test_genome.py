from __future__ import annotations

import numpy as np
import pytest

from chiasma.simulate.config import Config
from chiasma.simulate.genome import UNKNOWN, bin_statistics, letters, transitions
from chiasma.simulate.sites import satellite


def test_transition_rows_are_probabilities_and_cpg_is_rare():
    matrix = transitions(0.42)
    np.testing.assert_allclose(matrix.sum(axis=1), 1)
    assert matrix[1, 2] < 0.35 * matrix[0, 2]


def test_statistics_by_hand():
    bases = np.array([2, 0, 3, 1, 0, UNKNOWN, UNKNOWN, 2, 0, 3, 1, 1], np.uint8)  # GATCA NNGAT CC
    cut, gc, known = bin_statistics(
        Config({"chr1": 2_000_000}, 1, resolution_bp=5, contacts_resolutions_bp=(5,), signal_bp=5), bases
    )
    assert cut.tolist() == [1, 1, 0]  # a site counts in the bin it starts in
    assert gc.tolist() == [2 / 5, 1 / 3, 1.0]
    assert known.tolist() == [1.0, 0.6, 1.0]
    assert letters(bases) == "GATCANNGATCC"


def test_sequence_lacks_cpg_follows_compartments_and_repeats_in_the_middle(shared):
    part = shared["chr1"]
    bases = part.bases
    start, end = 10_000, 400_000
    window = bases[start:end]
    pairs = ((window[:-1] == 1) & (window[1:] == 2)).mean() / ((window == 1).mean() * (window == 2).mean())
    assert pairs < 0.5
    _, gc, known = bin_statistics(Config({"chr1": 2_600_000}, 1), bases)
    first, last = satellite(Config({"chr1": 2_600_000}, 1, seed=3), "chr1")
    usable = (known == 1) & ~np.isin(np.arange(len(gc)), np.arange(first // 5000, last // 5000))
    assert np.corrcoef(gc[usable], part.compartments["shared"][usable])[0, 1] > 0.3
    middle = bases[first : first + 171 * 100].reshape(100, 171)
    assert (middle[1:] == middle[:-1]).mean() > 0.85
    assert (bases[:10_000] == UNKNOWN).all()
    assert (bases[-10_000:] == UNKNOWN).all()
    assert (bases[10_000:-10_000] < UNKNOWN).all()


def test_unknown_and_repeated_bins_are_not_visible(shared):
    visibility = shared["chr1"].visibility
    first, last = satellite(Config({"chr1": 2_600_000}, 1, seed=3), "chr1")
    assert not visibility[:2].any()
    assert not visibility[first // 5000 : last // 5000].any()
    assert np.median(visibility[visibility > 0]) == pytest.approx(1, abs=0.3)
