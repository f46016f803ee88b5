"""Interval algebra against sets of bases."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chiasma.core.errors import InputError
from chiasma.genome.regions import cover_below, covered_bp, merge, overlap_bp, overlaps, sum_over_bins

intervals = st.lists(
    st.tuples(st.integers(0, 60), st.integers(1, 20)).map(lambda item: (item[0], item[0] + item[1])), max_size=12
)


def arrays(pairs):
    table = np.array(pairs, np.int64).reshape(-1, 2)
    return table[:, 0], table[:, 1]


def bases(pairs):
    return {base for start, end in pairs for base in range(start, end)}


@settings(max_examples=50, deadline=None)
@given(intervals)
def test_merge_is_the_same_set_of_bases_in_separate_sorted_intervals(pairs):
    starts, ends = merge(*arrays(pairs))
    assert bases(zip(starts, ends, strict=True)) == bases(pairs)
    assert (starts[1:] > ends[:-1]).all()
    assert covered_bp(*arrays(pairs)) == len(bases(pairs))


@settings(max_examples=50, deadline=None)
@given(intervals, intervals)
def test_overlap_counts_shared_bases(pairs, others):
    expected = [len(bases([pair]) & bases(others)) for pair in pairs]
    assert overlap_bp(*arrays(pairs), *arrays(others)).tolist() == expected
    assert overlaps(*arrays(pairs), *arrays(others)).tolist() == [shared > 0 for shared in expected]


@settings(max_examples=50, deadline=None)
@given(intervals)
def test_cover_below_counts_bases_before(pairs):
    positions = np.arange(90)
    assert cover_below(*arrays(pairs), positions).tolist() == [
        len([b for b in bases(pairs) if b < p]) for p in positions
    ]


@settings(max_examples=50, deadline=None)
@given(intervals, st.integers(1, 9))
def test_sum_over_bins_adds_each_base_once(pairs, width):
    starts, ends = merge(*arrays(pairs))
    values = np.arange(1.0, len(starts) + 1)
    track = np.zeros(90)
    for start, end, value in zip(starts, ends, values, strict=True):
        track[start:end] = value
    edges = np.minimum(np.arange(0, 90 + width, width), 90)
    expected = [track[a:b].sum() for a, b in zip(edges[:-1], edges[1:], strict=True)]
    order = np.random.default_rng(0).permutation(len(starts))
    found = sum_over_bins(starts[order], ends[order], values[order], edges, "track")
    np.testing.assert_allclose(found, expected)


def test_touching_intervals_do_not_overlap_but_merge():
    assert not overlaps([0], [5], [5], [9]).any()
    assert [array.tolist() for array in merge([5, 0], [9, 5])] == [[0], [9]]


def test_sum_over_bins_refuses_a_base_with_two_values():
    with pytest.raises(InputError, match=r"f: intervals \[0, 5\) and \[4, 6\) overlap"):
        sum_over_bins([0, 4], [5, 6], [1, 2], [0, 10], "f")
