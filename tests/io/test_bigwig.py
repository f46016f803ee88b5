"""bigWig sums against base-by-base arithmetic."""

import numpy as np
import pyBigWig
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chiasma.core.errors import InputError
from chiasma.genome.bins import bin_edges
from chiasma.io import bigwig


@pytest.mark.parametrize("read_bp", [30, 10**6])
def test_sums_and_covered_bases_are_exact(tmp_path, monkeypatch, read_bp):
    monkeypatch.setattr(bigwig, "READ_BP", read_bp)
    base = np.full(105, np.nan)
    base[3:17], base[40:41], base[60:105] = 1.5, 0.0, 2.0
    with pyBigWig.open(str(tmp_path / "t.bw"), "w") as file:
        file.addHeader([("a", 105)])
        file.addEntries(["a"] * 3, [3, 40, 60], ends=[17, 41, 105], values=[1.5, 0.0, 2.0])
    sums, covered = bigwig.read_bin_sums(tmp_path / "t.bw", "a", 10)
    parts = [base[start : start + 10] for start in range(0, 105, 10)]
    np.testing.assert_allclose(sums, [np.nansum(part) for part in parts])
    assert covered.tolist() == [np.isfinite(part).sum() for part in parts]


@settings(max_examples=50, deadline=None)
@given(st.lists(st.sampled_from([np.nan, 0.0, 1.0, 2.5]), min_size=1, max_size=30))
def test_runs_say_each_bin_once_and_merge_equal_neighbours(values):
    values = np.array(values)
    starts, ends, levels = bigwig.runs(values, bin_edges(10 * len(values) - 3, 10))
    painted = np.full(10 * len(values) - 3, np.nan)
    for start, end, level in zip(starts, ends, levels, strict=True):
        assert np.isnan(painted[start:end]).all()
        painted[start:end] = level
    np.testing.assert_array_equal(painted, np.repeat(values, 10)[: len(painted)])
    assert all(a != b or end != start for a, b, end, start in zip(levels, levels[1:], ends, starts[1:], strict=False))


def test_written_bins_are_read_again_with_absent_ones_absent(tmp_path):
    lengths = {"b": 95, "a": 40}
    means = {"b": np.array([0, 0, np.nan, 1, 1, 2, 0, np.nan, 3, 4.0]), "a": np.full(4, np.nan)}
    bigwig.write_bins(tmp_path / "t.bw", lengths, means, 10)
    assert bigwig.read_chromosomes(tmp_path / "t.bw") == lengths
    sums, covered = bigwig.read_bin_sums(tmp_path / "t.bw", "b", 10)
    assert covered.tolist() == [10, 10, 0, 10, 10, 10, 10, 0, 10, 5]
    np.testing.assert_allclose(sums, [0, 0, 0, 10, 10, 20, 0, 0, 30, 20])
    assert bigwig.read_bin_sums(tmp_path / "t.bw", "a", 10)[1].sum() == 0


def test_damaged_missing_and_foreign_files(tmp_path):
    bigwig.write_bins(tmp_path / "t.bw", {"a": 10**6}, {"a": np.random.default_rng(0).random(10**5)}, 10)
    whole = (tmp_path / "t.bw").read_bytes()
    for name, data in (("e.bw", b""), ("x.bw", b"text" * 500)):
        (tmp_path / name).write_bytes(data)
        with pytest.raises(InputError, match="not a whole bigWig"):
            bigwig.read_chromosomes(tmp_path / name)
    (tmp_path / "h.bw").write_bytes(whole[: len(whole) // 3])
    with pytest.raises(InputError, match="damaged|not a whole"):
        bigwig.read_bin_sums(tmp_path / "h.bw", "a", 10)
    with pytest.raises(InputError, match="no such file"):
        bigwig.read_chromosomes(tmp_path / "absent.bw")
