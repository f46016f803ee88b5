"""Where targets stand, which windows have one, and which bins may be learnt from."""

import numpy as np
import pandas as pd
import pytest

from chiasma.core.errors import ConfigError, InputError
from chiasma.tiles.arrays import ArraysMeta, band_of, write_arrays
from chiasma.tiles.targets import drop_unmeasured, learning_bins, target_places

BINS = 30


@pytest.fixture
def arrays(tmp_path):
    """Windows of 6 bins; the cage of "a" is measured in bin 10 alone, its rna nowhere, its atac in bin 20 alone."""
    signal = np.full((BINS, 3), np.nan)
    signal[10, 1], signal[20, 2] = 4.0, 0.0
    whole = {"contacts": band_of(np.ones((BINS, BINS)), 10), "valid": np.ones(BINS, bool), "tracks": np.ones((BINS, 0))}
    meta = ArraysMeta(
        1000, 1000, 6, 9, (), ("a", "b"), {"one": BINS * 1000}, {"a": 1.0, "b": 1.0}, ("rna", "cage", "atac")
    )
    content = {("a", "one"): whole | {"targets": signal}, ("b", "one"): whole | {"targets": -np.ones((BINS, 3))}}
    return write_arrays(tmp_path / "arrays", meta, content)


def windows(*bins, sample="a"):
    return pd.DataFrame({"sample": sample, "chrom": "one", "bin1": bins, "kept": True, "reason": ""})


def test_places_count_from_0_and_a_wrong_name_is_told_the_nearest(arrays):
    assert target_places(arrays, ["atac", "rna"]) == [2, 0]
    with pytest.raises(ConfigError, match=r"targets of the tileset: unknown target 'cagee'; did you mean 'cage'"):
        target_places(arrays, ["rna", "cagee"])


def test_a_window_is_dropped_when_none_of_its_bins_has_any_of_the_targets(arrays):
    """A window of 6 bins around bin b holds bins [b - 3, b + 3)."""
    around = windows(7, 8, 13, 14, 18)
    assert drop_unmeasured(around, arrays, ["cage"])["kept"].tolist() == [False, True, True, False, False]
    assert drop_unmeasured(around, arrays, ["cage", "atac"])["kept"].tolist() == [False, True, True, False, True]
    assert set(drop_unmeasured(around, arrays, ["rna"])["reason"]) == {"no_target"}


def test_an_earlier_reason_stays(arrays):
    dropped = windows(7, 10).assign(kept=False, reason="sparse")
    pd.testing.assert_frame_equal(drop_unmeasured(dropped, arrays, ["cage"]), dropped)


def test_negative_signal_is_refused(arrays):
    with pytest.raises(InputError, match="b one: cage is -1 in a bin"):
        drop_unmeasured(windows(10, sample="b"), arrays, ["cage"])


def test_bins_to_learn_from_are_those_of_kept_windows_of_the_split_each_once(arrays):
    rows = windows(8, 10, 20, 25).assign(split=["train", "train", "valid", "train"], kept=[True, True, True, False])
    ((place, bins),) = learning_bins(arrays, rows, "train")
    assert place == ("a", "one") and bins.tolist() == list(range(5, 13))
