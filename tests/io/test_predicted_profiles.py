"""Predicted signal as bigWig: what is written comes back, what is not predicted is not there."""

import numpy as np
import pyBigWig
import pytest

from chiasma.core.errors import InputError
from chiasma.io.predicted_profiles import read_predicted_profile, write_predicted_profile
from chiasma.io.predictions import write_prediction

LENGTHS, BIN = {"chr1": 4300, "chr2": 2000, "chr3": 500}, 1000  # the last bins of chr1 and chr3 are cut short


@pytest.fixture
def path(tmp_path):
    profile = {"chr1": np.array([0, 1, np.nan, 2.5, 2.5], np.float32), "chr2": np.array([np.nan, 3], np.float32)}
    write_prediction({"bw": profile}, tmp_path, "k562", (LENGTHS, BIN))
    return tmp_path / "k562.bw"


def test_the_file_holds_signal_where_there_is_a_prediction_and_nothing_elsewhere(path):
    with pyBigWig.open(str(path)) as file:
        assert file.chroms() == LENGTHS
        rows = [(start, end) for start, end, _ in file.intervals("chr1")]
        assert rows == [(0, 1000), (1000, 2000), (3000, 4300)]
        assert [value for *_, value in file.intervals("chr1")] == pytest.approx([0, 1, 2**2.5 - 1])
        assert file.intervals("chr2") == ((1000, 2000, 7.0),)
        assert not file.intervals("chr3")


def test_it_comes_back_as_log2_of_one_plus_the_signal(path):
    found = read_predicted_profile(path, LENGTHS, BIN)
    np.testing.assert_allclose(found["chr1"], [0, 1, np.nan, 2.5, 2.5], rtol=1e-6)
    np.testing.assert_allclose(found["chr2"], [np.nan, 3], rtol=1e-6)
    assert np.isnan(found["chr3"]).tolist() == [True]
    assert all(values.dtype == np.float32 for values in found.values())


def test_any_positive_value_comes_back_within_float_precision(tmp_path):
    values = np.random.default_rng(0).uniform(0, 14, 500).astype(np.float32)
    write_predicted_profile(tmp_path / "a.bw", {"chr1": values}, {"chr1": 2_500_000}, 5000)
    found = read_predicted_profile(tmp_path / "a.bw", {"chr1": 2_500_000}, 5000)["chr1"]
    np.testing.assert_allclose(found, values, rtol=1e-6, atol=2e-7)


def test_signal_below_zero_is_written_as_zero(tmp_path):
    write_predicted_profile(tmp_path / "a.bw", {"chr2": np.array([-0.5, 1])}, LENGTHS, BIN)
    assert read_predicted_profile(tmp_path / "a.bw", LENGTHS, BIN)["chr2"].tolist() == [0, 1]


@pytest.mark.parametrize(
    ("lengths", "said"), [({"chr1": 4000}, "chr1 is 4300, expected 4000 bp"), ({"chrX": 5}, "chrX is not there")]
)
def test_a_file_of_another_assembly_is_refused(path, lengths, said):
    with pytest.raises(InputError, match=said):
        read_predicted_profile(path, lengths, BIN)


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        read_predicted_profile(tmp_path / "none.bw", LENGTHS, BIN)
