"""What baselines read: the measured bins of kept windows, each once."""

import dataclasses

import numpy as np
import pandas as pd
from planted_tracks import CONFIG, MASKED, log2_signal

from chiasma.tasks.epigenome.signal import learning_signal, measured


def test_the_measured_signals_are_the_targets_in_their_order_and_nan_where_the_map_is_masked(arrays):
    found, planted = measured(CONFIG, arrays, ("a", "chr2")), log2_signal("a", "chr2")
    planted[list(MASKED)] = np.nan
    np.testing.assert_allclose(found, planted, rtol=1e-5)
    lacking = measured(CONFIG, arrays, ("b", "chr2"))
    assert np.isnan(lacking[:, 0]).all() and np.isfinite(lacking[:, 1]).any()


def test_bins_to_learn_from_are_those_of_kept_windows_of_the_split_each_once(inputs):
    rows = pd.DataFrame({"sample": "a", "chrom": "chr1", "bin1": [40, 44, 90], "bin2": [40, 44, 90]})
    few = dataclasses.replace(inputs, examples=rows.assign(split="train", kept=[True, True, False]))
    ((place, bins, signal_nK),) = learning_signal(CONFIG, few, "train")
    assert place == ("a", "chr1") and bins.tolist() == list(range(32, 52))
    np.testing.assert_allclose(signal_nK, log2_signal("a", "chr1")[32:52], rtol=1e-5)
