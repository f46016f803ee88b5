from __future__ import annotations

import cooler
import numpy as np
import pytest

from chiasma.io.cooler import write_cool
from chiasma.io.mcool import coarsen, frames, write_mcool

LENGTHS = {"chr1": 105_000, "chr2": 42_500}  # 21 and 9 bins of 5 kb


@pytest.fixture
def pixels():
    rng = np.random.default_rng(0)
    code = np.unique(np.sort(rng.integers(0, 30, (2, 200)), axis=0).T @ [30, 1])
    return code // 30, code % 30, rng.integers(1, 9, len(code)).astype(np.int32)


def dense(columns, n_bins):
    matrix = np.zeros((n_bins, n_bins), int)
    matrix[columns[0], columns[1]] = columns[2]
    return matrix


def test_coarse_bins_start_anew_in_each_chromosome(pixels):
    parent = np.concatenate([np.arange(21) // 2, 11 + np.arange(9) // 2])
    fine = dense(pixels, 30)
    wanted = np.zeros((16, 16), int)
    for i in range(30):
        for j in range(30):
            wanted[parent[i], parent[j]] += fine[i, j]
    coarse = coarsen(pixels, LENGTHS, 5000, 10_000)
    np.testing.assert_array_equal(dense(coarse, 16), wanted)
    assert (np.diff(coarse[0] * 16 + coarse[1]) > 0).all()
    assert all(np.array_equal(a, b) for a, b in zip(coarsen(pixels, LENGTHS, 5000, 5000), pixels, strict=True))


def test_cooler_reads_each_resolution_as_its_own_zoomify_makes_it(tmp_path, pixels):
    write_mcool(tmp_path / "fast.mcool", LENGTHS, [5000, 10_000, 25_000], pixels, "toy")
    write_cool(tmp_path / "base.cool", LENGTHS, 5000, frames(pixels), "toy")
    cooler.zoomify_cooler(
        str(tmp_path / "base.cool"), str(tmp_path / "slow.mcool"), [5000, 10_000, 25_000], chunksize=1000
    )
    assert cooler.fileops.is_multires_file(str(tmp_path / "fast.mcool"))
    assert sorted(cooler.fileops.list_coolers(str(tmp_path / "fast.mcool"))) == sorted(
        cooler.fileops.list_coolers(str(tmp_path / "slow.mcool"))
    )
    for size in (5000, 10_000, 25_000):
        fast, slow = (cooler.Cooler(f"{tmp_path}/{name}.mcool::resolutions/{size}") for name in ("fast", "slow"))
        np.testing.assert_array_equal(fast.matrix(balance=False)[:], slow.matrix(balance=False)[:])
        assert fast.chromsizes.to_dict() == LENGTHS
        assert fast.bins()[:][["start", "end"]].equals(slow.bins()[:][["start", "end"]])
        assert fast.info["sum"] == pixels[2].sum()


def test_a_failed_write_leaves_nothing(tmp_path):
    with pytest.raises(Exception):  # noqa: B017 - whatever the library raises
        write_mcool(
            tmp_path / "broken.mcool", LENGTHS, [5000], (np.array([900]), np.array([901]), np.array(["x"])), "toy"
        )
    assert not list(tmp_path.iterdir())
