"""cooler files against cooler's own fetch."""

import cooler
import h5py
import numpy as np
import pandas as pd
import pytest
from toy_maps import ASSEMBLY, BIN, LENGTHS, coarse, dense, of_chromosome, pixels, rebuilt

from chiasma.core.errors import InputError
from chiasma.io import pixels as stripes_module
from chiasma.io.cooler import CoolerSource, create_cool, write_cool
from chiasma.io.pixels import read_stripes, read_trans, read_weights


@pytest.mark.parametrize("stripe_pixels", [700, 10**7])
@pytest.mark.parametrize("suffix", ["cool", "mcool"])
def test_stripes_equal_coolers_fetch(map_files, monkeypatch, suffix, stripe_pixels):
    monkeypatch.setattr(stripes_module, "STRIPE_PIXELS", stripe_pixels)
    source = CoolerSource(map_files[suffix])
    uri = str(map_files[suffix]) + (f"::resolutions/{BIN}" if suffix == "mcool" else "")
    for chrom in LENGTHS:
        expected = cooler.Cooler(uri).matrix(balance=False).fetch(chrom)
        np.testing.assert_array_equal(rebuilt(source.stripes(chrom, BIN), len(expected)), expected)
        np.testing.assert_array_equal(expected, of_chromosome(dense(), chrom))


@pytest.mark.parametrize("stripe_pixels", [700, 10**7])
def test_a_finer_bin_size_is_coarsened_exactly(map_files, monkeypatch, stripe_pixels):
    monkeypatch.setattr(stripes_module, "STRIPE_PIXELS", stripe_pixels)
    source = CoolerSource(map_files["cool"])
    expected = coarse(of_chromosome(dense(), "chr1"), 4)
    np.testing.assert_array_equal(rebuilt(read_stripes(source, "chr1", 4 * BIN), len(expected)), expected)


def test_weights_are_multiplicative_as_stored(map_files):
    source = CoolerSource(map_files["mcool"])
    stored = cooler.Cooler(f"{map_files['mcool']}::resolutions/{BIN}").bins().fetch("chr2")["weight"]
    np.testing.assert_array_equal(read_weights(source, "chr2", BIN, "weight"), stored)


@pytest.fixture()
def vector_file(tmp_path):
    """A .cool with a divisive KR vector, a KR vector marked multiplicative under another name, and an empty one."""
    path = tmp_path / "v.cool"
    write_cool(path, LENGTHS, BIN, [pixels(dense())], ASSEMBLY.name)
    vector = np.arange(145.0)
    vector[3] = np.nan
    with h5py.File(path, "r+") as file:
        file["bins"]["KR"] = vector
        file["bins"]["SCALE"] = vector
        file["bins"]["SCALE"].attrs["divisive_weights"] = False
        file["bins"]["VC"] = np.full(145, np.nan)
    return path


def test_divisive_vectors_are_inverted_and_what_is_not_positive_is_masked(vector_file):
    source = CoolerSource(vector_file)
    found = read_weights(source, "chr1", BIN, "KR")
    np.testing.assert_array_equal(found[[1, 2, 99]], [1, 1 / 2, 1 / 99])
    assert np.isnan(found[[0, 3]]).all()
    clr = cooler.Cooler(str(vector_file))
    with np.errstate(divide="ignore", invalid="ignore"):
        balanced = clr.matrix(balance="KR").fetch("chr1")
    raw = of_chromosome(dense(), "chr1")
    np.testing.assert_allclose((raw * np.outer(found, found))[1:, 1:], balanced[1:, 1:])
    assert read_weights(source, "chr1", BIN, "SCALE")[2] == 2


def test_missing_and_empty_weights_and_other_bin_sizes_are_told(vector_file, map_files):
    with pytest.raises(InputError, match=r"no 'weight' weights in the file \(found: KR, SCALE, VC\)"):
        read_weights(CoolerSource(vector_file), "chr1", BIN, "weight")
    with pytest.raises(InputError, match="'VC' weights of chromosome 'chr1' at 1000 bp hold no value"):
        read_weights(CoolerSource(vector_file), "chr1", BIN, "VC")
    with pytest.raises(InputError, match="bin sizes 1000, 2000, and weights cannot be coarsened"):
        read_weights(CoolerSource(map_files["mcool"]), "chr1", 4 * BIN, "weight")


def test_totals_count_each_contact_once(map_files):
    matrix = np.triu(dense())
    cis1, all_ = np.triu(of_chromosome(dense(), "chr1")).sum(), matrix.sum()
    cis2 = np.triu(of_chromosome(dense(), "chr2")).sum()
    for suffix in ("cool", "mcool"):
        assert CoolerSource(map_files[suffix]).totals(["chr1"]) == (cis1, all_ - cis2)
        assert CoolerSource(map_files[suffix]).totals(["chr1", "chr2"]) == (cis1 + cis2, all_)


def test_float_counts_are_kept(tmp_path):
    frame = pixels(dense()).assign(count=lambda table: table["count"] + 0.25)
    write_cool(tmp_path / "f.cool", LENGTHS, BIN, [frame], "toy", integral=False)
    source = CoolerSource(tmp_path / "f.cool")
    assert not source.integral
    assert next(source.stripes("chr1", BIN)).count[0] == dense()[0, 0] + 0.25


def test_files_that_are_no_map_are_refused(tmp_path, map_files):
    (tmp_path / "t.cool").write_bytes(map_files["cool"].read_bytes()[:3000])
    (tmp_path / "e.cool").write_bytes(b"")
    for name in ("t.cool", "e.cool"):
        with pytest.raises(InputError, match="not a whole .cool or .mcool file"):
            CoolerSource(tmp_path / name)
    with pytest.raises(InputError, match="no such file"):
        CoolerSource(tmp_path / "absent.cool")
    bins = pd.DataFrame({"chrom": "a", "start": [0, 10, 15], "end": [10, 15, 40]})
    frame = pd.DataFrame({"bin1_id": [0], "bin2_id": [1], "count": [1]})
    cooler.create_cooler(str(tmp_path / "v.cool"), bins, frame)
    with pytest.raises(InputError, match="bins of varying size"):
        CoolerSource(tmp_path / "v.cool")
    square = pd.DataFrame({"chrom": "a", "start": [0, 10], "end": [10, 20]})
    cooler.create_cooler(str(tmp_path / "s.cool"), square, frame, symmetric_upper=False, triucheck=False)
    with pytest.raises(InputError, match="stored as a square matrix"):
        CoolerSource(tmp_path / "s.cool")


def test_a_failed_write_leaves_nothing(tmp_path):
    def broken():
        yield pixels(dense()).iloc[:100]
        raise InputError("source broke")

    with pytest.raises(InputError, match="source broke"):
        write_cool(tmp_path / "f.cool", LENGTHS, BIN, broken(), "toy")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("stripe_pixels", [700, 10**7])
def test_pixels_between_chromosomes_equal_coolers_fetch(map_files, monkeypatch, stripe_pixels):
    monkeypatch.setattr(stripes_module, "STRIPE_PIXELS", stripe_pixels)
    source, expected = CoolerSource(map_files["cool"]), cooler.Cooler(str(map_files["cool"])).matrix(balance=False)
    found = np.zeros((100, 45))
    for other, (bin1, bin2, count) in source.trans_stripes("chr1", BIN):
        assert other == "chr2"
        found[bin1, bin2] += count
    np.testing.assert_array_equal(found, expected.fetch("chr1", "chr2"))
    assert found.any() and not list(source.trans_stripes("chr2", BIN))


def test_pixels_between_chromosomes_are_coarsened_exactly(map_files, monkeypatch):
    monkeypatch.setattr(stripes_module, "STRIPE_PIXELS", 700)
    whole = np.zeros((100, 48))
    whole[:, :45] = cooler.Cooler(str(map_files["cool"])).matrix(balance=False).fetch("chr1", "chr2")
    found = np.zeros((25, 12))
    for _, (bin1, bin2, count) in read_trans(CoolerSource(map_files["cool"]), ["chr1", "chr2"], "chr1", 4 * BIN):
        found[bin1, bin2] += count
    np.testing.assert_array_equal(found, whole.reshape(25, 4, 12, 4).sum(axis=(1, 3)))
    assert not list(read_trans(CoolerSource(map_files["cool"]), ["chr1"], "chr1", BIN)), "the other is not asked for"


def test_frames_out_of_order_are_merged(tmp_path):
    frame = pixels(dense())
    parts = [frame[frame["bin1_id"] >= 50], frame[frame["bin1_id"] < 50]]
    create_cool(tmp_path / "m.cool", LENGTHS, BIN, parts, "toy", ordered=False)
    found = cooler.Cooler(str(tmp_path / "m.cool")).pixels()[:]
    np.testing.assert_array_equal(found.to_numpy(), frame[["bin1_id", "bin2_id", "count"]].to_numpy())
    assert [path.name for path in tmp_path.iterdir()] == ["m.cool"]
