"""From windows to profiles: which windows, how they are averaged, and that perfect windows give back what was measured."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from planted_profiles import BINS, CHROMS, CONFIG, LENGTH, RESOLUTION, TEST, TILE, VALID, chromosome_arrays, write

from chiasma.contracts import Inputs
from chiasma.core.errors import ConfigError, InputError
from chiasma.io.predicted_profiles import read_predicted_profile
from chiasma.io.predictions import write_prediction
from chiasma.tasks.expression.decode import predict, predicted_windows, whole_runs
from chiasma.tasks.expression.head import encode
from chiasma.tiles.dataset import TileDataset

LENGTHS = dict.fromkeys(CHROMS, LENGTH)


def perfect(arrays):
    """Return windows -> their measured log2 signal, as a perfect model would score them."""
    return lambda frame: encode(TileDataset(frame, arrays).__getitems__(range(len(frame))), CONFIG)["target"]


@pytest.fixture
def own(inputs):
    """Inputs of a sample whose signal was measured."""
    return dataclasses.replace(inputs, sample="a")


def test_perfect_windows_give_back_the_measured_profile_through_the_file(own, arrays, tmp_path):
    predicted = predict(CONFIG, own, perfect(arrays))
    write_prediction(predicted, tmp_path, "a", (LENGTHS, RESOLUTION))
    found = read_predicted_profile(tmp_path / "a.bw", LENGTHS, RESOLUTION)
    measured_I = np.log2(1 + arrays.targets("a", "chr2")[:, 1])
    inside_I = np.zeros(BINS, bool)
    inside_I[slice(*TEST)] = inside_I[slice(*VALID)] = True
    np.testing.assert_allclose(found["chr2"][inside_I], measured_I[inside_I], rtol=1e-6, atol=1e-6)
    assert np.isnan(found["chr2"][~inside_I]).all(), "the gap is not predicted"
    assert np.isnan(found["chr1"]).all(), "nor is training"
    assert list(predicted["bw"]) == ["chr2"] and predicted["bw"]["chr2"].dtype == np.float32


def test_windows_overlap_by_half_and_reach_the_edges(arrays, splits):
    windows = predicted_windows(arrays, splits, "a")
    half = TILE // 2
    assert set(windows["chrom"]) == {"chr2"} and (windows["bin1"] == windows["bin2"]).all()
    bins = windows["bin1"].tolist()
    assert bins[:3] == [8, 16, 24] and TEST[1] - half in bins
    assert VALID[0] + half in bins and bins[-1] == BINS - half
    own = set(bins)
    assert not any(TEST[1] - half < bin_ < VALID[0] + half for bin_ in own), "no window leaves its region"


def test_whole_runs_are_the_stretches_between_unknown_bins():
    known_I = np.array([1, 1, 0, 1, 1, 1, 0, 0, 1], bool)
    assert whole_runs(known_I, 0, 9) == [(0, 2), (3, 6), (8, 9)]
    assert whole_runs(known_I, 1, 5) == [(1, 2), (3, 5)]
    assert whole_runs(known_I, 6, 8) == []


def test_a_bin_without_tracks_lies_in_no_window_and_all_others_that_can_do(own, tmp_path):
    made = chromosome_arrays()
    made["a", "chr2"]["tracks"] = made["a", "chr2"]["tracks"].copy()
    made["a", "chr2"]["tracks"][37 * 5 + 2, 1] = np.nan  # one track bin of contact bin 37
    arrays = write(tmp_path, made)
    found = predict(CONFIG, dataclasses.replace(own, arrays=arrays), perfect(arrays))["bw"]["chr2"]
    assert np.flatnonzero(np.isnan(found[slice(*TEST)])).tolist() == [37]


def test_a_sample_without_a_measurement_can_be_predicted(inputs):
    found = predict(CONFIG, inputs, lambda frame: np.full((len(frame), 2 * TILE), 2.5))["bw"]["chr2"]
    assert (found[slice(*TEST)] == 2.5).all()


def test_an_unknown_sample_or_target_is_named(inputs):
    with pytest.raises(InputError, match=r"unknown sample 'd' \(known: a, b, c\)"):
        predict(CONFIG, dataclasses.replace(inputs, sample="d"), None)
    with pytest.raises(ConfigError, match="set channel to 1"):
        predict(dataclasses.replace(CONFIG, channel=0), inputs, None)


def test_regions_without_room_for_a_window_are_refused(arrays, inputs):
    narrow = pd.DataFrame({"chrom": ["chr2"], "start": [0], "end": [15 * RESOLUTION], "split": ["test"]})
    with pytest.raises(InputError, match="no window of 16 bins with all tracks fits in a valid or test region"):
        predict(CONFIG, Inputs(arrays, narrow, inputs.examples, "a"), None)
