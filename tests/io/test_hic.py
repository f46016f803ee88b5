""".hic through hictkpy and hic-straw against the matrix that was written, and against each other."""

import hicstraw
import hictkpy
import numpy as np
import pytest
from toy_maps import BIN, LENGTHS, coarse, dense, of_chromosome, rebuilt

from chiasma.core.errors import InputError
from chiasma.io import pixels as stripes_module
from chiasma.io.hic import HicSource, read_vector
from chiasma.io.pixels import read_stripes, read_weights


@pytest.mark.parametrize("stripe_pixels", [700, 10**7])
@pytest.mark.parametrize("chrom", list(LENGTHS))
def test_stripes_equal_what_was_written_and_hic_straw(map_files, monkeypatch, stripe_pixels, chrom):
    monkeypatch.setattr(stripes_module, "STRIPE_PIXELS", stripe_pixels)
    expected = of_chromosome(dense(), chrom)
    found = rebuilt(HicSource(map_files["hic"]).stripes(chrom, BIN), len(expected))
    np.testing.assert_array_equal(found, expected)
    zoom = hicstraw.HiCFile(str(map_files["hic"])).getMatrixZoomData(chrom, chrom, "observed", "NONE", "BP", BIN)
    records = zoom.getRecordsAsMatrix(0, LENGTHS[chrom] - 1, 0, LENGTHS[chrom] - 1)  # ends are inclusive there
    np.testing.assert_array_equal(records, expected)


def test_coarsening_from_the_widest_divisor(map_files, monkeypatch):
    monkeypatch.setattr(stripes_module, "STRIPE_PIXELS", 300)
    expected = coarse(of_chromosome(dense(), "chr2"), 6)
    found = rebuilt(read_stripes(HicSource(map_files["hic"]), "chr2", 6 * BIN), len(expected))
    np.testing.assert_array_equal(found, expected)


def test_totals_at_the_widest_bins_are_those_of_all_pixels(map_files):
    cis = {chrom: np.triu(of_chromosome(dense(), chrom)).sum() for chrom in LENGTHS}
    source = HicSource(map_files["hic"])
    assert source.totals(["chr2"]) == (cis["chr2"], np.triu(dense()).sum() - cis["chr1"])
    assert source.totals(["chr1", "chr2"]) == (sum(cis.values()), np.triu(dense()).sum())
    assert source.integral


def test_absent_vectors_are_told_with_those_present(map_files):
    with pytest.raises(InputError, match=r"no 'KR' weights in the file \(found: none\)"):
        read_weights(HicSource(map_files["hic"]), "chr1", BIN, "KR")


class VectorFile:
    """Stands for hictkpy.File of a file with vectors: no writer of them exists."""

    def __init__(self, *_):
        self.vector = np.arange(1.0, 146.0)
        self.vector[100:] = np.nan

    def avail_normalizations(self):
        return ["KR"]

    def weights(self, name):
        return self.vector


def test_vectors_are_inverted_and_one_absent_for_a_chromosome_is_told(map_files, monkeypatch):
    source = HicSource(map_files["hic"])
    monkeypatch.setattr(source, "_file", VectorFile)
    asked = []

    def vector(path, name, resolution_bp, balance):
        asked.append((name, resolution_bp, balance))
        return np.append(np.arange(1.0, 101.0), np.nan)  # hic-straw gives an entry too many

    monkeypatch.setattr("chiasma.io.hic.read_vector", vector)
    np.testing.assert_allclose(read_weights(source, "chr1", BIN, "KR"), 1 / np.arange(1.0, 101.0))
    with pytest.raises(InputError, match="'KR' weights of chromosome 'chr2' at 1000 bp hold no value"):
        read_weights(source, "chr2", BIN, "KR")
    assert asked == [("chr1", BIN, "KR")], "hic-straw is not asked for a vector that does not exist"


def test_hic_straws_vector_of_a_real_file_is_hictkpys(real_data):
    path = real_data("08_format_samples/test_chr22_100kb.v8.hic")
    source = HicSource(path)
    start = source._first_bin("22", 100_000)
    for name in ("KR", "VC", "VC_SQRT", "SCALE"):
        vector = hictkpy.File(str(path), 100_000).weights(name)[start : start + 514]
        vector[vector == 0] = np.nan  # bins without contacts
        np.testing.assert_allclose(read_vector(path, "22", 100_000, name)[:514], vector, rtol=2e-4)
        balanced = hictkpy.File(str(path), 100_000).fetch("22", normalization=name, count_type="float64").to_numpy()
        weights = read_weights(source, "22", 100_000, name)
        raw = rebuilt(source.stripes("22", 100_000), 514)
        known = np.outer(weights, weights) > 0
        np.testing.assert_allclose((raw * np.outer(weights, weights))[known], balanced[known], rtol=2e-4)
        assert known.any()


def test_truncated_empty_and_missing_files(tmp_path, map_files):
    whole = map_files["hic"].read_bytes()
    for name, data in (("t.hic", whole[: len(whole) // 2]), ("e.hic", b""), ("x.hic", b"text\n" * 100)):
        (tmp_path / name).write_bytes(data)
        with pytest.raises(InputError, match=name):
            HicSource(tmp_path / name)
    with pytest.raises(InputError, match="no such file"):
        HicSource(tmp_path / "absent.hic")


def test_damage_in_the_middle_is_told(tmp_path, map_files):
    data = bytearray(map_files["hic"].read_bytes())
    data[200 : len(data) // 2] = b"\xff" * (len(data) // 2 - 200)
    (tmp_path / "m.hic").write_bytes(data)
    with pytest.raises(InputError, match="m.hic: cannot be read as .hic, fetch it again"):
        rebuilt(HicSource(tmp_path / "m.hic").stripes("chr1", BIN), 100)


@pytest.mark.parametrize("stripe_pixels", [700, 10**7])
def test_pixels_between_chromosomes_are_those_that_were_written(map_files, monkeypatch, stripe_pixels):
    monkeypatch.setattr(stripes_module, "STRIPE_PIXELS", stripe_pixels)
    bins = len(of_chromosome(dense(), "chr1"))
    found = np.zeros(dense()[:bins, bins:].shape)
    for other, (bin1, bin2, count) in HicSource(map_files["hic"]).trans_stripes("chr1", BIN):
        assert other == "chr2"
        found[bin1, bin2] += count
    np.testing.assert_array_equal(found, dense()[:bins, bins:])
    assert found.any() and not list(HicSource(map_files["hic"]).trans_stripes("chr2", BIN))
