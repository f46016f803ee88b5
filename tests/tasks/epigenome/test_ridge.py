"""Ridge on contacts: what each signal is learnt from, and that it finds what was planted."""

import dataclasses

import numpy as np
import pytest
from planted_tracks import CONFIG, MASKED, TEST, log2_signal

from chiasma.core.errors import InputError
from chiasma.tasks.epigenome.config import Ridge
from chiasma.tasks.epigenome.ridge import build_ridge, products

NUMBERS = Ridge(far_bins=30, widths_bins=(5, 10))


def test_each_signal_is_learnt_from_the_bins_that_have_it(inputs):
    found = products(CONFIG, inputs, "train", lambda place: np.zeros((203, 0)))
    assert found[0, 0, 0] == 196 and found[1, 0, 0] == 2 * 196, "b lacks ctcf, and 3 of 199 bins of a window are masked"


def test_what_was_planted_is_found_in_a_sample_without_a_measurement(inputs):
    profile = build_ridge(CONFIG, NUMBERS, inputs)
    bins = np.setdiff1d(np.arange(*TEST), MASKED)
    found, planted = profile(("c", "chr2"))[bins], log2_signal("c", "chr2")[bins]
    for track in range(2):
        assert np.corrcoef(found[:, track], planted[:, track])[0, 1] > 0.9


def test_a_target_that_no_training_bin_has_is_named(inputs):
    only_b = dataclasses.replace(inputs, examples=inputs.examples[inputs.examples["sample"] == "b"])
    with pytest.raises(InputError, match="ctcf was measured in no training bin"):
        build_ridge(CONFIG, NUMBERS, only_b)
