"""Our balancing against cooler's, and against what balanced means."""

import warnings

import cooler
import numpy as np
import pandas as pd
import pytest

from chiasma.assays import balancing
from chiasma.assays.balancing import balance_blocks, build_blocks, well_covered
from chiasma.io.cooler import CoolerSource, write_cool
from chiasma.io.pixels import Pixels

LENGTHS = {"a": 120_000, "b": 80_000}
SIZE = 1000


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    """A map with coverage bias, sparse bins and empty bins."""
    rng = np.random.default_rng(3)
    bias = np.exp(rng.normal(0, 0.4, 200))
    bias[[20, 21, 150]], bias[60:64] = 0.002, 0
    distance = np.abs(np.subtract.outer(np.arange(200), np.arange(200)))
    upper = np.triu(rng.poisson(np.outer(bias, bias) * 300 / (1 + distance)))
    bin1, bin2 = np.nonzero(upper)
    frame = pd.DataFrame({"bin1_id": bin1, "bin2_id": bin2, "count": upper[bin1, bin2]})
    path = tmp_path_factory.mktemp("ice") / "m.cool"
    write_cool(path, LENGTHS, SIZE, [frame], "toy")
    return path


def ice(path):
    source = CoolerSource(path)
    sizes = {chrom: length // SIZE for chrom, length in LENGTHS.items()}
    blocks = {
        c: build_blocks(lambda c=c: source.stripes(c, SIZE), n, source.count_pixels(c, SIZE)) for c, n in sizes.items()
    }
    kept = well_covered(
        {c: b.times(np.ones(b.n_bins)) for c, b in blocks.items()}, {c: b.filled() for c, b in blocks.items()}, 5
    )
    return {c: balance_blocks(b, kept[c]) for c, b in blocks.items()}


@pytest.fixture()
def small_stripes(monkeypatch):
    monkeypatch.setattr("chiasma.io.pixels.STRIPE_PIXELS", 1700)


def test_weights_equal_coolers(path, small_stripes):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # cooler asks for a variance that a map of few bins does not reach
        expected, _ = cooler.balance_cooler(cooler.Cooler(str(path)), cis_only=True, max_iters=500, tol=1e-4)
    found = np.concatenate([weights for weights, _ in ice(path).values()])
    np.testing.assert_array_equal(np.isnan(found), np.isnan(expected))
    assert np.isnan(found).sum() >= 7
    np.testing.assert_allclose(found, expected, rtol=1e-4)


def test_a_map_read_in_each_sweep_gives_the_same(path, small_stripes, monkeypatch):
    monkeypatch.setattr(balancing, "MAX_SWEEPS", 4)
    kept = ice(path)
    monkeypatch.setattr(balancing, "KEPT_PIXELS", 0)
    for chrom, (weights, _) in ice(path).items():
        np.testing.assert_array_equal(weights, kept[chrom][0])


def test_balanced_rows_sum_to_one(path):
    clr = cooler.Cooler(str(path))
    for chrom, (weights, variation) in ice(path).items():
        matrix = clr.matrix(balance=False).fetch(chrom).astype(float)
        near = np.abs(np.subtract.outer(np.arange(len(matrix)), np.arange(len(matrix)))) < balancing.IGNORED_DIAGONALS
        matrix[near] = 0
        sums = np.nansum(matrix * np.outer(weights, weights), axis=1)
        np.testing.assert_allclose(sums[np.isfinite(weights)], 1, rtol=1e-3)
        assert variation < balancing.TOLERANCE


def test_times_and_filled_are_the_dense_matrix(path, small_stripes):
    source = CoolerSource(path)
    blocks = build_blocks(lambda: source.stripes("b", SIZE), 80, 10**4)
    matrix = cooler.Cooler(str(path)).matrix(balance=False).fetch("b").astype(float)
    matrix[np.abs(np.subtract.outer(np.arange(80), np.arange(80))) < balancing.IGNORED_DIAGONALS] = 0
    vector = np.random.default_rng(0).random(80)
    assert len(tuple(blocks.parts)) > 1
    np.testing.assert_allclose(blocks.times(vector), matrix @ vector)
    assert blocks.filled().tolist() == (matrix != 0).sum(axis=1).tolist()


def test_an_empty_map_has_no_weights():
    empty = Pixels(np.array([0]), np.array([0]), np.array([4.0]))
    blocks = build_blocks(lambda: [empty], 5, 1)
    kept = well_covered({"a": blocks.times(np.ones(5))}, {"a": blocks.filled()}, 5)
    assert not kept["a"].any()
    assert np.isnan(balance_blocks(blocks, kept["a"])[0]).all()


def test_the_sweep_limit_is_reported(path, monkeypatch):
    monkeypatch.setattr(balancing, "MAX_SWEEPS", 2)
    assert max(variation for _, variation in ice(path).values()) > balancing.TOLERANCE
