"""What baselines read: the measured bins of kept windows, each once."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from planted_profiles import CONFIG, TILE, log2_signal

from chiasma.core.errors import InputError
from chiasma.tasks.expression.signal import learning_signal, measured, score_windows, training_bins


def test_the_measured_signal_is_the_targets_own_channel(arrays):
    np.testing.assert_allclose(measured(CONFIG, arrays, ("b", "chr2")), log2_signal("b", "chr2"), rtol=1e-6)
    assert np.isnan(measured(CONFIG, arrays, ("c", "chr2"))).all()


def test_bins_to_learn_from_are_those_of_kept_windows_of_the_split_each_once(inputs):
    rows = pd.DataFrame({"sample": "a", "chrom": "chr1", "bin1": [40, 44, 90], "bin2": [40, 44, 90]})
    table = rows.assign(split=["train", "train", "train"], kept=[True, True, False])
    table = pd.concat([table, table.assign(sample="c", kept=True), table.assign(split="valid", kept=True, bin1=120)])
    few = dataclasses.replace(inputs, examples=table.reset_index(drop=True))
    found = {place: (bins, signal) for place, bins, signal in learning_signal(CONFIG, few, "train")}
    bins, signal = found["a", "chr1"]
    assert bins.tolist() == list(range(32, 52))
    np.testing.assert_allclose(signal, log2_signal("a", "chr1")[32:52], rtol=1e-6)
    assert len(found["c", "chr1"][0]) == 0, "nothing was measured in c"


def test_nothing_to_learn_from_is_an_error(inputs):
    few = dataclasses.replace(inputs, examples=inputs.examples[inputs.examples["sample"] == "c"])
    with pytest.raises(InputError, match="no measured bin lies in the training windows"):
        training_bins(CONFIG, few, lambda place: np.zeros(203))


def test_windows_are_cut_from_the_profile_of_their_place_in_their_order(arrays):
    profiles = {("a", "chr1"): np.arange(203.0), ("b", "chr2"): -np.arange(203.0)}
    frame = pd.DataFrame({"sample": ["b", "a"], "chrom": ["chr2", "chr1"], "bin1": [8, 50], "bin2": [8, 50]})
    found = score_windows(profiles.__getitem__, arrays)(frame)
    assert found.shape == (2, 2 * TILE)
    np.testing.assert_array_equal(found[:, :TILE], found[:, TILE:])
    assert found[0, :3].tolist() == [0, -1, -2] and found[1, :3].tolist() == [42, 43, 44]
