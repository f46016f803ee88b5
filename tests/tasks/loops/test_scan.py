"""The scan visits what stands out, in the splits asked for."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from chiasma.tasks.loops import scan


def planted_bins(planted, chrom: str) -> np.ndarray:
    own = planted.labels["a"].query("chrom1 == @chrom")
    return own[["start1", "start2"]].to_numpy() // 5000


def test_a_worked_example_of_the_excess():
    """Nine pixels with 36 contacts where 16 are expected: 20 over the square root of 16."""
    assert scan.deviations(np.array([4.0]), np.array([36 / 16]), 9) == pytest.approx(5.0)


def test_few_expected_contacts_count_as_one():
    assert scan.deviations(np.array([1 / 3]), np.array([30.0]), 9) == pytest.approx(3 - 0.1)


def test_nothing_observed_is_no_excess():
    assert scan.deviations(np.array([0.0]), np.array([0.0]), 9) == -np.inf


def test_a_poisson_map_has_deviations_of_one(planted):
    """Away from loops the excess is a standard score; three by three pixels share contacts, so its spread is near one."""
    excess_ID = scan.excess(planted.config, planted.arrays, ("a", "chr1")).astype(float)
    values = excess_ID[40:280, 10:60]
    values = values[np.abs(values) < 3]
    assert abs(values.mean()) < 0.3
    assert 0.7 < values.std() < 1.3


def test_planted_loops_are_visited_and_most_other_pixels_are_not(planted):
    config = replace(planted.config, scan_min_excess=2.0)
    found = scan.scan(config, planted.arrays, planted.splits, ("a", "chr3"), ("test",))
    visited = set(zip(found["bin1"], found["bin2"], strict=True))
    loops = {tuple(pair) for pair in planted_bins(planted, "chr3").tolist()}
    assert len(loops & visited) == len(loops)
    assert len(visited) < 0.2 * 280 * 56
    assert (found["excess"] >= 2.0).all()
    assert set(found["split"]) == {"test"}


def test_a_scan_of_peaks_is_a_small_part_that_keeps_the_loops(planted):
    config = replace(planted.config, scan_min_excess=2.0, scan_peak_bins=1)
    every = scan.scan(replace(config, scan_peak_bins=0), planted.arrays, planted.splits, ("a", "chr3"), ("test",))
    peaks = scan.scan(config, planted.arrays, planted.splits, ("a", "chr3"), ("test",))
    assert len(peaks) < 0.4 * len(every)
    points = peaks[["bin1", "bin2"]].to_numpy()
    near = np.abs(planted_bins(planted, "chr3")[:, None] - points).max(axis=2).min(axis=1)
    assert (near <= 1).all()


def test_splits_that_are_not_wanted_are_not_visited(planted):
    assert scan.scan(planted.config, planted.arrays, planted.splits, ("a", "chr1"), ("valid", "test")).empty
