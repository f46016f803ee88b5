"""Thinning: the distribution of what is kept, its nesting, and that chunks do not matter."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from chiasma.assays import thinning
from chiasma.assays.thinning import fraction_of_total, read_marks, thin_counts, thin_pixels, whole_counts
from chiasma.core.errors import ConfigError, InputError


def pixel_table(counts):
    bin1, bin2 = np.triu_indices(300)
    return pd.DataFrame({"bin1_id": bin1, "bin2_id": bin2, "count": 0}).head(len(counts)).assign(count=counts)


def thinned(table, fraction, chunk=10**9, seed=1, sample="a"):
    chunks = (table.iloc[start : start + chunk] for start in range(0, len(table), chunk))
    return pd.concat(thin_pixels(chunks, fraction, seed, sample), ignore_index=True)


@pytest.fixture(scope="module")
def table():
    rng = np.random.default_rng(5)
    return pixel_table(np.where(rng.random(20_000) < 0.01, 400, rng.poisson(2, 20_000)))


def test_a_read_is_kept_when_its_mark_lies_below_the_fraction():
    counts = np.array([3, 0, 1, 2])
    mark = read_marks(7, "a").random(6)
    by_hand = [int((own < 0.5).sum()) for own in (mark[:3], mark[:0], mark[3:4], mark[4:])]
    assert thin_counts(counts, (0, 0.5), read_marks(7, "a")).tolist() == by_hand


@pytest.mark.parametrize("fraction", [0.25, 1 / 16])
def test_what_a_pixel_keeps_is_binomial(fraction):
    reads, pixels = 12, 40_000
    kept = thin_counts(np.full(pixels, reads), (0, fraction), read_marks(3, "a"))
    law = stats.binom(reads, fraction)
    assert kept.mean() == pytest.approx(law.mean(), abs=5 * law.std() / np.sqrt(pixels))
    fourth = law.stats("k") + 2  # a sample variance varies by the fourth moment
    assert kept.var(ddof=1) == pytest.approx(law.var(), abs=5 * law.var() * np.sqrt(float(fourth) / pixels))
    expected = pixels * law.pmf(np.arange(reads + 1))
    common = expected > 5
    found = np.bincount(kept, minlength=reads + 1)
    sides = [np.append(each[common], each[~common].sum()) for each in (found, expected)]
    assert stats.chisquare(*sides).pvalue > 1e-4


def test_pixels_lose_reads_independently():
    kept = thin_counts(np.full(40_000, 20), (0, 0.25), read_marks(4, "a")).reshape(2, -1)
    assert abs(np.corrcoef(kept)[0, 1]) < 5 / np.sqrt(20_000)


@pytest.mark.parametrize(("chunk", "reads"), [(1, 4_000_000), (777, 100), (20_000, 333), (5000, 1)])
def test_chunks_and_the_marks_held_at_once_change_nothing(table, monkeypatch, chunk, reads):
    few = table.head(600)
    whole = thinned(few, 0.3)
    monkeypatch.setattr(thinning, "READS", reads)
    pd.testing.assert_frame_equal(thinned(few, 0.3, chunk), whole)


def test_the_same_seed_keeps_the_same_reads_and_another_seed_or_sample_others(table):
    pd.testing.assert_frame_equal(thinned(table, 0.25), thinned(table, 0.25))
    for other in ({"seed": 2}, {"sample": "b"}):
        assert not thinned(table, 0.25).equals(thinned(table, 0.25, **other))


def by_pixel(table):
    return table.set_index(["bin1_id", "bin2_id"])["count"]


def test_a_ladder_is_nested_and_never_above_the_original(table):
    deeper = by_pixel(table)
    for fraction in (1.0, 0.5, 0.25, 1 / 16, 0.01):
        own = by_pixel(thinned(table, fraction))
        assert not own.index.duplicated().any()
        assert (own <= deeper.reindex(own.index, fill_value=0)).all()
        deeper = own
    assert 0 < own.sum() < 0.02 * table["count"].sum()


def test_a_fraction_of_one_keeps_everything_and_only_pixels_with_reads_are_kept(table):
    seen = table[table["count"] > 0].reset_index(drop=True)
    pd.testing.assert_frame_equal(thinned(table, 1.0), seen)
    assert thinned(table, 0.05)["count"].min() == 1


def test_other_columns_and_the_input_stay_as_they_were():
    table = pixel_table([5, 0, 9]).assign(where=["x", "y", "z"])
    before = table.copy()
    assert thinned(table, 1.0)["where"].tolist() == ["x", "z"]
    pd.testing.assert_frame_equal(table, before)


def test_counts_stored_as_float_are_reads_all_the_same(table):
    pd.testing.assert_frame_equal(thinned(table.astype({"count": float}), 0.25), thinned(table, 0.25))


@pytest.mark.parametrize("kept", [1, 10, 1234, 40_000])
def test_an_exact_total_is_exact_near_its_share_and_nested(table, kept):
    total = int(table["count"].sum())
    fraction = fraction_of_total(total, kept, 1, "a")
    assert fraction == pytest.approx(kept / total, abs=5 * np.sqrt(kept) / total)
    own = by_pixel(thinned(table, fraction))
    assert own.sum() == kept
    half = by_pixel(thinned(table, 0.5))
    if fraction < 0.5:
        assert (own <= half.reindex(own.index, fill_value=0)).all()


def test_an_exact_total_is_that_of_the_sorted_marks(monkeypatch):
    monkeypatch.setattr(thinning, "READS", 7)
    mark = np.sort(read_marks(1, "a").random(50))
    found = [fraction_of_total(50, kept, 1, "a") for kept in range(1, 51)]
    assert found == [*mark[1:], 1.0]


def test_a_pixel_of_an_exact_total_is_hypergeometric():
    counts, kept, runs = np.array([6, 10, 24]), 12, 4000
    found = [
        thin_counts(counts, (0, fraction_of_total(40, kept, seed, "a")), read_marks(seed, "a"))[1]
        for seed in range(runs)
    ]
    law = stats.hypergeom(40, 10, kept)
    expected = runs * law.pmf(np.arange(11))
    common = expected > 5
    sides = [np.append(each[common], each[~common].sum()) for each in (np.bincount(found, minlength=11), expected)]
    assert stats.chisquare(*sides).pvalue > 1e-4


@pytest.mark.parametrize("fraction", [0, -0.5, 1.01, float("nan")])
def test_a_fraction_that_is_none_is_refused_before_anything_is_read(fraction):
    with pytest.raises(ConfigError, match=f"fraction is {fraction}"):
        thin_pixels([], fraction, 1, "a")


@pytest.mark.parametrize(("kept", "total"), [(0, 10), (11, 10), (1, 0)])
def test_an_exact_total_that_cannot_be_is_refused(kept, total):
    with pytest.raises(ConfigError, match=f"{kept} reads of a .* its {total} reads"):
        fraction_of_total(total, kept, 1, "a")


@pytest.mark.parametrize(("wrong", "said"), [(0.25, "0.25"), (-3, "-3"), (np.nan, "nan"), (np.inf, "inf")])
def test_a_count_that_is_no_number_of_reads_is_told(wrong, said):
    with pytest.raises(InputError, match=f"1 of 3 pixels hold no whole number of reads, the first of them {said};"):
        list(thin_pixels([pixel_table([1, wrong, 2])], 0.5, 1, "a"))


def test_whole_counts_of_any_type_become_int64():
    for kind in (np.int32, np.uint16, np.float32):
        found = whole_counts(np.array([0, 7, 3], kind))
        assert found.dtype == np.int64
        assert found.tolist() == [0, 7, 3]
