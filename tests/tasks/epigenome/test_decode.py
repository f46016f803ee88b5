"""From windows to profiles: which windows, which bins, and that perfect windows give back what was measured."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from planted_tracks import BINS, CHROMS, CONFIG, LENGTH, MASKED, RESOLUTION, TEST, TILE, VALID

from chiasma.contracts import Inputs
from chiasma.core.errors import ConfigError, InputError
from chiasma.io.predicted_profiles import read_predicted_profile
from chiasma.io.predictions import write_prediction
from chiasma.tasks.epigenome.decode import predict, predicted_windows
from chiasma.tasks.epigenome.head import encode
from chiasma.tiles.dataset import TileDataset

LENGTHS = dict.fromkeys(CHROMS, LENGTH)


def perfect(arrays):
    """Return windows -> their measured log2 signals, as a perfect model would score them."""
    return lambda frame: encode(TileDataset(frame, arrays).__getitems__(range(len(frame))), CONFIG)["target"]


def inside():
    """Return which bins (I,) of chr2 are predicted: those of the two regions that the map does not mask."""
    inside_I = np.zeros(BINS, bool)
    inside_I[slice(*TEST)] = inside_I[slice(*VALID)] = True
    inside_I[list(MASKED)] = False
    return inside_I


def test_perfect_windows_give_back_each_track_through_its_file(inputs, arrays, tmp_path):
    predicted = predict(CONFIG, dataclasses.replace(inputs, sample="a"), perfect(arrays))
    assert list(predicted) == ["tracks"] and list(predicted["tracks"]) == ["ctcf", "atac"]
    write_prediction(predicted, tmp_path, "a", (LENGTHS, RESOLUTION))
    for target, channel in (("ctcf", 2), ("atac", 1)):
        found = read_predicted_profile(tmp_path / f"a.tracks/{target}.bw", LENGTHS, RESOLUTION)
        measured_I = np.log2(1 + arrays.targets("a", "chr2")[:, channel])
        np.testing.assert_allclose(found["chr2"][inside()], measured_I[inside()], rtol=1e-5, atol=1e-5)
        assert np.isnan(found["chr2"][~inside()]).all(), "neither gap nor masked bins are predicted"
        assert np.isnan(found["chr1"]).all(), "nor is training"


def test_windows_overlap_by_half_and_reach_the_edges(arrays, splits):
    windows = predicted_windows(arrays, splits, "a")
    half, bins = TILE // 2, windows["bin1"].tolist()
    assert set(windows["chrom"]) == {"chr2"} and (windows["bin1"] == windows["bin2"]).all()
    assert bins[:3] == [8, 16, 24] and TEST[1] - half in bins
    assert VALID[0] + half in bins and bins[-1] == BINS - half
    assert not any(TEST[1] - half < bin_ < VALID[0] + half for bin_ in bins), "no window leaves its region"


def test_a_sample_without_a_measurement_can_be_predicted(inputs):
    found = predict(CONFIG, inputs, lambda frame: np.tile([2.5, 1.0], (len(frame), TILE, 1)))["tracks"]
    assert (found["ctcf"]["chr2"][inside()] == 2.5).all() and (found["atac"]["chr2"][inside()] == 1.0).all()
    assert found["ctcf"]["chr2"].dtype == np.float32


def test_an_unknown_sample_or_misplaced_target_is_named(inputs):
    with pytest.raises(InputError, match=r"unknown sample 'd' \(known: a, b, c\)"):
        predict(CONFIG, dataclasses.replace(inputs, sample="d"), None)
    with pytest.raises(ConfigError, match=r"set channels to \[2, 1\]"):
        predict(dataclasses.replace(CONFIG, channels=(1, 2)), inputs, None)


def test_regions_without_room_for_a_window_are_refused(arrays, inputs):
    narrow = pd.DataFrame({"chrom": ["chr2"], "start": [0], "end": [15 * RESOLUTION], "split": ["test"]})
    with pytest.raises(InputError, match="no window of 16 bins fits in a valid or test region"):
        predict(CONFIG, Inputs(arrays, narrow, inputs.examples, "a"), None)
