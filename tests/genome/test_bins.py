"""The last bin is short, and bins are counted through chromosomes."""

from chiasma.genome.bins import bin_edges, bin_offsets, count_bins


def test_edges_end_with_the_chromosome():
    assert bin_edges(25, 10).tolist() == [0, 10, 20, 25]
    assert bin_edges(20, 10).tolist() == [0, 10, 20]
    assert count_bins(25, 10) == 3
    assert count_bins(1, 10) == 1


def test_offsets_count_the_short_last_bin():
    assert bin_offsets({"a": 25, "b": 10, "c": 5}, 10) == {"a": 0, "b": 3, "c": 4}
