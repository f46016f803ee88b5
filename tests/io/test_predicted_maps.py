"""Predicted maps: read back as written, by cooler, hictkpy and hic-straw; coarse bins are whole sums."""

from __future__ import annotations

import warnings

import cooler
import hicstraw
import hictkpy
import numpy as np
import pytest

from chiasma.core.errors import InputError
from chiasma.io.predicted_maps import coarsen_band, export_map, read_band, write_predicted_map

LENGTHS = {"chr1": 203_000, "chr2": 90_000, "chr3": 150_000}  # 41 bins of 5 kb, the last cut short, 18 and 30
BAND = 12
PREDICTED = {"chr1": [(0, 20), (25, 41)], "chr3": [(3, 30)]}  # regions as bins


def band_of(chrom: str, seed: int) -> np.ndarray:
    """Return a band predicted within its regions, some of it zero."""
    bins = -(-LENGTHS[chrom] // 5000)
    first, second = np.arange(bins)[:, None], np.arange(bins)[:, None] + np.arange(BAND)
    values = np.random.default_rng(seed).gamma(2.0, 3.0, (bins, BAND)).astype(np.float32)
    values[values < 1] = 0
    inside = np.zeros(values.shape, bool)
    for start, end in PREDICTED[chrom]:
        inside |= (first >= start) & (second < end)
    return np.where(inside, values, np.nan).astype(np.float32)


@pytest.fixture(scope="module")
def bands():
    return {chrom: band_of(chrom, place) for place, chrom in enumerate(PREDICTED)}


@pytest.fixture(scope="module")
def path(bands, tmp_path_factory):
    path = tmp_path_factory.mktemp("predicted") / "a.mcool"
    write_predicted_map(path, bands, LENGTHS, 5000, "toy")
    return path


def dense(band: np.ndarray) -> np.ndarray:
    """Return the upper triangle (I, I) of a band, nan where it has nothing."""
    bins = len(band)
    matrix = np.full((bins, bins + BAND), np.nan)
    for distance in range(band.shape[1]):
        matrix[np.arange(bins), np.arange(bins) + distance] = band[:, distance]
    return matrix[:, :bins]


def coarse_by_hand(band: np.ndarray, factor: int) -> np.ndarray:
    """Return sums (J, J) over blocks of the upper triangle, nan unless the block is predicted wholly."""
    matrix, bins = dense(band), len(band)
    wide = -(-bins // factor)
    sums = np.full((wide, wide), np.nan)
    for i in range(wide):
        for j in range(i, wide):
            block = matrix[i * factor : (i + 1) * factor, j * factor : (j + 1) * factor]
            sums[i, j] = block[np.triu_indices(*block.shape[:1], m=block.shape[1])].sum() if i == j else block.sum()
    return sums


def test_a_band_is_read_as_it_was_written(path, bands):
    for chrom, band in bands.items():
        assert np.array_equal(read_band(path, chrom, 5000, BAND), band, equal_nan=True)
        narrow = read_band(path, chrom, 5000, 4)
        assert np.array_equal(narrow, band[:, :4], equal_nan=True)
    assert np.isnan(read_band(path, "chr2", 5000, BAND)).all()
    assert (bands["chr1"] == 0).any()  # a predicted zero is not a missing pixel


@pytest.mark.parametrize("factor", [2, 4, 8])
@pytest.mark.parametrize("chrom", list(PREDICTED))
def test_coarse_pixels_are_sums_of_whole_blocks(path, bands, factor, chrom):
    wanted = coarse_by_hand(bands[chrom], factor)
    found = dense(read_band(path, chrom, 5000 * factor, BAND))
    assert np.array_equal(np.isfinite(found), np.isfinite(wanted))
    assert np.isfinite(wanted).any() or factor == 8
    assert np.allclose(found, wanted, rtol=1e-5, equal_nan=True)


def test_an_odd_last_bin_waits_for_no_other():
    """Three bins, all predicted: the last coarse bin is the third alone; (1, 1) is a sum of three, its mirror image left out."""
    band = np.array([[1.0, 2, 4], [8, 16, np.nan], [32, np.nan, np.nan]])
    assert np.array_equal(coarsen_band(band, 3), [[1 + 2 + 8, 4 + 16], [32, np.nan]], equal_nan=True)
    assert np.array_equal(coarsen_band(band[:, :2], 3), [[11], [32]])
    assert np.isnan(coarsen_band(band[:, :1], 3)[0]).all()


def test_cooler_opens_every_resolution_balanced(path, bands):
    assert cooler.fileops.is_multires_file(str(path))
    names = cooler.fileops.list_coolers(str(path))
    assert names == [f"/resolutions/{size}" for size in (5000, 10_000, 20_000, 40_000)]
    for name in names:
        clr = cooler.Cooler(f"{path}::{name}")
        assert clr.chromsizes.to_dict() == LENGTHS
        assert clr.info["genome-assembly"] == "toy"
        assert clr.info["generated-by"].startswith("chiasma-")
        assert "predicted contacts" in clr.info["metadata"]["values"]
        weights = clr.bins()["weight"][:]
        assert set(weights.dropna()) == {1.0}
        assert weights[clr.bins()["chrom"][:] == "chr2"].isna().all()
    matrix = cooler.Cooler(f"{path}::{names[0]}").matrix(balance=True).fetch("chr1")
    wanted = dense(bands["chr1"])
    seen = np.isfinite(wanted)
    assert np.allclose(matrix[seen], wanted[seen])
    assert np.array_equal(matrix, matrix.T, equal_nan=True)
    assert np.isnan(matrix[20:25]).all()  # between the regions


def test_coarser_maps_have_the_weights_that_cooler_finds(bands, tmp_path):
    """Those of the finest map are given, here 1/2 everywhere; cooler warns of chromosomes that nothing is predicted of."""
    weights = {chrom: np.full(len(band), 0.5) for chrom, band in bands.items()}
    write_predicted_map(tmp_path / "a.mcool", bands, LENGTHS, 5000, weights=weights)
    for factor in (2, 4, 8):
        clr = cooler.Cooler(f"{tmp_path / 'a.mcool'}::resolutions/{5000 * factor}")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            wanted, _ = cooler.balance_cooler(clr, cis_only=True, min_nnz=1, min_count=0, mad_max=0)
        found = clr.bins()["weight"][:].to_numpy()
        np.testing.assert_allclose(found, wanted, rtol=1e-9)
        assert np.isfinite(found).any() or factor == 8


def test_a_hic_file_holds_the_same_contacts(path, bands, tmp_path):
    output = tmp_path / "a.hic"
    positive = sum(int((band > 0).sum()) for band in bands.values())
    assert export_map(path, output) == positive
    file = hictkpy.File(str(output), 5000)
    assert file.chromosomes() == LENGTHS
    assert list(hictkpy.MultiResFile(str(output)).resolutions()) == [5000, 10_000, 20_000, 40_000]
    wanted = np.nan_to_num(dense(bands["chr3"]))
    wanted = np.triu(wanted) + np.triu(wanted, 1).T
    assert np.allclose(file.fetch("chr3", count_type="float64").to_numpy(), wanted, rtol=1e-5)
    zoom = hicstraw.HiCFile(str(output)).getMatrixZoomData("chr3", "chr3", "observed", "NONE", "BP", 5000)
    assert np.allclose(zoom.getRecordsAsMatrix(0, 149_999, 0, 149_999), wanted, rtol=1e-5)


def test_what_is_not_there_is_told(path, tmp_path):
    with pytest.raises(InputError, match="no map of 'chr9' at 5000 bp; it holds chr1, chr2, chr3 at 5000, 10000"):
        read_band(path, "chr9", 5000, BAND)
    with pytest.raises(InputError, match="no map of 'chr1' at 7000 bp"):
        read_band(path, "chr1", 7000, BAND)
    zeros = {"chr1": np.zeros((41, 3), np.float32)}
    write_predicted_map(tmp_path / "zeros.mcool", zeros, LENGTHS, 5000)
    with pytest.raises(InputError, match="no contacts within chromosomes; nothing to export"):
        export_map(tmp_path / "zeros.mcool", tmp_path / "zeros.hic")
    assert {file.name for file in tmp_path.iterdir()} == {"zeros.mcool"}


def test_a_failed_write_leaves_nothing(tmp_path):
    with pytest.raises(TypeError):
        write_predicted_map(tmp_path / "broken.mcool", {"chr1": "no band"}, LENGTHS, 5000)
    assert not list(tmp_path.iterdir())
