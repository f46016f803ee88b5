"""Baselines predict the same map as a model would, by their own ratios."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from planted_maps import BINS, CONFIG, chromosome_arrays, write

from chiasma.core.errors import InputError
from chiasma.tasks.contact_map import baselines
from chiasma.tasks.contact_map.config import BASELINES
from chiasma.tasks.contact_map.decay import train_decay


def test_the_decay_is_flat_in_observed_over_expected(inputs, splits):
    band = baselines.predict("decay", CONFIG, BASELINES["decay"](), inputs)["mcool"]["chr2"]
    ratio = band / train_decay(inputs.arrays, splits, "a")[: band.shape[1]]
    assert np.isfinite(ratio).any()
    assert ratio[np.isfinite(ratio)] == pytest.approx(1, rel=1e-5)


@pytest.mark.parametrize("name", sorted(BASELINES))
def test_a_baseline_predicts_where_a_model_does_and_reads_no_test_contacts(name, tmp_path, inputs):
    band = baselines.predict(name, CONFIG, BASELINES[name](), inputs)["mcool"]["chr2"]
    assert np.isfinite(band[[0, 89, 110, BINS - 1], 0]).all()
    assert np.isnan(band[90:110]).all()
    made = chromosome_arrays()
    for sample in ("a", "b"):
        made[sample, "chr2"]["contacts"][:90] = 3  # test; valid is as it was
    other = replace(inputs, arrays=write(tmp_path, made))
    assert np.array_equal(
        band, baselines.predict(name, CONFIG, BASELINES[name](), other)["mcool"]["chr2"], equal_nan=True
    )


def test_an_unknown_baseline_names_the_nearest(inputs):
    with pytest.raises(InputError, match="did you mean 'ridge'"):
        baselines.predict("rigde", CONFIG, None, inputs)
